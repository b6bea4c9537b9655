/* SPDX-License-Identifier: Apache-2.0 */
/* test_ragged.c - one batch of sequences of 1 to 512 tokens: attention, whose way depends on the
 * length and the precision, with dropout. In bf16 near fp32; threads change no bit in either. */
#include "small_model.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 512 };
static const size_t lengths[] = {1, 130, 17, 512, 64, 33, 257, 2, 128};
enum { SEQUENCES = sizeof lengths / sizeof *lengths };

/* What the tests go through: the attention of each kind, with heads of 64, 32 and 16 values. */
static const struct kind {
	int64_t heads;
	bool pretraining, causal;
} kinds[] = {
	{1, true, false}, {1, false, false}, {1, false, true}, {2, true, false}, {4, true, false}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void make_batch(struct abl_batch *b)
{
	size_t tokens = 0;

	for (size_t s = 0; s < SEQUENCES; s++)
		tokens += lengths[s];
	ck_assert_int_eq(abl_batch_init(b, tokens, SEQUENCES, NULL), 0);
	for (size_t s = 0; s < SEQUENCES; s++) {
		b->read[s] = (int32_t)b->tokens;
		b->label[s] = s % 2;
		for (size_t i = 0; i < lengths[s]; i++, b->tokens++) {
			b->piece[b->tokens] = (int32_t)(8 + (7 * s + i * i) % 20);
			b->position[b->tokens] = (uint32_t)i;
			b->example[b->tokens] = 40 + s;
			if (i % 7 == 3)
				abl_batch_add_target(b, b->tokens, (int32_t)(8 + i % 20));
		}
		b->offset[++b->sequences] = (int32_t)b->tokens;
	}
}

static struct abl_model *make_model(const struct abl_compute *compute, const struct kind *kind,
				    const struct abl_batch *b)
{
	struct abl_config c;
	struct abl_model_request r = {.compute = compute,
				      .config = &c,
				      .vocab_size = PIECES,
				      .train = true,
				      .pretraining = kind->pretraining,
				      .max_tokens = b->tokens,
				      .max_sequences = b->sequences,
				      .seed = 5,
				      .dropout_seed = 5};
	struct abl_err err = {0};
	struct abl_model *m = NULL;

	small_config(&c);
	c.hidden = 64, c.heads = kind->heads, c.ffn_size = 64, c.max_length = LONGEST;
	c.init_range = .15;
	if (kind->causal)
		ck_assert(small_choose(&c, abl_component_find(ABL_SLOT_ATTENTION, "causal")));
	ck_assert_msg(!abl_config_resolve(&c, NULL, &err), "%s", err.text);
	if (kind->pretraining)
		r.heads[r.head_count++].name = "mlm";
	else
		r.heads[r.head_count++] = (struct abl_head_request){"classify", 2};
	ck_assert_msg(!abl_model_create(&m, &r, &err), "%s", err.text);
	return m;
}

/* The gradients of one pass, the caller's. */
static float *gradients(const struct kind *kind, const char *in, int threads, double *loss,
			size_t *count)
{
	struct abl_compute *compute = compute_of(in, threads);
	struct abl_pass pass = {.train = true, .step = 2, .token_scale = .01, .sequence_scale = .1};
	struct abl_batch b = {0};
	struct abl_model *m;
	struct abl_params *p;
	float *out;

	make_batch(&b);
	m = make_model(compute, kind, &b);
	p = abl_model_params(m);
	memset(p->g, 0, p->values * sizeof *p->g);
	abl_model_pass(m, &b, &pass);
	*loss = pass.loss;
	*count = p->values;
	out = malloc(p->values * sizeof *out);
	ck_assert_ptr_nonnull(out);
	memcpy(out, p->g, p->values * sizeof *out);
	abl_model_destroy(m);
	abl_batch_finish(&b);
	abl_compute_destroy(compute);
	return out;
}

START_TEST(test_ragged__bf16_near_fp32)
{
	double loss[2], off = 0, size = 0;
	size_t n;
	float *want = gradients(&kinds[_i], "fp32", 1, &loss[0], &n),
	      *got = gradients(&kinds[_i], "bf16", 1, &loss[1], &n);

	for (size_t i = 0; i < n; i++) {
		off += pow((double)got[i] - (double)want[i], 2);
		size += pow((double)want[i], 2);
	}
	ck_assert_msg(fabs(loss[1] - loss[0]) < 2e-3 * loss[0], "loss %g, in fp32 %g", loss[1],
		      loss[0]);
	ck_assert_msg(off < size * pow(.02, 2), "gradient off by %g of its length",
		      sqrt(off / size));
	ck_assert_msg(off > size * pow(1e-5, 2), "nothing was rounded");
	free(want), free(got);
}
END_TEST

/* One of three threads may end for two: what is kept for it ends, too. */
static void check_threads(const struct kind *kind, const char *in)
{
	double loss, same;
	size_t n;
	float *alone = gradients(kind, in, 1, &loss, &n);

	for (int threads = 3; threads >= 2; threads--) {
		float *together = gradients(kind, in, threads, &same, &n);

		ck_assert_msg(!memcmp(alone, together, n * sizeof *alone), "%s: %d threads", in,
			      threads);
		free(together);
	}
	free(alone);
}

START_TEST(test_ragged__threads_change_no_bits)
{
	check_threads(&kinds[_i], "fp32");
}
END_TEST

START_TEST(test_ragged__threads_change_no_bits_in_bf16)
{
	check_threads(&kinds[_i], "bf16");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("ragged");
	struct abl_err err = {0};
	int failed;

	small_vocab_make();
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_ragged__threads_change_no_bits, 0, KINDS);
	if (abl_compute_check("bf16", &err)) {
		printf("# SKIP: gradients in bf16: %s\n", err.text);
	} else {
		tcase_add_loop_test(t, test_ragged__bf16_near_fp32, 0, KINDS);
		tcase_add_loop_test(t, test_ragged__threads_change_no_bits_in_bf16, 0, KINDS);
	}
	failed = run_case(t, "ragged");
	small_vocab_drop();
	return failed;
}
