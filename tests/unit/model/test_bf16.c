/* SPDX-License-Identifier: Apache-2.0 */
/* test_bf16.c - rounding to bf16, the products of dense layers in it, and a whole small model. */
#include "bf16.h"
#include "code_path.h"
#include "files.h"
#include "gemm.h"
#include "native_space.h"
#include "optimize.h"
#include "rng.h"
#include "small_model.h"
#include "str.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct abl_compute *compute, *two; /* in bf16: one thread, and two */

static void draw(float *x, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(2 * abl_rng_uniform(key, 0, i) - 1);
}

static float *drawn(size_t n, uint64_t key)
{
	float *x = malloc(n * sizeof *x);

	ck_assert_ptr_nonnull(x);
	draw(x, n, key);
	return x;
}

static float widen(uint16_t x)
{
	uint32_t bits = (uint32_t)x << 16;
	float out;

	memcpy(&out, &bits, sizeof out);
	return out;
}

static double round_to_bf16(float x)
{
	uint16_t out;

	abl_bf16_from_plain(&out, &x, 1);
	return (double)widen(out);
}

START_TEST(test_rounding__nearest_even_and_the_special_ones)
{
	static const struct {
		float x;
		uint16_t expected;
	} cases[] = {
		{1.f, 0x3f80},         {-0.f, 0x8000},
		{1.00390625f, 0x3f80},                          /* half way, below is even */
		{1.01171875f, 0x3f82},                          /* half way, above is even */
		{1.003907f, 0x3f81},   {3.4028235e38f, 0x7f80}, /* up to infinity */
		{INFINITY, 0x7f80},    {-INFINITY, 0xff80},
	};
	float x[100] = {NAN, -NAN};
	uint16_t fast[101], plain[100];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		abl_bf16_from(fast, &cases[i].x, 1);
		abl_bf16_from_plain(plain, &cases[i].x, 1);
		ck_assert_uint_eq(fast[0], cases[i].expected);
		ck_assert_uint_eq(plain[0], cases[i].expected);
	}
	abl_bf16_from(fast, x, 2);
	abl_bf16_from_plain(plain, x, 2);
	for (int i = 0; i < 2; i++)
		ck_assert(isnan(widen(fast[i])) && isnan(widen(plain[i])));
	for (size_t n = 0; n <= 100; n++) {
		draw(x, n, n);
		fast[n] = 0x1234;
		abl_bf16_from(fast, x, n);
		abl_bf16_from_plain(plain, x, n);
		ck_assert_mem_eq(fast, plain, n * sizeof *fast);
		ck_assert_uint_eq(fast[n], 0x1234);
	}
}
END_TEST

/* g.c against sums in double of the same operands rounded (all that may be lost beyond is the
 * rounding of fp32 sums) and not rounded (what bf16 loses). */
static void check_product(const struct abl_gemm *g, const float *before, const char *what)
{
	for (size_t i = 0; i < g->m; i++)
		for (size_t j = 0; j < g->n; j++) {
			double exact = 0, sum = 0, size = 0, old, c = (double)g->c[i * g->ldc + j];

			for (size_t t = 0; t < g->k; t++) {
				float a = g->at ? g->a[t * g->lda + i] : g->a[i * g->lda + t];
				float b = g->bt ? g->b[j * g->ldb + t] : g->b[t * g->ldb + j];

				exact += (double)a * (double)b;
				sum += round_to_bf16(a) * round_to_bf16(b);
				size += fabs((double)a * (double)b);
			}
			old = (double)g->beta * (double)before[i * g->ldc + j];
			ck_assert_msg(fabs((double)g->alpha * sum + old - c) <
					      2e-6 * (size + fabs(old)) + 1e-6,
				      "%s: %zu x %zu x %zu at %zu, %zu: %g for %g", what, g->m,
				      g->n, g->k, i, j, c, (double)g->alpha * sum + old);
			/* two operands, each off by 2^-9 at most */
			ck_assert(fabs((double)g->alpha * exact + old - c) <
				  (0x1p-8 + 1e-5) * size + 1e-5);
		}
}

