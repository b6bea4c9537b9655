/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

#include <string.h>

static void forward(const struct abl_kernels *k, real *y, const real *x, size_t n)
{
	(void)k;
	memmove(y, x, n * sizeof *y);
}

static void backward(const struct abl_kernels *k, real *dx, const real *dy, const real *x, size_t n)
{
	(void)k, (void)x;
	memmove(dx, dy, n * sizeof *dx);
}

static const struct abl_activation_hooks hooks = {
	.forward = forward, .backward = backward, .hf_name = "linear"};

const struct abl_component abl_act_none = {
	.slot = ABL_SLOT_ACTIVATION,
	.name = "none",
	.help = "identity: the feed-forward layer is linear",
	.version = 1,
	.hooks = &hooks,
};
