/* SPDX-License-Identifier: Apache-2.0 */
/* optimizer_rows.h - option rows and the update that several optimisers share. */
#ifndef ABL_OPTIMIZER_ROWS_H
#define ABL_OPTIMIZER_ROWS_H

#include "hooks.h"

#define ABL_OPTIMIZER_REAL(field) \
	.type = ABL_REAL, .offset = offsetof(struct abl_optimizer_options, field)
#define ABL_ROW_WEIGHT_DECAY                                                                    \
	{                                                                                       \
		.name = "weight_decay", ABL_OPTIMIZER_REAL(weight_decay), .def = .01, .min = 0, \
		.max = 1, .help = "decoupled weight decay, multiplied by the learning rate"     \
	}
#define ABL_ROW_DECAY_NORM_BIAS                                                              \
	{                                                                                    \
		.name = "decay_norm_bias", .type = ABL_BOOL,                                 \
		.offset = offsetof(struct abl_optimizer_options, decay_norm_bias), .def = 0, \
		.help = "apply weight decay to norm parameters and biases too"               \
	}
#define ABL_ROWS_ADAM                                                                         \
	{.name = "adam_beta1",                                                                \
	 ABL_OPTIMIZER_REAL(beta1),                                                           \
	 .def = .9,                                                                           \
	 .min = 0,                                                                            \
	 .max = 1,                                                                            \
	 .below_max = true,                                                                   \
	 .help = "decay rate of the mean gradient"},                                          \
		{.name = "adam_beta2",                                                        \
		 ABL_OPTIMIZER_REAL(beta2),                                                   \
		 .def = .999,                                                                 \
		 .min = 0,                                                                    \
		 .max = 1,                                                                    \
		 .below_max = true,                                                           \
		 .help = "decay rate of the mean squared gradient"},                          \
	{                                                                                     \
		.name = "adam_eps", ABL_OPTIMIZER_REAL(eps), .def = 1e-6, .min = 0, .max = 1, \
		.above_min = true, .help = "added to the root of the mean squared gradient"   \
	}

static inline void abl_adam_update(const struct abl_kernels *k, const struct abl_step_factors *f,
				   const struct abl_update *u)
{
	k->adam(u->w, u->g, u->m, u->v, u->n, f);
}

#endif
