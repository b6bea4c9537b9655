/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

#include <string.h>

static void forward(const struct abl_kernels *k, real *y, real *stats, const real *x,
		    const real *gamma, const real *beta, size_t rows, size_t width, real eps)
{
	(void)k, (void)stats, (void)gamma, (void)beta, (void)eps;
	memcpy(y, x, rows * width * sizeof *y);
}

static void backward(const struct abl_kernels *k, real *dx, real *dgamma, real *dbeta,
		     const real *dy, const real *x, const real *stats, const real *gamma,
		     size_t rows, size_t width)
{
	(void)k, (void)dgamma, (void)dbeta, (void)x, (void)stats, (void)gamma;
	memmove(dx, dy, rows * width * sizeof *dx);
}

static const struct abl_norm_hooks hooks = {
	.affine = false, .forward = forward, .backward = backward};

const struct abl_component abl_norm_none = {
	.slot = ABL_SLOT_NORM,
	.name = "none",
	.help = "identity: nothing is normalised",
	.version = 1,
	.hooks = &hooks,
};
