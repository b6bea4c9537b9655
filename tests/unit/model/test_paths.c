/* SPDX-License-Identifier: Apache-2.0 */
/* test_paths.c - the gradients of every component and head on one code path of the float build,
 * against those of the plain kernels and the plain product (which the double build holds against
 * finite differences): within TOLERANCE of max(|tensor|, |all| / 100), |.| the Euclidean norm. In
 * bf16, by the whole gradient's length: its operands are off by 2^-9. meson runs it for each
 * kernel set and back end. */
#include "code_path.h"
#include "optimize.h"
#include "small_model.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 5e-5     /* the worst found is 1.4e-5: the model without norms */
#define TOLERANCE_BF16 .05 /* .03: relu, where rounding moves values across 0; others .01 */

/* The plain form, and what this run is of in fp32 and in bf16 (NULL where that cannot be). */
static struct abl_compute *plain, *fp32, *bf16;

/* The loss of one pass; its gradients, the caller's, to *out. */
static double gradients(struct abl_model *m, const struct abl_batch *b, float **out)
{
	struct abl_pass pass = {.train = true, .step = 3, .token_scale = .5, .sequence_scale = .25};
	struct abl_params *p = abl_model_params(m);

	memset(p->g, 0, p->values * sizeof *p->g);
	abl_model_pass(m, b, &pass);
	*out = malloc(p->values * sizeof **out);
	ck_assert_ptr_nonnull(*out);
	memcpy(*out, p->g, p->values * sizeof **out);
	return pass.loss;
}

/* The lengths of x and of x - y. */
static double length(const float *x, const float *y, size_t n, double *off)
{
	double sum = 0, difference = 0;

	for (size_t i = 0; i < n; i++) {
		sum += (double)x[i] * (double)x[i];
		difference += pow((double)x[i] - (double)y[i], 2);
	}
	*off = sqrt(difference);
	return sqrt(sum);
}

/* Of two models with the same weights, the first of them plain. */
static void compare(struct abl_model *m[2], const struct abl_batch *b, bool rounds,
		    const char *what)
{
	const struct abl_params *p = abl_model_params(m[0]);
	double loss[2], all, off;
	float *want, *got;

	loss[0] = gradients(m[0], b, &want);
	loss[1] = gradients(m[1], b, &got);
	all = length(want, got, p->values, &off);
	ck_assert_msg(all > 0 && off <= (rounds ? TOLERANCE_BF16 : TOLERANCE) * all,
		      "%s: gradient off by %g of its length", what, off / all);
	ck_assert_msg(fabs(loss[1] - loss[0]) <= (rounds ? 5e-3 : 1e-6) * loss[0],
		      "%s: loss %.9g, plain %.9g", what, loss[1], loss[0]);
	for (size_t i = 0; !rounds && i < p->count; i++) {
		const struct abl_param *t = &p->items[i];
		double size = length(want + t->offset, got + t->offset, t->count, &off);

		ck_assert_msg(off <= TOLERANCE * fmax(size, all / 100),
			      "%s, %s: off by %g, its length is %g, that of all %g", what, t->name,
			      off, size, all);
	}
	free(want), free(got);
}

/* Widths that fill no vector, and some that fill vectors and tiles and leave a rest. In bf16 the
 * dense layers are wide enough to be rounded. */
static const struct width {
	int64_t hidden, heads, ffn;
	double init_range;
	bool bf16;
} widths[] = {{8, 2, 12, .3, false}, {72, 3, 100, .12, false}, {64, 2, 128, .1, true}};

static void configure(struct abl_config *c, const struct width *w)
{
	small_config(c);
	c->hidden = w->hidden;
	c->heads = w->heads;
	c->ffn_size = w->ffn;
	c->init_range = w->init_range;
}

static void check_component(const struct abl_component *x, const struct width *w)
{
	for (int pretraining = 0; pretraining < 2; pretraining++) {
		struct abl_config c;
		struct abl_model *m[2];
		struct abl_batch b;
		struct abl_err err = {0};

		configure(&c, w);
		ck_assert(small_choose(&c, x));
		if (x->slot == ABL_SLOT_LM && abl_config_is(&c, ABL_SLOT_LM, "on"))
			small_choose(&c, abl_component_find(ABL_SLOT_MLM, "none"));
		ck_assert_msg(!abl_config_resolve(&c, NULL, &err), "%s", err.text);
		m[0] = small_model(plain, &c, pretraining);
		m[1] = small_model(w->bf16 ? bf16 : fp32, &c, pretraining);
		small_batch(&b, &c, pretraining);
		compare(m, &b, w->bf16, x->name);
		abl_model_destroy(m[0]), abl_model_destroy(m[1]);
		abl_batch_finish(&b);
	}
}