START_TEST(test_products__all_forms)
{
	static const size_t shapes[][3] = {{1, 1, 1},      {7, 5, 3},      {31, 65, 17},
					   {64, 32, 32},   {200, 130, 64}, {97, 33, 130},
					   {33, 47, 1100}, {5, 600, 70},   {1200, 33, 35}};
	float *p = drawn(300 * 300, 1), *q = drawn(300 * 300, 2), *c = malloc(90000 * sizeof *c),
	      *before = drawn(90000, 3);

	ck_assert_ptr_nonnull(c);
	for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
		for (int form = 0; form < 16; form++) {
			size_t m = shapes[k][0], n = shapes[k][1], inner = shapes[k][2];
			struct abl_gemm g = {.at = form & 1,
					     .bt = form & 2,
					     .m = m,
					     .n = n,
					     .k = inner,
					     .alpha = form & 8 ? .7f : 1,
					     .a = p,
					     .lda = form & 1 ? m + 3 : inner + 3,
					     .b = q,
					     .ldb = form & 2 ? inner + 1 : n + 1,
					     .beta = form & 8   ? .5f
						     : form & 4 ? 1
								: 0,
					     .c = c,
					     .ldc = n + 2,
					     .rounds = true};

			memcpy(c, before, 90000 * sizeof *c);
			abl_gemm(compute, &g);
			check_product(&g, before, "abl_gemm");
			for (size_t i = 0; i < m; i++) /* between the rows nothing is written */
				ck_assert_mem_eq(c + i * g.ldc + n, before + i * g.ldc + n,
						 2 * sizeof *c);
			ck_assert_mem_eq(c + m * g.ldc, before + m * g.ldc,
					 (90000 - m * g.ldc) * sizeof *c);
		}
	free(p), free(q), free(c), free(before);
}
END_TEST

enum { ROWS = 1100 };

START_TEST(test_dense__rows_threads_and_changed_weights)
{
	static const size_t sizes[][2] = {{32, 48}, {128, 512}, {100, 130}};
	static const size_t counts[] = {1, 31, 32, 33, 500, ROWS};
	size_t in = sizes[_i][0], out = sizes[_i][1];
	float *x = drawn(ROWS * in, 4), *w = drawn(in * out, 5), *y = drawn(ROWS * out, 6),
	      *z = drawn(ROWS * out, 7), *dw[2] = {drawn(in * out, 8), drawn(in * out, 8)};
	struct abl_gemm g = {.bt = true,
			     .m = 40,
			     .n = out,
			     .k = in,
			     .alpha = 1,
			     .a = x,
			     .lda = in,
			     .b = w,
			     .ldb = in,
			     .c = y,
			     .ldc = out};

	abl_gemm_weights_changed(compute), abl_gemm_weights_changed(two);
	abl_linear(compute, y, x, w, NULL, ROWS, in, out);
	check_product(&g, y, "abl_linear");
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		for (int threads = 1; threads <= 2; threads++) {
			memset(z, 0, ROWS * out * sizeof *z);
			abl_linear(threads > 1 ? two : compute, z, x, w, NULL, counts[i], in, out);
			ck_assert_mem_eq(z, y, counts[i] * out * sizeof *z);
		}
	for (int threads = 1; threads <= 2; threads++) {
		abl_linear_backward_weight(threads > 1 ? two : compute, dw[threads - 1], y, x, 333,
					   in, out);
	}
	ck_assert_mem_eq(dw[0], dw[1], in * out * sizeof **dw);
	draw(dw[1], in * out, 8); /* as dw[0] was */
	g = (struct abl_gemm){.at = true,
			      .m = out,
			      .n = in,
			      .k = 333,
			      .alpha = 1,
			      .a = y,
			      .lda = out,
			      .b = x,
			      .ldb = in,
			      .beta = 1,
			      .c = dw[0],
			      .ldc = in};
	check_product(&g, dw[1], "abl_linear_backward_weight");

	draw(w, in * out, 9);
	abl_gemm_weights_changed(compute), abl_gemm_weights_changed(two);
	g = (struct abl_gemm){.m = 30,
			      .n = in,
			      .k = out,
			      .alpha = 1,
			      .a = y,
			      .lda = out,
			      .b = w,
			      .ldb = in,
			      .beta = 1,
			      .c = z,
			      .ldc = in};
	memcpy(dw[0], z, 30 * in * sizeof *z);
	abl_linear_backward_input(compute, z, y, w, 30, in, out, true);
	check_product(&g, dw[0], "abl_linear_backward_input, weights changed");
	abl_gemm_weights_gone(compute), abl_gemm_weights_gone(two);
	free(x), free(w), free(y), free(z), free(dw[0]), free(dw[1]);
}
END_TEST

/* The sizes of real layers, where oneDNN may divide a sum: bits depend on neither threads nor other
 * rows. */
