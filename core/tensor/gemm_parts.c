/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_parts.c - what a back end leaves to others of C = alpha A B + beta C + bias. */
#include "gemm_backend.h"
#include "kernels.h"

void abl_gemm_add_bias(const struct abl_gemm *g, size_t from, size_t rows)
{
	for (size_t r = from; g->bias && r < from + rows; r++)
		abl_kernels()->add_bias(g->c + r * g->ldc, g->bias, 1, g->n);
}

void abl_gemm_scale(const struct abl_gemm *g)
{
	for (size_t i = 0; i < g->m; i++)
		for (size_t j = 0; j < g->n; j++)
			g->c[i * g->ldc + j] *= g->beta;
}
