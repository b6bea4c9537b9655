/* SPDX-License-Identifier: Apache-2.0 */
/* optimize.h - one optimiser step over all parameters: clip by the global norm, then each tensor
 * with its learning rate (layer_decay, freeze) and its decay. A table with few touched rows waits
 * (lazy.h). */
#ifndef ABL_OPTIMIZE_H
#define ABL_OPTIMIZE_H

#include "model.h"

/* step from 0 of steps. Gradients are used up (zero afterwards). *norm (may be NULL) is the global
 * norm before clipping; with a norm that is not finite nothing is changed. Returns the learning
 * rate. */
double abl_optimize(struct abl_model *m, const struct abl_recipe *recipe, int64_t step,
		    int64_t steps, double *norm);
/* The gradients of the passes since the last step: the square of their norm; back to 0. */
double abl_gradient_squares(struct abl_model *m);
void abl_gradient_clear(struct abl_model *m);

#endif