START_TEST(test_dense__no_bit_of_wide_layers_changes)
{
	static const size_t sizes[][2] = {{384, 1536}, {768, 768}, {3072, 768}, {512, 2048}};
	static const size_t counts[] = {1, 33, 100, 700, ROWS};
	size_t in = sizes[_i][0], out = sizes[_i][1];
	float *x = drawn(ROWS * in, 1), *dy = drawn(ROWS * out, 2), *w = drawn(in * out, 3);
	float *y[2] = {drawn(ROWS * out, 4), drawn(ROWS * out, 4)};
	float *dx[2] = {drawn(ROWS * in, 5), drawn(ROWS * in, 5)};
	float *dw[2] = {drawn(in * out, 6), drawn(in * out, 6)};

	abl_gemm_weights_changed(compute), abl_gemm_weights_changed(two);
	abl_linear(compute, y[0], x, w, NULL, ROWS, in, out);
	abl_linear_backward_input(compute, dx[0], dy, w, ROWS, in, out, false);
	abl_linear_backward_weight(compute, dw[0], dy, x, ROWS, in, out);
	abl_linear_backward_weight(two, dw[1], dy, x, ROWS, in, out);
	ck_assert_mem_eq(dw[0], dw[1], in * out * sizeof **dw);
	for (int threads = 1; threads <= 2; threads++)
		for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
			const struct abl_compute *with = threads > 1 ? two : compute;

			abl_linear(with, y[1], x, w, NULL, counts[i], in, out);
			abl_linear_backward_input(with, dx[1], dy, w, counts[i], in, out, false);
			ck_assert_mem_eq(y[0], y[1], counts[i] * out * sizeof **y);
			ck_assert_mem_eq(dx[0], dx[1], counts[i] * in * sizeof **dx);
		}
	abl_gemm_weights_gone(compute), abl_gemm_weights_gone(two);
	for (int i = 0; i < 2; i++)
		free(y[i]), free(dx[i]), free(dw[i]);
	free(x), free(dy), free(w);
}
END_TEST

/* The loss of one pass; its gradients into out. */
static double gradients(struct abl_model *m, const struct abl_batch *b, float *out)
{
	struct abl_pass pass = {.train = true, .sequence_scale = 1. / 3};
	struct abl_params *p = abl_model_params(m);

	pass.token_scale = b->targets ? 1 / (double)b->targets : 0;
	memset(p->g, 0, p->values * sizeof *p->g);
	abl_model_pass(m, b, &pass);
	memcpy(out, p->g, p->values * sizeof *out);
	return pass.loss;
}

/* Pre-training and fine-tuning of a model wide enough to be rounded: near fp32, and not equal. */
START_TEST(test_model__gradients_near_fp32)
{
	struct abl_batch b = {0};
	struct abl_config c;
	double loss[2], off = 0, length = 0;
	struct abl_compute *fp32 = compute_of("fp32", 1);
	float *g[2];
	size_t n = 0;

	small_config(&c);
	c.hidden = 64;
	c.ffn_size = 128;
	c.init_range = .08;
	small_batch(&b, &c, _i);
	for (int i = 0; i < 2; i++) {
		struct abl_model *m = small_model(i ? compute : fp32, &c, _i);

		n = abl_model_params(m)->values;
		g[i] = malloc(n * sizeof **g);
		ck_assert_ptr_nonnull(g[i]);
		loss[i] = gradients(m, &b, g[i]);
		abl_model_destroy(m);
	}
	for (size_t i = 0; i < n; i++) {
		off += pow((double)g[1][i] - (double)g[0][i], 2);
		length += pow((double)g[0][i], 2);
	}
	ck_assert_msg(fabs(loss[1] - loss[0]) < 2e-3 * loss[0], "loss %g, in fp32 %g", loss[1],
		      loss[0]);
	ck_assert_msg(off < length * pow(.01, 2), "gradient off by %g of its length",
		      sqrt(off / length));
	ck_assert_msg(off > length * pow(1e-5, 2), "nothing was rounded");
	free(g[0]), free(g[1]);
	abl_compute_destroy(fp32);
	abl_batch_finish(&b);
}
END_TEST

