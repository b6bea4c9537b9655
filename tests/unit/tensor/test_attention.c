/* SPDX-License-Identifier: Apache-2.0 */
/* test_attention.c - attention in bf16, forward and backward, against the plain form, which rounds
 * in the same places: what differs is the order of fp32 sums, and here and there a weight that lay
 * near the middle of two bf16 and went to the other one. */
#include "attention_kernel.h"
#include "kernels.h"
#include "rng.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP ((size_t)7) /* values between rows, which nobody may touch */

static const size_t lengths[] = {1,  2,  3,   15,  16,  17,  27,  31,  32,  33,  48,  63, 64,
				 65, 97, 127, 128, 129, 192, 200, 255, 256, 300, 383, 512};
enum { LENGTHS = sizeof lengths / sizeof *lengths };
static const size_t widths[] = {32, 64, 33, 96, 2};
enum { WIDTHS = sizeof widths / sizeof *widths };

static float *drawn(size_t n, uint64_t key, float size)
{
	float *x = malloc((n + 1) * sizeof *x);

	ck_assert_ptr_nonnull(x);
	for (size_t i = 0; i < n; i++)
		x[i] = size * (float)(2 * abl_rng_uniform(key, 0, i) - 1);
	return x;
}

static const struct abl_kernels *kernels; /* of this run */

/* One call with memory of its own: q, k, v, d_out and what is made of them. */
struct call {
	struct abl_attention a;
	struct abl_attention_gradients g;
	float *q, *k, *v, *d_out, *out, *dq, *dk, *dv, *log_sums;
	uint16_t *masks;
	int32_t *at;
};

struct kind {
	size_t n, width;
	size_t each; /* every so many-th key has a query */
	bool causal, dropout;
	float size; /* of q and k */
};

static void draw_masks(struct call *c, const struct kind *kind)
{
	const struct abl_dropout d = abl_dropout_make(11, .2);
	const size_t words = ABL_MASK_WORDS(kind->n);

	c->masks = calloc(c->a.rows * words, sizeof *c->masks);
	ck_assert_ptr_nonnull(c->masks);
	for (size_t r = 0; r < c->a.rows; r++)
		kernels->draw_mask(c->masks + r * words, kind->n, &d, 5, (uint32_t)r);
	c->a.keep_scale = d.scale;
}

static void make_call(struct call *c, const struct kind *kind)
{
	const size_t rows = (kind->n + kind->each - 1) / kind->each, row = kind->width + GAP;

	*c = (struct call){
		.a = {.rows = rows, .n = kind->n, .width = kind->width, .causal = kind->causal}};
	c->q = drawn(rows * row, 1, kind->size);
	c->k = drawn(kind->n * row, 2, kind->size);
	c->v = drawn(kind->n * row, 3, 1);
	c->d_out = drawn(rows * row, 4, 1);
	c->out = drawn(rows * row, 5, 1);
	c->dq = drawn(rows * row, 6, 1);
	c->dk = drawn(kind->n * row, 7, 1);
	c->dv = drawn(kind->n * row, 8, 1);
	c->log_sums = drawn(rows, 9, 1);
	if (kind->each > 1) {
		c->at = calloc(rows, sizeof *c->at);
		ck_assert_ptr_nonnull(c->at);
		for (size_t r = 0; r < rows; r++)
			c->at[r] = (int32_t)(100 + r * kind->each);
	}
	if (kind->dropout)
		draw_masks(c, kind);
	c->a.q = c->q, c->a.k = c->k, c->a.v = c->v, c->a.out = c->out;
	c->a.q_stride = c->a.kv_stride = c->a.out_stride = row;
	c->a.at = c->at, c->a.at_first = 100;
	c->a.scale = (float)(1 / sqrt((double)kind->width));
	c->a.masks = c->masks;
	c->a.log_sums = c->log_sums;
	c->g = (struct abl_attention_gradients){c->d_out, c->dq, c->dk, c->dv};
}

static void drop_call(struct call *c)
{
	free(c->q), free(c->k), free(c->v), free(c->d_out), free(c->out), free(c->dq);
	free(c->dk), free(c->dv), free(c->log_sums), free(c->masks), free(c->at);
}

static void run(const struct abl_attention_form *form, struct call *c)
{
	const size_t bytes = form->scratch ? form->scratch(c->a.n, c->a.width) : 0,
		     whole = (bytes + 63) / 64 * 64;
	unsigned char *scratch = aligned_alloc(64, whole + 64);

	ck_assert_ptr_nonnull(scratch);
	memset(scratch, 0xff, whole + 64); /* not-a-number, and a mark behind it */
	c->a.scratch = scratch;
	form->forward(&c->a);
	memset(scratch, 0xff, whole + 64);
	form->backward(&c->a, &c->g);
	for (size_t i = bytes; i < whole + 64; i++)
		ck_assert_uint_eq(scratch[i], 0xff);
	free(scratch);
}

