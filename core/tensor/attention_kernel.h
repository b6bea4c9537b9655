/* SPDX-License-Identifier: Apache-2.0 */
/* attention_kernel.h - attention of one sequence in one head whose scores never leave the cache
 * (the scheme of Dao et al. 2022, "FlashAttention"): a few queries at a time see all their keys; of
 * the weights only the logarithm of each query's sum is kept, from which the backward pass makes
 * them again.
 *
 * The fast form (attention_bf16.c) rounds the operands of all products to bf16; sums, the softmax
 * and results are fp32. attention_plain.c rounds in the same places and reads as the formula does:
 * the reference of the tests. */
#ifndef ABL_ATTENTION_KERNEL_H
#define ABL_ATTENTION_KERNEL_H

#include "kernels.h"
#include "real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All memory is the caller's. */
struct abl_attention {
	size_t rows, n, width; /* queries, keys, values of a head */
	const real *q;         /* [rows, width], its rows q_stride apart */
	const real *k, *v;     /* [n, width], kv_stride apart */
	size_t q_stride, kv_stride;
	/* Query r sees the keys up to its own, at[r] - at_first (at NULL: r), and not beyond;
	 * otherwise all. at ascends. */
	bool causal;
	const int32_t *at;
	int32_t at_first;
	real scale; /* on the scores, above 0 */
	/* Dropout of the weights: bits as draw_mask() of kernels.h sets them, [rows,
	 * ABL_MASK_WORDS(n)], and what is kept times keep_scale. NULL: none. */
	const uint16_t *masks;
	real keep_scale;
	real *out; /* [rows, width], out_stride apart: set by forward, read by backward */
	size_t out_stride;
	real *log_sums; /* [rows], likewise */
	void *scratch;  /* abl_attention_scratch() bytes of the thread's own, aligned to 64 */
};

/* Of d_out, the gradient of out, as far apart; dq, dk and dv are set, as far apart as q, k and v.
 */
struct abl_attention_gradients {
	const real *d_out;
	real *dq, *dk, *dv;
};

struct abl_attention_form {
	size_t (*scratch)(size_t n, size_t width); /* bytes for up to n keys; NULL: none */
	void (*forward)(const struct abl_attention *a);
	void (*backward)(const struct abl_attention *a, const struct abl_attention_gradients *g);
};

/* Bytes of scratch for up to n keys, enough for whichever form abl_attention_bf16() gives. */
size_t abl_attention_scratch(size_t n, size_t width);
/* The fast form in bf16; NULL where the build or the CPU has none, or these kernels are below what
 * it takes. */
const struct abl_attention_form *abl_attention_bf16(const struct abl_kernels *k);

extern const struct abl_attention_form abl_attention_form_bf16, abl_attention_form_plain;

#endif