/* The third step's loss; the model is that of test_model__gradients_near_fp32. */
static double third_loss(const struct abl_compute *with, bool pretraining)
{
	struct abl_batch b = {0};
	struct abl_config c;
	struct abl_model *m;
	double loss = 0;

	small_config(&c);
	c.hidden = 64;
	c.ffn_size = 128;
	c.init_range = .08;
	c.pretrain.learning_rate = c.finetune.learning_rate = .01;
	small_batch(&b, &c, pretraining);
	m = small_model(with, &c, pretraining);
	for (int64_t step = 0; step < 3; step++) {
		struct abl_pass pass = {
			.train = true, .step = step, .token_scale = .5, .sequence_scale = .25};

		abl_model_pass(m, &b, &pass);
		abl_optimize(m, pretraining ? &c.pretrain : &c.finetune, step, 5, NULL);
		loss = pass.loss;
	}
	abl_model_destroy(m);
	abl_batch_finish(&b);
	return loss;
}

/* The numbers of bf16, pinned by version (golden_losses.txt), as test_golden.c pins those of
 * components. Kernels differ in the last bits of sums, which moves the loss by less than a
 * hundredth of what rounding the operands does. */
START_TEST(test_model__numbers_change_with_the_version_only)
{
	const struct abl_space *space = abl_native_space();
	const struct abl_key *key = abl_space_role(space, ABL_KEY_PRECISION);
	const struct abl_value bf16 = {.type = ABL_CHOICE, .choice = "bf16"};
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/golden_losses.txt"),
	     name[64];
	struct abl_str golden = {0};
	struct abl_err err = {0};
	struct abl_compute *plain = compute_of("fp32", 1);
	double is[2], fp32[2], want[2] = {0, 0};
	const char *line;

	for (int i = 0; i < 2; i++) {
		fp32[i] = third_loss(plain, !i);
		is[i] = third_loss(compute, !i);
	}
	snprintf(name, sizeof name, "precision=bf16/%d ", space->version(key, &bf16));
	ck_assert_msg(!abl_file_read(path, &golden, 1 << 20, &err), "%s", err.text);
	line = strstr(golden.text, name);
	if (line)
		(void)sscanf(line + strlen(name), "%lf %lf", &want[0], &want[1]);
	for (int i = 0; i < 2; i++) {
		ck_assert_msg(fabs(is[i] - want[i]) < 1e-2 * fabs(fp32[i] - want[i]),
			      "tests/reference/golden_losses.txt lacks: %s%.12f %.12f", name, is[0],
			      is[1]);
	}
	abl_str_finish(&golden);
	abl_compute_destroy(plain);
	free(path);
}
END_TEST

/* Stages in fp32 keep their keys; those in bf16 get new ones with each version. */
START_TEST(test_version__is_hashed_in_bf16_alone)
{
	const struct abl_space *space = abl_native_space();
	const struct abl_key *key = abl_space_role(space, ABL_KEY_PRECISION);
	struct abl_values *v = abl_values_create(space);
	const struct abl_value bf16 = {.type = ABL_CHOICE, .choice = "bf16"};
	struct abl_str text = {0};
	char expected[64];

	abl_values_canonical(v, key->stages, &text);
	ck_assert_ptr_null(strstr(text.text, "precision"));
	ck_assert(!abl_values_set(v, key, &bf16, NULL));
	abl_str_clear(&text);
	abl_values_canonical(v, key->stages, &text);
	snprintf(expected, sizeof expected, "precision=bf16\nprecision:bf16/%d\n",
		 space->version(key, &bf16));
	ck_assert_ptr_nonnull(strstr(text.text, expected));
	abl_str_finish(&text);
	abl_values_destroy(v);
}
END_TEST

static int run_suite(void)
{
	TCase *t = tcase_create("bf16");
	struct abl_err err = {0};
	int failed;

	small_vocab_make();
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_rounding__nearest_even_and_the_special_ones);
	tcase_add_test(t, test_version__is_hashed_in_bf16_alone);
	if (abl_compute_check("bf16", &err)) {
		printf("# SKIP: products in bf16: %s\n", err.text);
	} else {
		compute = compute_of("bf16", 1), two = compute_of("bf16", 2);
		tcase_add_test(t, test_products__all_forms);
		tcase_add_loop_test(t, test_dense__rows_threads_and_changed_weights, 0, 3);
		tcase_add_loop_test(t, test_dense__no_bit_of_wide_layers_changes, 0, 4);
		tcase_add_loop_test(t, test_model__gradients_near_fp32, 0, 2);
		tcase_add_test(t, test_model__numbers_change_with_the_version_only);
	}
	failed = run_case(t, "bf16");
	small_vocab_drop();
	abl_compute_destroy(compute), abl_compute_destroy(two);
	return failed;
}

int main(void)
{
	return code_path_missing() ? 0 : run_suite();
}
