/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static void forward(const struct abl_kernels *k, real *y, const real *x, size_t n)
{
	k->relu(y, x, n);
}

static void backward(const struct abl_kernels *k, real *dx, const real *dy, const real *x, size_t n)
{
	k->relu_backward(dx, dy, x, n);
}

static const struct abl_activation_hooks hooks = {
	.forward = forward, .backward = backward, .hf_name = "relu"};

const struct abl_component abl_act_relu = {
	.slot = ABL_SLOT_ACTIVATION,
	.name = "relu",
	.help = "max(0, x)",
	.version = 1,
	.hooks = &hooks,
};