START_TEST(test_paths__each_component)
{
	for (size_t i = 0; i < 2; i++)
		check_component(abl_component_at((size_t)_i), &widths[i]);
}
END_TEST

static void check_head(size_t head, const struct width *w)
{
	struct abl_config c;
	struct abl_model *m[2];
	struct abl_batch b, same;

	configure(&c, w);
	m[0] = small_head_model(plain, &c, &b, head);
	m[1] = small_head_model(w->bf16 ? bf16 : fp32, &c, &same, head);
	compare(m, &b, w->bf16, "head of a task");
	abl_model_destroy(m[0]), abl_model_destroy(m[1]);
	abl_batch_finish(&b), abl_batch_finish(&same);
}

START_TEST(test_paths__each_head)
{
	for (size_t i = 0; i < 2; i++)
		check_head((size_t)_i, &widths[i]);
}
END_TEST

START_TEST(test_paths__each_head_in_bf16)
{
	check_head((size_t)_i, &widths[2]);
}
END_TEST

START_TEST(test_paths__each_component_in_bf16)
{
	check_component(abl_component_at((size_t)_i), &widths[2]);
}
END_TEST

/* The weights after a few steps of a model whose layers are cut into many blocks of rows. */
static float *train_with(int threads, size_t *count)
{
	struct abl_compute *together = compute_of("fp32", threads);
	struct abl_config c;
	struct abl_model *m;
	struct abl_params *p;
	struct abl_batch b;
	struct abl_err err = {0};
	float *out;

	small_config(&c);
	c.hidden = 192, c.heads = 3, c.ffn_size = 4096; /* so that sums of rows are shared */
	ck_assert_msg(!abl_config_resolve(&c, NULL, &err), "%s", err.text);
	m = small_model(together, &c, true);
	small_batch(&b, &c, true);
	for (int64_t step = 0; step < 4; step++) {
		struct abl_pass pass = {
			.train = true, .step = step, .token_scale = .1, .sequence_scale = .3};

		abl_model_pass(m, &b, &pass);
		abl_optimize(m, &c.pretrain, step, 4, NULL);
	}
	p = abl_model_params(m);
	*count = p->values;
	out = malloc(p->values * sizeof *out);
	ck_assert_ptr_nonnull(out);
	memcpy(out, p->w, p->values * sizeof *out);
	abl_model_destroy(m);
	abl_batch_finish(&b);
	abl_compute_destroy(together);
	return out;
}

START_TEST(test_paths__threads_change_no_bits)
{
	size_t n, same;
	float *alone = train_with(1, &n);

	for (int threads = 2; threads <= 3; threads++) {
		float *together = train_with(threads, &same);

		ck_assert_uint_eq(n, same);
		ck_assert_msg(!memcmp(alone, together, n * sizeof *alone), "%d threads", threads);
		free(together);
	}
	free(alone);
}
END_TEST

/* The gradients of a model of these widths, with what becomes of attention's weights chosen. */
static float *gradients_with(struct abl_config *c, bool pretraining, int threads,
			     enum abl_attention_weights weights, size_t *count)
{
	struct abl_compute *compute = compute_of("fp32", threads);
	struct abl_model *m = small_attention_model(compute, c, pretraining, weights);
	struct abl_batch b;
	float *out;

	small_batch(&b, c, pretraining);
	gradients(m, &b, &out);
	*count = abl_model_params(m)->values;
	abl_model_destroy(m);
	abl_batch_finish(&b);
	abl_compute_destroy(compute);
	return out;
}

