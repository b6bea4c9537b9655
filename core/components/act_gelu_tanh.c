/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static void forward(const struct abl_kernels *k, real *y, const real *x, size_t n)
{
	k->gelu_tanh(y, x, n);
}

static void backward(const struct abl_kernels *k, real *dx, const real *dy, const real *x, size_t n)
{
	k->gelu_tanh_backward(dx, dy, x, n);
}

static const struct abl_activation_hooks hooks = {
	.forward = forward, .backward = backward, .hf_name = "gelu_new"};

const struct abl_component abl_act_gelu_tanh = {
	.slot = ABL_SLOT_ACTIVATION,
	.name = "gelu_tanh",
	.help = "gelu in its tanh approximation, as in the published BERT code",
	.version = 1,
	.hooks = &hooks,
};
