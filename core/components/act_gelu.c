/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static void forward(const struct abl_kernels *k, real *y, const real *x, size_t n)
{
	k->gelu(y, x, n);
}

static void backward(const struct abl_kernels *k, real *dx, const real *dy, const real *x, size_t n)
{
	k->gelu_backward(dx, dy, x, n);
}

static const struct abl_activation_hooks hooks = {
	.forward = forward, .backward = backward, .hf_name = "gelu"};

const struct abl_component abl_act_gelu = {
	.slot = ABL_SLOT_ACTIVATION,
	.name = "gelu",
	.help = "x times the normal distribution function, computed exactly (erf)",
	.version = 1,
	.hooks = &hooks,
};
