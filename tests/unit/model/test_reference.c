/* SPDX-License-Identifier: Apache-2.0 */
/* test_reference.c - ten training steps against PyTorch's in float64
 * (tests/reference/make_training_steps.py): losses within 1e-5, gradients within 1e-4 of
 * max(|tensor|, FLOOR |all|), |.| the Euclidean norm. Built in double, and in float, where meson
 * runs it for each kernel set and back end of products. A key bias has gradient zero in exact
 * arithmetic: what is left of it is rounding, which in float is far above the 1e-6 that the double
 * build is held to. */
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
#include <stdlib.h>
#include <string.h>

#ifdef ABL_DOUBLE
#define FLOOR 1e-6
#else
#define FLOOR 1e-4
#endif

static json_t *reference;

static void configure(struct abl_config *c)
{
	struct abl_recipe *recipes[] = {&c->pretrain, &c->finetune};
	struct abl_err err = {0};

	abl_config_init(c);
	c->layers = 2;
	c->hidden = 8;
	c->heads = 2;
	c->ffn_size = 12;
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
static void start(struct abl_params *p)
{
	const struct abl_param **sorted = calloc(p->count, sizeof *sorted);

	for (size_t i = 0; i < p->count; i++)
		sorted[i] = &p->items[i];
	qsort(sorted, p->count, sizeof *sorted, by_name);
	for (size_t t = 0; t < p->count; t++) {
		double base = strstr(sorted[t]->name, "LayerNorm.weight") ? 1 : 0;

		for (size_t i = 0; i < sorted[t]->count; i++)
			p->w[sorted[t]->offset + i] =
				(real)(base + .3 * sin(1.7 * (double)t + .61 * (double)i));
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

static void train(bool pretrain)
{
	const json_t *want = json_object_get(reference, pretrain ? "pretrain" : "classify");
	const json_t *batches = json_object_get(reference, "batches");
	struct abl_compute *compute = compute_of("fp32", 1);
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

	configure(&c);
	r.config = &c;
	r.heads[r.head_count++] = pretrain ? (struct abl_head_request){"mlm", 0}
					   : (struct abl_head_request){"classify", 3};
	if (pretrain)
		r.heads[r.head_count++] = (struct abl_head_request){"nsp", 0};
	ck_assert_int_eq(abl_model_create(&m, &r, &err), 0);
	ck_assert_int_eq(abl_batch_init(&b, 64, 8, &err), 0);
	start(abl_model_params(m));
	for (size_t step = 0; step < json_array_size(batches); step++) {
		struct abl_pass pass = {.train = true, .step = (int64_t)step};
		double is =
			json_number_value(json_array_get(json_object_get(want, "losses"), step));

		fill(&b, json_array_get(batches, step));
		pass.token_scale = 1 / (double)b.targets;
		pass.sequence_scale = 1 / (double)b.sequences;
		abl_model_pass(m, &b, &pass);
		ck_assert_msg(fabs(pass.loss - is) <= 1e-5 * is,
			      "step %zu: loss %.9g, PyTorch %.9g", step, pass.loss, is);
		if (!step || step + 1 == json_array_size(batches))
			check_gradients(abl_model_params(m),
					json_object_get(want, step ? "last" : "first"),
					step ? "last" : "first");
		abl_optimize(m, pretrain ? &c.pretrain : &c.finetune, (int64_t)step,
			     (int64_t)json_array_size(batches), NULL);
	}
	abl_batch_finish(&b);
	abl_model_destroy(m);
	abl_compute_destroy(compute);
}

START_TEST(test_reference__ten_steps_as_pytorch)
{
	train(_i == 0);
}
END_TEST

static int run_suite(void)
{
	TCase *c = tcase_create("reference");
	char *path;
	int failed;

	path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/training_steps.json");
	reference = json_load_file(path, 0, NULL);
	free(path);
	if (!reference)
		return 1;
	tcase_add_loop_test(c, test_reference__ten_steps_as_pytorch, 0, 2);
	failed = run_case(c, "reference");
	json_decref(reference);
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
