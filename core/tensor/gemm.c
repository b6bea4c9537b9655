/* SPDX-License-Identifier: Apache-2.0 */
#include "gemm.h"

#include "str.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#ifndef ABL_DOUBLE
#include <blis.h>
#endif

struct backend {
	const char *name;
	void (*start)(void); /* once, before the first product; may be NULL */
	void (*multiply)(const struct abl_gemm *g);
};

static int thread_count = 1;

static void multiply_plain(const struct abl_gemm *g)
{
	for (size_t i = 0; i < g->m; i++)
		for (size_t j = 0; j < g->n; j++) {
			double sum = 0;

			for (size_t p = 0; p < g->k; p++)
				sum += (double)(g->at ? g->a[p * g->lda + i]
						      : g->a[i * g->lda + p]) *
				       (double)(g->bt ? g->b[j * g->ldb + p]
						      : g->b[p * g->ldb + j]);
			sum *= (double)g->alpha;
			if (g->beta != 0)
				sum += (double)(g->beta * g->c[i * g->ldc + j]);
			g->c[i * g->ldc + j] = (real)sum;
		}
}

#ifndef ABL_DOUBLE
/* BLIS picks its kernels from the CPU's name and knows neither new AMD nor many cloud Xeons
 * (measured: 1.6x lost). So the sub-configuration is chosen from what the CPU can do, before the
 * first call. */
static void start_blis(void)
{
	char number[16];
	int arch = -1;

#ifdef __x86_64__
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
		arch = BLIS_ARCH_SKX;
	else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		arch = BLIS_ARCH_HASWELL;
#endif
	if (arch >= 0) {
		snprintf(number, sizeof number, "%d", arch);
		setenv("BLIS_ARCH_TYPE", number, 0); /* what the user set stays */
	}
	bli_init();
	bli_thread_set_num_threads(1);
}

static void multiply_blis(const struct abl_gemm *g)
{
	float alpha = g->alpha, beta = g->beta;

	bli_sgemm(g->at ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE,
		  g->bt ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE, (dim_t)g->m, (dim_t)g->n, (dim_t)g->k,
		  &alpha, (float *)(uintptr_t)g->a, (inc_t)g->lda, 1, (float *)(uintptr_t)g->b,
		  (inc_t)g->ldb, 1, &beta, g->c, (inc_t)g->ldc, 1);
}
#endif

static const struct backend backends[] = {
#ifndef ABL_DOUBLE
	{"blis", start_blis, multiply_blis},
#endif
	{"plain", NULL, multiply_plain},
};

static const struct backend *backend(void)
{
	static const struct backend *chosen;
	const char *forced;

	if (chosen)
		return chosen;
	forced = getenv("ABLATE_GEMM");
	chosen = &backends[0];
	for (size_t i = 0; forced && i < sizeof backends / sizeof *backends; i++)
		if (!strcmp(backends[i].name, forced))
			chosen = &backends[i];
	if (chosen->start)
		chosen->start();
	return chosen;
}

const char *abl_gemm_backend(void)
{
	return backend()->name;
}

const char *abl_gemm_kernel_set(void)
{
#ifndef ABL_DOUBLE
	if (backend()->multiply == multiply_blis)
		return bli_arch_string(bli_arch_query_id());
#endif
	return "-";
}

void abl_gemm_threads(int threads)
{
	thread_count = threads;
}

int abl_gemm_thread_count(void)
{
	return thread_count;
}

#define SPLIT_UNIT ((size_t)96)         /* a multiple of the micro-tiles' sides */
#define SPLIT_FLOPS ((double)(1 << 21)) /* below this a product is not worth a second thread */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Splits the longer of rows and columns into whole units, one run of units for each thread. */
static void multiply_split(const struct abl_gemm *g, int threads)
{
	bool by_rows = g->m >= g->n;
	size_t units = ((by_rows ? g->m : g->n) + SPLIT_UNIT - 1) / SPLIT_UNIT;

#pragma omp parallel for num_threads(threads) schedule(static)
	for (int t = 0; t < threads; t++) {
		size_t from = units * (size_t)t / (size_t)threads * SPLIT_UNIT;
		size_t to = units * (size_t)(t + 1) / (size_t)threads * SPLIT_UNIT;
		struct abl_gemm part = *g;

		if (by_rows) {
			part.m = least(to, g->m) - least(from, g->m);
			part.a += from * (g->at ? 1 : g->lda);
			part.c += from * g->ldc;
		} else {
			part.n = least(to, g->n) - least(from, g->n);
			part.b += from * (g->bt ? g->ldb : 1);
			part.c += from;
		}
		if (part.m && part.n)
			backend()->multiply(&part);
	}
}

void abl_gemm(const struct abl_gemm *g)
{
	if (!g->m || !g->n)
		return;
	if (thread_count > 1 && !omp_in_parallel() &&
	    2. * (double)g->m * (double)g->n * (double)g->k > SPLIT_FLOPS) {
		(void)backend();
		multiply_split(g, thread_count);
	} else {
		backend()->multiply(g);
	}
}

void abl_linear(real *y, const real *x, const real *w, size_t rows, size_t in, size_t out)
{
	abl_gemm(&(struct abl_gemm){.bt = true,
				    .m = rows,
				    .n = out,
				    .k = in,
				    .alpha = 1,
				    .a = x,
				    .lda = in,
				    .b = w,
				    .ldb = in,
				    .beta = 0,
				    .c = y,
				    .ldc = out});
}

void abl_linear_backward_input(real *dx, const real *dy, const real *w, size_t rows, size_t in,
			       size_t out, bool add)
{
	abl_gemm(&(struct abl_gemm){.m = rows,
				    .n = in,
				    .k = out,
				    .alpha = 1,
				    .a = dy,
				    .lda = out,
				    .b = w,
				    .ldb = in,
				    .beta = add,
				    .c = dx,
				    .ldc = in});
}

void abl_linear_backward_weight(real *dw, const real *dy, const real *x, size_t rows, size_t in,
				size_t out)
{
	abl_gemm(&(struct abl_gemm){.at = true,
				    .m = out,
				    .n = in,
				    .k = rows,
				    .alpha = 1,
				    .a = dy,
				    .lda = out,
				    .b = x,
				    .ldb = in,
				    .beta = 1,
				    .c = dw,
				    .ldc = in});
}
