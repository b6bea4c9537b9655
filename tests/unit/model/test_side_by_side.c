/* SPDX-License-Identifier: Apache-2.0 */
/* test_side_by_side.c - two models in one process, each with what it computes with: trained in turn
 * and by two threads at once they have the bits that each has alone, whatever their precisions,
 * threads, kernels and back ends, and the steps of one leave the copies of the other's weights as
 * they are. */
#include "gemm_kept.h"
#include "optimize.h"
#include "run_case.h"
#include "small_model.h"
#include "test_compute.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 3 };

/* Of one model; the names are NULL where the CPU chooses. */
struct with {
	const char *precision;
	int threads;
	const char *kernels, *backend;
};

static const struct pair {
	struct with first, second;
} pairs[] = {
	{{"fp32", 1}, {"bf16", 1}},
	{{"bf16", 1}, {"bf16", 1}},
	{{"bf16", 2}, {"bf16", 1}},
	{{"fp32", 2}, {"fp32", 1}},
	{{"bf16", 2}, {"fp32", 2}},
	{{"bf16", 1, NULL, "bf16"}, {"bf16", 2, NULL, "onednn"}},
	{{"fp32", 1, NULL, "panels"}, {"fp32", 2, NULL, "blis"}},
	{{"fp32", 1, "avx2"}, {"fp32", 1, "avx512"}},
	{{"fp32", 1, "plain"}, {"bf16", 2}},
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

/* A model in training. The second is wider, so nothing of one fits the other. */
struct run {
	struct abl_compute *compute;
	struct abl_config config;
	struct abl_model *model;
	struct abl_batch batch;
	int64_t step;
	double loss[STEPS];
};

static bool begin(struct run *r, const struct with *with, bool second)
{
	struct abl_err err = {0};

	*r = (struct run){0};
	if (abl_compute_create_by(&r->compute, with->precision, with->threads, with->kernels,
				  with->backend, &err)) {
		printf("# SKIP: %s\n", err.text);
		return false;
	}
	small_config(&r->config);
	r->config.heads = second ? 3 : 2;
	r->config.hidden = 32 * r->config.heads;
	r->config.ffn_size = 1024; /* products that are worth a second thread */
	r->config.pretrain.learning_rate = .01;
	ck_assert_msg(!abl_config_resolve(&r->config, NULL, &err), "%s", err.text);
	small_batch(&r->batch, &r->config, true);
	r->model = small_model(r->compute, &r->config, true);
	return true;
}

static void take_step(struct run *r)
{
	struct abl_pass pass = {
		.train = true, .step = r->step, .token_scale = .1, .sequence_scale = .3};

	abl_model_pass(r->model, &r->batch, &pass);
	abl_optimize(r->model, &r->config.pretrain, r->step, STEPS, NULL);
	r->loss[r->step++] = pass.loss;
}

static void *take_all(void *run)
{
	for (int i = 0; i < STEPS; i++)
		take_step(run);
	return NULL;
}

static void finish(struct run *r)
{
	abl_model_destroy(r->model);
	abl_batch_finish(&r->batch);
	abl_compute_destroy(r->compute);
}

static void check_equal(struct run *got, struct run *alone, const char *how)
{
	const struct abl_params *a = abl_model_params(got->model),
				*b = abl_model_params(alone->model);

	ck_assert_uint_eq(a->values, b->values);
	ck_assert_msg(!memcmp(got->loss, alone->loss, sizeof got->loss), "%s: losses", how);
	ck_assert_msg(!memcmp(a->w, b->w, a->values * sizeof *a->w), "%s: weights", how);
}

/* Both are trained by `train`, then each alone. */
static void check_pair(const struct pair *p, void (*train)(struct run both[2]), const char *how)
{
	const struct with *with[] = {&p->first, &p->second};
	struct run both[2], alone;

	if (!begin(&both[0], with[0], false))
		return;
	if (begin(&both[1], with[1], true)) {
		train(both);
		for (int i = 0; i < 2; i++) {
			ck_assert(begin(&alone, with[i], i));
			take_all(&alone);
			check_equal(&both[i], &alone, how);
			finish(&alone);
		}
	}
	finish(&both[0]), finish(&both[1]);
}

static void train_in_turn(struct run both[2])
{
	for (int i = 0; i < 2 * STEPS; i++)
		take_step(&both[i % 2]);
}

START_TEST(test_side_by_side__in_turn)
{
	check_pair(&pairs[_i], train_in_turn, "in turn");
}
END_TEST

static void train_at_once(struct run both[2])
{
	pthread_t other;

	ck_assert_int_eq(pthread_create(&other, NULL, take_all, &both[1]), 0);
	take_all(&both[0]);
	ck_assert_int_eq(pthread_join(other, NULL), 0);
}

START_TEST(test_side_by_side__at_once)
{
	check_pair(&pairs[_i], train_at_once, "at once");
}
END_TEST

/* -- copies of weights -- */

static int fills, drops;

static void *make_copy(const struct abl_gemm *g)
{
	return malloc(1);
}

static void fill_copy(const struct abl_team *team, void *copy, const struct abl_gemm *g,
		      int threads)
{
	fills++;
}

static void drop_copy(void *copy)
{
	drops++;
	free(copy);
}

START_TEST(test_side_by_side__copies_are_each_ones_own)
{
	static const struct abl_kept_kind kind = {make_copy, fill_copy, drop_copy};
	struct abl_compute *one = compute_of("fp32", 1), *other = compute_of("fp32", 1);
	const struct abl_gemm g = {.b = (const real[1]){0}, .n = 1, .k = 1, .ldb = 1};
	const void *first = abl_kept_copy(one, &kind, &g, 1),
		   *second = abl_kept_copy(other, &kind, &g, 1);

	ck_assert_ptr_ne(first, second);
	ck_assert_int_eq(fills, 2);
	abl_gemm_weights_changed(one);
	ck_assert_ptr_eq(abl_kept_copy(other, &kind, &g, 1), second);
	ck_assert_int_eq(fills, 2);
	ck_assert_ptr_eq(abl_kept_copy(one, &kind, &g, 1), first);
	ck_assert_int_eq(fills, 3);
	abl_gemm_weights_gone(one);
	ck_assert_int_eq(drops, 1);
	ck_assert_ptr_eq(abl_kept_copy(other, &kind, &g, 1), second);
	ck_assert_int_eq(fills, 3);
	abl_compute_destroy(one), abl_compute_destroy(other);
	ck_assert_int_eq(drops, 2);
}
END_TEST

START_TEST(test_compute__says_what_is_not_here)
{
	static const struct {
		const char *precision, *kernels, *backend, *why;
	} rows[] = {
		{"fp32", "sse9", NULL, "no kernels 'sse9' here"},
		{"fp32", NULL, "cublas", "no back end 'cublas' for products in fp32 here"},
		{"fp32", NULL, "onednn", "no back end 'onednn' for products in fp32 here"},
		{"bf16", "plain", NULL, "'precision: bf16' cannot run here"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct abl_compute *c = NULL;
		struct abl_err err = {0};

		ck_assert_int_eq(abl_compute_create_by(&c, rows[i].precision, 1, rows[i].kernels,
						       rows[i].backend, &err),
				 ABL_EFAIL);
		ck_assert_ptr_null(c);
		ck_assert_msg(strstr(err.text, rows[i].why) != NULL, "%s", err.text);
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("side_by_side");
	int failed;

	small_vocab_make();
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_side_by_side__in_turn, 0, PAIRS);
	tcase_add_loop_test(t, test_side_by_side__at_once, 0, PAIRS);
	tcase_add_test(t, test_side_by_side__copies_are_each_ones_own);
	tcase_add_test(t, test_compute__says_what_is_not_here);
	failed = run_case(t, "side_by_side");
	small_vocab_drop();
	return failed;
}
