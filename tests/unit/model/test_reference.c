/* SPDX-License-Identifier: Apache-2.0 */
/* test_reference.c - ten training steps against PyTorch's in float64
 * (tests/reference/make_training_steps.py): losses within 1e-5, gradients within 1e-4 of
 * max(|tensor|, FLOOR |all|), |.| the Euclidean norm. Built in double, and in float, where meson
 * runs it for each kernel set and back end of products. A key bias has gradient zero in exact
 * arithmetic: what is left of it is rounding, which in float is far above the 1e-6 that the double
 * build is held to.
 *
 * The same with layers wide enough to be rounded in bf16, of whose gradients the file has lengths
 * and sums. In bf16 they are held to what PyTorch loses by its own (autocast): losses and the first
 * gradient are no further off, the last one by three times as much at most. */
#include "batch.h"
#include "code_path.h"
#include "files.h"
#include "model.h"
#include "optimize.h"
#include "str.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef ABL_DOUBLE
#define FLOOR 1e-6
#else
#define FLOOR 1e-4
#endif

enum { SUMS = 8 }; /* of a tensor, in the wide file */

static json_t *reference, *reference_wide;

static void configure(struct abl_config *c, bool wide)
{
	struct abl_recipe *recipes[] = {&c->pretrain, &c->finetune};
	struct abl_err err = {0};

	abl_config_init(c);
	c->layers = 2;
	c->hidden = wide ? 64 : 8;
	c->heads = 2;
	c->ffn_size = wide ? 128 : 12;
	c->max_length = 12;
	for (int i = 0; i < 2; i++) {
		struct abl_value decay = {.type = ABL_REAL, .r = .1};

		recipes[i]->learning_rate = 3e-3;
		recipes[i]->warmup = .2;
		recipes[i]->dropout = recipes[i]->attention_dropout = 0;
		ck_assert_int_eq(
			abl_config_set(c,
				       abl_config_key(i ? "weight_decay" : "pretrain_weight_decay"),
				       &decay, &err),
			0);
	}
	ck_assert_int_eq(abl_config_resolve(c, NULL, &err), 0);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct abl_param *const *)a)->name,
		      (*(const struct abl_param *const *)b)->name);
}

/* The script's start(): sines by the place of the name among all sorted names. */
static void start(struct abl_params *p, bool wide)
{
	const struct abl_param **sorted = calloc(p->count, sizeof *sorted);

	for (size_t i = 0; i < p->count; i++)
		sorted[i] = &p->items[i];
	qsort(sorted, p->count, sizeof *sorted, by_name);
	for (size_t t = 0; t < p->count; t++) {
		double base = strstr(sorted[t]->name, "LayerNorm.weight") ? 1 : 0;

		for (size_t i = 0; i < sorted[t]->count; i++) {
			double at = 1.7 * (double)t + .61 * (double)i * (wide ? (double)i : 1);

			p->w[sorted[t]->offset + i] = (real)(base + (wide ? .12 : .3) * sin(at));
		}
	}
	free(sorted);
}

static void fill(struct abl_batch *b, const json_t *sequences)
{
	size_t s, k;
	json_t *x, *v;

	abl_batch_clear(b);
	json_array_foreach(sequences, s, x)
	{
		size_t from = b->tokens;

		json_array_foreach(json_object_get(x, "ids"), k, v)
		{
			b->piece[b->tokens] = (int32_t)json_integer_value(v);
			b->segment[b->tokens] = (uint8_t)json_integer_value(
				json_array_get(json_object_get(x, "segments"), k));
			b->position[b->tokens] = (uint32_t)k;
			b->example[b->tokens++] = s;
		}
		json_array_foreach(json_object_get(x, "targets"), k, v)
		{
			b->target_row[b->targets] =
				(int32_t)(from + (size_t)json_integer_value(json_array_get(v, 0)));
			b->target_piece[b->targets++] =
				(int32_t)json_integer_value(json_array_get(v, 1));
		}
		b->read[b->sequences] = (int32_t)from;
		b->label[b->sequences] = (int32_t)json_integer_value(json_object_get(x, "label"));
		b->offset[++b->sequences] = (int32_t)b->tokens;
	}
}

