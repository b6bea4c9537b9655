/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_blis.c - the product by BLIS. */
#include "gemm_backend.h"
#include "kernels.h"

#include <blis.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* BLIS picks its kernels from the CPU's name and knows neither new AMD nor many cloud Xeons
 * (measured: 1.6x lost). So the sub-configuration is chosen, before the first call, from the set
 * that our other kernels run with: from what the CPU can do. The process has but one. */
static void start_once(void)
{
	static const struct {
		const char *set;
		arch_t arch;
	} all[] = {{"avx512", BLIS_ARCH_SKX}, {"avx2", BLIS_ARCH_HASWELL}};
	const struct abl_kernels *k = abl_kernels_choose();
	char number[16];

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i].set, k->name)) {
			snprintf(number, sizeof number, "%d", (int)all[i].arch);
			setenv("BLIS_ARCH_TYPE", number, 0); /* what the user set stays */
		}
	bli_init();
	bli_thread_set_num_threads(1);
}

static void start_blis(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start_once);
}

static void multiply_blis(const struct abl_compute *c, const struct abl_gemm *g)
{
	float alpha = g->alpha, beta = g->beta;

	bli_sgemm(g->at ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE,
		  g->bt ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE, (dim_t)g->m, (dim_t)g->n, (dim_t)g->k,
		  &alpha, (float *)(uintptr_t)g->a, (inc_t)g->lda, 1, (float *)(uintptr_t)g->b,
		  (inc_t)g->ldb, 1, &beta, g->c, (inc_t)g->ldc, 1);
	abl_gemm_add_bias(c, g, 0, g->m);
}

static const char *blis_kernel_set(const struct abl_kernels *k)
{
	(void)k;
	return bli_arch_string(bli_arch_query_id());
}

const struct abl_gemm_backend abl_gemm_blis = {.name = "blis",
					       .start = start_blis,
					       .kernel_set = blis_kernel_set,
					       .multiply = multiply_blis};
