/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_option options[] = {
	{.name = "norm_eps",
	 .type = ABL_REAL,
	 .offset = offsetof(struct abl_norm_options, eps),
	 .def = 1e-12,
	 .min = 0,
	 .max = 1,
	 .above_min = true,
	 .stages = ABL_AT_MODEL,
	 .help = "added to the variance before the square root"},
	{.name = NULL},
};

static void forward(const struct abl_kernels *k, real *y, real *stats, const real *x,
		    const real *gamma, const real *beta, size_t rows, size_t width, real eps)
{
	k->layernorm(y, stats, x, gamma, beta, rows, width, eps);
}

static void backward(const struct abl_kernels *k, real *dx, real *dgamma, real *dbeta,
		     const real *dy, const real *x, const real *stats, const real *gamma,
		     size_t rows, size_t width)
{
	k->layernorm_backward(dx, dgamma, dbeta, dy, x, stats, gamma, rows, width);
}

static void gains(const struct abl_kernels *k, real *dgamma, real *dbeta, const real *dy,
		  const real *x, const real *stats, size_t rows, size_t width, size_t stride)
{
	k->layernorm_gains(dgamma, dbeta, dy, x, stats, rows, width, stride);
}

static const struct abl_norm_hooks hooks = {
	.affine = true, .forward = forward, .backward = backward, .gains = gains};

const struct abl_component abl_norm_layernorm = {
	.slot = ABL_SLOT_NORM,
	.name = "layernorm",
	.help = "layer normalisation with gain and bias (Ba et al. 2016)",
	.version = 1,
	.options = options,
	.hooks = &hooks,
};