static double norm_of(const json_t *values)
{
	double sum = 0;
	size_t k;
	json_t *v;

	json_array_foreach(values, k, v) sum += json_number_value(v) * json_number_value(v);
	return sqrt(sum);
}

static void check_gradients(const struct abl_params *p, const json_t *want, const char *when)
{
	double all = 0;

	ck_assert_uint_eq(json_object_size(want), p->count);
	for (size_t i = 0; i < p->count; i++)
		all = hypot(all, norm_of(json_object_get(want, p->items[i].name)));
	for (size_t i = 0; i < p->count; i++) {
		const json_t *values = json_object_get(want, p->items[i].name);
		double limit = 1e-4 * fmax(norm_of(values), FLOOR * all);

		ck_assert_msg(json_array_size(values) == p->items[i].count, "%s", p->items[i].name);
		for (size_t k = 0; k < p->items[i].count; k++) {
			double got = (double)abl_gradient(p, i)[k],
			       is = json_number_value(json_array_get(values, k));

			ck_assert_msg(fabs(got - is) <= limit,
				      "%s step, %s[%zu]: %.9g, PyTorch %.9g, limit %.2g", when,
				      p->items[i].name, k, got, is, limit);
		}
	}
}

/* Sums of a gradient weighted by sines, as the script's: they differ from the other one's by about
 * as much as the gradients do. */
static double sum_of(const real *g, size_t n, size_t k)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)g[i] * sin((double)(k + 1) * .37 * (double)i + 1.3 * (double)k);
	return sum;
}

/* The gradients' distance from the file's, by their sums, as a share of the length of all; and no
 * tensor further off than `limit` times four of its own length, or of a thirtieth of all. */
static void check_sums(const struct abl_params *p, const json_t *want, double limit,
		       const char *when)
{
	double all = 0, off = 0;

	ck_assert_uint_eq(json_object_size(want), p->count);
	for (size_t i = 0; i < p->count; i++)
		all = hypot(all, json_number_value(json_array_get(
					 json_object_get(want, p->items[i].name), 0)));
	for (size_t i = 0; i < p->count; i++) {
		const json_t *values = json_object_get(want, p->items[i].name);
		double size = json_number_value(json_array_get(values, 0)), square = 0;

		for (size_t k = 0; k < SUMS; k++)
			square += pow(sum_of(abl_gradient(p, i), p->items[i].count, k) -
					      json_number_value(json_array_get(values, k + 1)),
				      2) *
				  2 / SUMS;
		off += square;
		ck_assert_msg(sqrt(square) <= 4 * limit * fmax(size, all / 30),
			      "%s step, %s: off by %.3g, its length is %.3g, that of all %.3g",
			      when, p->items[i].name, sqrt(square), size, all);
	}
	ck_assert_msg(sqrt(off) <= limit * all, "%s step: gradient off by %.3g of its length", when,
		      sqrt(off) / all);
}

/* How far bf16 may be off, `what` being "losses", "first" or "last": as far as PyTorch's is. */
static double allowed(const json_t *want, const char *what)
{
	return json_number_value(json_object_get(json_object_get(want, "autocast"), what));
}

/* After ten steps what is rounded otherwise has been trained otherwise, too, and the gradient of
 * the classes is what is left of terms that cancel. */
#define AFTER_TRAINING 3

static void check_step(const struct abl_params *p, const json_t *want, const char *when, bool wide,
		       bool bf16)
{
	double limit = bf16 ? allowed(want, when) : 1e-4;

	if (!wide)
		check_gradients(p, json_object_get(want, when), when);
	else
		check_sums(p, json_object_get(want, when),
			   strcmp(when, "last") != 0 ? limit : AFTER_TRAINING * limit, when);
}

