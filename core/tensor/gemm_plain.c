/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_plain.c - the product as it is defined, summed in double: what the others are compared with,
 * and what gradient checks run on. */
#include "gemm_backend.h"

static void multiply_plain(const struct abl_compute *c, const struct abl_gemm *g)
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
	abl_gemm_add_bias(c, g, 0, g->m);
}

const struct abl_gemm_backend abl_gemm_plain = {.name = "plain", .multiply = multiply_plain};