/* The last layer works on some rows in pre-training, on one of each sequence otherwise. */
START_TEST(test_paths__weights_made_again_change_no_bits)
{
	const struct abl_component *x = abl_component_at((size_t)_i);

	for (int k = 0; k < 4; k++) {
		struct abl_config c;
		struct abl_err err = {0};
		size_t n, same;
		float *kept, *again;

		configure(&c, &widths[1]);
		ck_assert(small_choose(&c, x));
		if (x->slot == ABL_SLOT_LM && abl_config_is(&c, ABL_SLOT_LM, "on"))
			small_choose(&c, abl_component_find(ABL_SLOT_MLM, "none"));
		ck_assert_msg(!abl_config_resolve(&c, NULL, &err), "%s", err.text);
		kept = gradients_with(&c, k % 2, 1, ABL_WEIGHTS_KEPT, &n);
		again = gradients_with(&c, k % 2, 1 + k / 2, ABL_WEIGHTS_AGAIN, &same);
		ck_assert_uint_eq(n, same);
		ck_assert_msg(!memcmp(kept, again, n * sizeof *kept), "%s, way %d", x->name, k);
		free(kept), free(again);
	}
}
END_TEST

/* The gradients of one pass over sequences as long as real ones; the caller's. */
static float *gradients_of_long_ones(enum abl_attention_weights weights, int threads, size_t *count)
{
	static const size_t lengths[] = {512, 300, 129, 128};
	struct abl_compute *compute = compute_of("fp32", threads);
	struct abl_model_request r = {.compute = compute,
				      .vocab_size = PIECES,
				      .train = true,
				      .pretraining = true,
				      .attention_weights = weights,
				      .heads = {{"mlm", 0}},
				      .head_count = 1,
				      .max_tokens = 2048,
				      .max_sequences = 4,
				      .seed = 5,
				      .dropout_seed = 5};
	struct abl_config c;
	struct abl_model *m;
	struct abl_batch b;
	struct abl_err err = {0};
	int32_t text[512];
	float *out;

	for (size_t i = 0; i < 512; i++)
		text[i] = (int32_t)(8 + i * i % (PIECES - 8));
	small_config(&c);
	c.hidden = 64, c.ffn_size = 128, c.max_length = 512, c.init_range = .1;
	ck_assert_msg(!abl_config_resolve(&c, NULL, &err), "%s", err.text);
	small_long_batch(&b, &c, text, lengths, sizeof lengths / sizeof *lengths);
	r.config = &c;
	ck_assert_msg(!abl_model_create(&m, &r, &err), "%s", err.text);
	gradients(m, &b, &out);
	*count = abl_model_params(m)->values;
	abl_model_destroy(m);
	abl_batch_finish(&b);
	abl_compute_destroy(compute);
	return out;
}

START_TEST(test_paths__weights_made_again_of_long_sequences)
{
	size_t n, same;
	float *kept = gradients_of_long_ones(ABL_WEIGHTS_KEPT, 1, &n);

	for (int threads = 1; threads <= 2; threads++) {
		float *again = gradients_of_long_ones(ABL_WEIGHTS_AGAIN, threads, &same);

		ck_assert_uint_eq(n, same);
		ck_assert_msg(!memcmp(kept, again, n * sizeof *kept), "%d threads", threads);
		free(again);
	}
	free(kept);
}
END_TEST

static int run_suite(void)
{
	TCase *c = tcase_create("paths");
	struct abl_err err = {0};
	int failed;

	plain = compute_by("fp32", 1, "plain", "plain"), fp32 = compute_of("fp32", 1);
	small_vocab_make();
	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, test_paths__each_component, 0, (int)abl_component_count());
	tcase_add_loop_test(c, test_paths__each_head, 0, SMALL_HEADS);
	tcase_add_test(c, test_paths__threads_change_no_bits);
	tcase_add_loop_test(c, test_paths__weights_made_again_change_no_bits, 0,
			    (int)abl_component_count());
	tcase_add_test(c, test_paths__weights_made_again_of_long_sequences);
	if (getenv("ABLATE_GEMM") && !strcmp(getenv("ABLATE_GEMM"), abl_compute_backend("fp32"))) {
		printf("# SKIP: gradients in bf16 have a back end of their own\n");
	} else if (abl_compute_create(&bf16, "bf16", 1, &err)) {
		printf("# SKIP: gradients in bf16: %s\n", err.text);
	} else {
		tcase_add_loop_test(c, test_paths__each_component_in_bf16, 0,
				    (int)abl_component_count());
		tcase_add_loop_test(c, test_paths__each_head_in_bf16, 0, SMALL_HEADS);
	}
	failed = run_case(c, "paths");
	small_vocab_drop();
	abl_compute_destroy(plain), abl_compute_destroy(fp32), abl_compute_destroy(bf16);
	return failed;
}

int main(void)
{
	return code_path_missing() ? 0 : run_suite();
}
