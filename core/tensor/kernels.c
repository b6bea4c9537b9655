/* SPDX-License-Identifier: Apache-2.0 */
/* kernels.c - the choice of the kernel set, and the calls that go through it. */
#include "kernels.h"

#include <stdlib.h>
#include <string.h>

static const struct abl_kernels *chosen;

/* Best first. The vector sets exist in the float build on x86-64. */
static const struct abl_kernels *candidate(size_t i)
{
#if defined __x86_64__ && !defined ABL_DOUBLE
	__builtin_cpu_init();
	if (i == 0)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
				       __builtin_cpu_supports("avx512bw") &&
				       __builtin_cpu_supports("avx512vl")
			       ? &abl_kernels_avx512
			       : candidate(1);
	if (i == 1)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
			       ? &abl_kernels_avx2
			       : candidate(2);
#endif
	(void)i;
	return &abl_kernels_plain;
}

const struct abl_kernels *abl_kernels_find(const char *name)
{
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(candidate(i)->name, name))
			return candidate(i);
	return NULL;
}

const struct abl_kernels *abl_kernels(void)
{
	if (!chosen) {
		const char *forced = getenv("ABLATE_KERNELS");

		chosen = forced ? abl_kernels_find(forced) : NULL;
		if (!chosen)
			chosen = candidate(0);
	}
	return chosen;
}

void abl_kernels_use(const struct abl_kernels *set)
{
	chosen = set;
}

struct abl_dropout abl_dropout_make(uint64_t key, double rate)
{
	uint32_t threshold = (uint32_t)(rate * 65536 + .5);

	return (struct abl_dropout){
		.key = key,
		.threshold = threshold,
		.scale = threshold < 65536 ? (real)(65536. / (65536 - threshold)) : 0};
}

void abl_gelu(real *y, const real *x, size_t n)
{
	abl_kernels()->gelu(y, x, n);
}

void abl_gelu_backward(real *dx, const real *dy, const real *x, size_t n)
{
	abl_kernels()->gelu_backward(dx, dy, x, n);
}

void abl_gelu_tanh(real *y, const real *x, size_t n)
{
	abl_kernels()->gelu_tanh(y, x, n);
}

void abl_gelu_tanh_backward(real *dx, const real *dy, const real *x, size_t n)
{
	abl_kernels()->gelu_tanh_backward(dx, dy, x, n);
}

void abl_relu(real *y, const real *x, size_t n)
{
	abl_kernels()->relu(y, x, n);
}

void abl_relu_backward(real *dx, const real *dy, const real *x, size_t n)
{
	abl_kernels()->relu_backward(dx, dy, x, n);
}

void abl_layernorm(real *y, real *stats, const real *x, const real *gamma, const real *beta,
		   size_t rows, size_t width, real eps)
{
	abl_kernels()->layernorm(y, stats, x, gamma, beta, rows, width, eps);
}

void abl_layernorm_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x,
			    const real *stats, const real *gamma, size_t rows, size_t width)
{
	abl_kernels()->layernorm_backward(dx, dgamma, dbeta, dy, x, stats, gamma, rows, width);
}

void abl_adam(real *w, const real *g, real *m, real *v, size_t n, const struct abl_step_factors *s)
{
	abl_kernels()->adam(w, g, m, v, n, s);
}

void abl_dropout_row(real *x, uint16_t *mask, size_t width, const struct abl_dropout *d,
		     uint64_t example, uint32_t row)
{
	if (!d->threshold)
		return;
	abl_kernels()->draw_mask(mask, width, d, example, row);
	abl_kernels()->apply_mask(x, x, width, mask, d->scale);
}