/* Within `tolerance` of the plain one's length, or of what that may be where all cancels out (one
 * key); what lies between the rows is as it was. */
static void compare(const float *fast, const float *plain, const float *before, size_t rows,
		    size_t width, double tolerance, const char *what, const struct kind *kind)
{
	double off = 0, size = 0;

	for (size_t r = 0; r < rows; r++) {
		const size_t row = r * (width + GAP);

		for (size_t i = 0; i < width; i++) {
			off += pow((double)fast[row + i] - (double)plain[row + i], 2);
			size += pow((double)plain[row + i], 2);
		}
		ck_assert_mem_eq(fast + row + width, before + row + width, GAP * sizeof *fast);
	}
	ck_assert_msg(sqrt(off) <= tolerance * fmax(sqrt(size), .1 * sqrt((double)rows)),
		      "%s: n %zu, width %zu, every %zu-th,%s%s size %g: off by %g of its length",
		      what, kind->n, kind->width, kind->each, kind->causal ? " causal," : "",
		      kind->dropout ? " dropout," : "", (double)kind->size, sqrt(off / size));
}

static void check(const struct kind *kind, double tolerance)
{
	struct call fast, plain, before;

	make_call(&fast, kind);
	make_call(&plain, kind);
	make_call(&before, kind);
	run(abl_attention_bf16(kernels), &fast);
	run(&abl_attention_form_plain, &plain);
	compare(fast.out, plain.out, before.out, fast.a.rows, kind->width, tolerance, "out", kind);
	compare(fast.dq, plain.dq, before.dq, fast.a.rows, kind->width, tolerance, "dq", kind);
	compare(fast.dk, plain.dk, before.dk, kind->n, kind->width, tolerance, "dk", kind);
	compare(fast.dv, plain.dv, before.dv, kind->n, kind->width, tolerance, "dv", kind);
	for (size_t r = 0; r < fast.a.rows; r++)
		ck_assert_double_eq_tol((double)fast.log_sums[r], (double)plain.log_sums[r],
					1e-5 * fmax(1, fabs((double)plain.log_sums[r])));
	drop_call(&fast), drop_call(&plain), drop_call(&before);
}

/* Of both, causal and dropout, each and none; long sequences, which take their time: none and
 * both. */
#define EACH_FORM(form, n) (int form = 0; form<4; form += (n)> 130 ? 3 : 1)

START_TEST(test_attention__all_lengths)
{
	for
		EACH_FORM(form, lengths[_i])
	for (size_t w = 0; w < WIDTHS; w++)
		if (widths[w] == 64 || lengths[_i] < 130)
			check(&(struct kind){.n = lengths[_i],
					     .width = widths[w],
					     .each = 1,
					     .causal = form & 1,
					     .dropout = form & 2,
					     .size = 1.5f},
			      1e-3);
}
END_TEST

/* As in the last layer: fewer queries than keys. */
START_TEST(test_attention__some_queries)
{
	static const size_t each[] = {2, 6, 13, 600};

	for
		EACH_FORM(form, lengths[_i])
	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		check(&(struct kind){.n = lengths[_i],
				     .width = 64,
				     .each = each[i],
				     .causal = form & 1,
				     .dropout = form & 2,
				     .size = 1.5f},
		      2e-3);
}
END_TEST

/* Scores up to some thousands: one key takes nearly all. None is so large that fp32 gives way. */
START_TEST(test_attention__sharp)
{
	for
		EACH_FORM(form, lengths[_i])
	check(&(struct kind){.n = lengths[_i],
			     .width = 64,
			     .each = 1,
			     .causal = form & 1,
			     .dropout = form & 2,
			     .size = 30},
	      2e-2);
}
END_TEST

/* What a diverged training brings: not-a-number comes through, to the rows that saw it. */
START_TEST(test_attention__not_a_number)
{
	const struct kind kind = {.n = 70, .width = 32, .each = 1, .causal = true, .size = 1};
	struct call c;

	make_call(&c, &kind);
	c.k[50 * (kind.width + GAP) + 3] = NAN;
	run(abl_attention_bf16(kernels), &c);
	for (size_t r = 0; r < kind.n; r++)
		ck_assert_int_eq(isnan(c.out[r * (kind.width + GAP)]) != 0, r >= 50);
	drop_call(&c);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("attention");

	kernels = abl_kernels_choose();
	if (!abl_attention_bf16(kernels)) {
		printf("1..0 # SKIP this CPU or build has no attention in bf16\n");
		return 0;
	}
	tcase_set_timeout(t, 240);
	tcase_add_loop_test(t, test_attention__all_lengths, 0, LENGTHS);
	tcase_add_loop_test(t, test_attention__some_queries, 0, LENGTHS);
	tcase_add_loop_test(t, test_attention__sharp, 0, LENGTHS);
	tcase_add_test(t, test_attention__not_a_number);
	return run_case(t, "attention");
}