static void train(bool pretrain, bool wide, bool bf16)
{
	const json_t *file = wide ? reference_wide : reference,
		     *want = json_object_get(file, pretrain ? "pretrain" : "classify"),
		     *batches = json_object_get(file, "batches");
	struct abl_compute *compute = compute_of(bf16 ? "bf16" : "fp32", 1);
	struct abl_model_request r = {.compute = compute,
				      .vocab_size = 32,
				      .train = true,
				      .pretraining = pretrain,
				      .max_tokens = 64,
				      .max_sequences = 8,
				      .seed = 1};
	struct abl_config c;
	struct abl_model *m;
	struct abl_batch b;
	struct abl_err err = {0};

	configure(&c, wide);
	r.config = &c;
	r.heads[r.head_count++] = pretrain ? (struct abl_head_request){"mlm", 0}
					   : (struct abl_head_request){"classify", 3};
	if (pretrain)
		r.heads[r.head_count++] = (struct abl_head_request){"nsp", 0};
	ck_assert_int_eq(abl_model_create(&m, &r, &err), 0);
	ck_assert_int_eq(abl_batch_init(&b, 64, 8, &err), 0);
	start(abl_model_params(m), wide);
	for (size_t step = 0; step < json_array_size(batches); step++) {
		struct abl_pass pass = {.train = true, .step = (int64_t)step};
		bool ends = step + 1 == json_array_size(batches);
		double is =
			json_number_value(json_array_get(json_object_get(want, "losses"), step));

		fill(&b, json_array_get(batches, step));
		pass.token_scale = 1 / (double)b.targets;
		pass.sequence_scale = 1 / (double)b.sequences;
		abl_model_pass(m, &b, &pass);
		ck_assert_msg(fabs(pass.loss - is) <= (bf16 ? allowed(want, "losses") : 1e-5) * is,
			      "step %zu: loss %.9g, PyTorch %.9g", step, pass.loss, is);
		if (!step || ends)
			check_step(abl_model_params(m), want, ends ? "last" : "first", wide, bf16);
		abl_optimize(m, pretrain ? &c.pretrain : &c.finetune, (int64_t)step,
			     (int64_t)json_array_size(batches), NULL);
	}
	abl_batch_finish(&b);
	abl_model_destroy(m);
	abl_compute_destroy(compute);
}

START_TEST(test_reference__ten_steps_as_pytorch)
{
	train(_i == 0, false, false);
}
END_TEST

START_TEST(test_reference__ten_steps_of_wide_layers)
{
	train(_i == 0, true, false);
}
END_TEST

#ifndef ABL_DOUBLE
START_TEST(test_reference__ten_steps_in_bf16)
{
	train(_i == 0, true, true);
}
END_TEST

static void add_bf16(TCase *c)
{
	struct abl_err err = {0};

	if (abl_compute_check("bf16", &err))
		printf("# SKIP: steps in bf16: %s\n", err.text);
	else
		tcase_add_loop_test(c, test_reference__ten_steps_in_bf16, 0, 2);
}
#endif

static json_t *load(const char *name)
{
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), name);
	json_t *file = json_load_file(path, 0, NULL);

	free(path);
	return file;
}

static int run_suite(void)
{
	TCase *c = tcase_create("reference");
	int failed;

	reference = load("tests/reference/training_steps.json");
	reference_wide = load("tests/reference/training_steps_wide.json");
	if (!reference || !reference_wide)
		return 1;
	tcase_add_loop_test(c, test_reference__ten_steps_as_pytorch, 0, 2);
	tcase_add_loop_test(c, test_reference__ten_steps_of_wide_layers, 0, 2);
#ifndef ABL_DOUBLE
	add_bf16(c);
#endif
	failed = run_case(c, "reference");
	json_decref(reference);
	json_decref(reference_wide);
	return failed;
}

int main(void)
{
#ifndef ABL_DOUBLE
	if (code_path_missing())
		return 0;
#endif
	return run_suite();
}
