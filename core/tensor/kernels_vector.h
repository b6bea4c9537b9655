/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_vector.h - what the files of one vector set share. They are built once for each
 * instruction set with -DABL_SET=avx2 or avx512, which ends the names. */
#ifndef ABL_KERNELS_VECTOR_H
#define ABL_KERNELS_VECTOR_H

#include "kernels.h"
#include "vector_math.h"

#define PASTE_NAMES(a, b) a##b
#define PASTE(a, b) PASTE_NAMES(a, b)
#define IN_SET(name) PASTE(name, ABL_SET)

/* kernels_norm.c */
void IN_SET(layernorm_)(float *y, float *stats, const float *x, const float *gamma,
			const float *beta, size_t rows, size_t width, float eps);
void IN_SET(layernorm_backward_)(float *dx, float *dgamma, float *dbeta, const float *dy,
				 const float *x, const float *stats, const float *gamma,
				 size_t rows, size_t width);
void IN_SET(layernorm_gains_)(float *dgamma, float *dbeta, const float *dy, const float *x,
			      const float *stats, size_t rows, size_t width, size_t stride);
/* kernels_softmax.c */
void IN_SET(softmax_)(float *s, size_t n, size_t stride, float scale);
void IN_SET(softmax_backward_)(float *dp, const float *p, size_t n, float scale);
void IN_SET(cross_entropy_)(struct abl_row_loss *c, size_t rows, float *logits, const float *bias,
			    float *d_bias, size_t n, float gradient);
/* kernels_dropout.c */
void IN_SET(draw_mask_)(uint16_t *mask, size_t width, const struct abl_dropout *d, uint64_t example,
			uint32_t row);
void IN_SET(apply_mask_)(float *y, const float *x, size_t width, const uint16_t *mask, float scale);
void IN_SET(join_row_)(float *sum, const float *f, const float *bias, const float *x, float keep,
		       size_t width, const uint16_t *mask, float scale);

#endif
