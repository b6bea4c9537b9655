/* SPDX-License-Identifier: Apache-2.0 */
/* noise.h - the gradient noise scale of a training run: tr(Sigma) / |G|^2, G the gradient and Sigma
 * the covariance of one example's (the "simple" scale of McCandlish et al. 2018, "An empirical
 * model of large-batch training", appendix A.1). About that many examples in a batch is where
 * larger ones begin to stop paying.
 *
 * From the squared lengths of the mean gradients of a batch and of a part of it both are estimated
 * without bias, whatever the two sizes; single estimates are wild, so each of the two is summed
 * over the steps before the ratio is taken. The loop measures it as a by-product (loop.c): of a
 * batch of several micro-batches the first one is the part; a batch of one micro-batch gets, every
 * 32nd step, an extra pass over its first half. Neither changes what is learnt. An example is an
 * item: a sequence, or a question with all its choices. */
#ifndef ABL_NOISE_H
#define ABL_NOISE_H

#include "state.h"

#include <stddef.h>

/* One more step: squared length of the mean gradient of `part` items, and of the `whole` batch they
 * belong to; 0 < part < whole. */
void abl_noise_add(struct abl_noise *n, double part_square, size_t part, double whole_square,
		   size_t whole);
/* In examples; NaN without a sample, or where the noise hides the gradient: no sum of squares above
 * zero came out. */
double abl_noise_scale(const struct abl_noise *n);

#endif
