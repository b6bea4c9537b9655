/* SPDX-License-Identifier: Apache-2.0 */
/* How often the interval for another dev set and another seed holds the true effect, with files of
 * predictions in between: seeds and examples are drawn anew for each study, and both matter. The
 * seeds' own interval, on the same studies, holds it less often. */
#include "example_effect.h"

#include "files.h"
#include "predicted_store.h"
#include "rng.h"
#include "run_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STUDIES = 500, BATCH = 50, SEEDS = 5, EXAMPLES = 120 };
#define EFFECT .03

static struct abl_err err;

static double uniform(uint64_t key, uint64_t a, uint64_t b)
{
	uint32_t r[4];

	abl_rng_block(key, a, b, r);
	return (r[0] + .5) / 4294967296.0;
}

/* How likely a prediction is right adds up from what the change does to the example, and from the
 * seed; never below 0 or above 1. */
static void predict(void *data, int arm, int seed, struct abl_str *file, double *told)
{
	const uint64_t key = abl_rng_key((uint64_t) * (int *)data, "study");
	const double of_seed = .1 * uniform(key, 10 + (uint64_t)(2 * seed + arm), 0) - .05;
	int right = 0;

	abl_str_puts(file, "line\tgold\tprediction\tprobability\n");
	for (int i = 0; i < EXAMPLES; i++) {
		const uint64_t e = 1000 + (uint64_t)i;
		const double change = arm ? EFFECT + .8 * uniform(key, e, 1) - .4 : 0;
		const bool is =
			uniform(key, e, 10 + (uint64_t)(2 * seed + arm)) < .5 + change + of_seed;

		right += is;
		abl_str_printf(file, "%d\t%d\t%d\t0.50000\n", i + 2, i % 2, is ? i % 2 : 1 - i % 2);
	}
	*told = (double)right / EXAMPLES;
}

static bool holds(double low, double high)
{
	return low <= EFFECT && EFFECT <= high;
}

/* The t interval of the differences of seeds. */
static bool seeds_hold(const struct abl_example_effect *e)
{
	double squares = 0, reach;

	for (size_t i = 0; i < e->n; i++)
		squares += pow(e->difference[i] - e->estimate, 2);
	reach = 2.7764451051977987 * sqrt(squares / (double)(e->n - 1) / (double)e->n);
	return holds(e->estimate - reach, e->estimate + reach);
}

static void run_study(struct abl_store *store, int number, int *both, int *seeds)
{
	char name[32];
	const struct predicted_study y = {.name = name,
					  .task = "t",
					  .type = "classify",
					  .metric = "accuracy",
					  .arms = 2,
					  .seeds = SEEDS,
					  .predict = predict,
					  .data = &number};
	const struct abl_example_request wanted = {.variant = "no part1"};
	struct abl_example_effect e;
	struct abl_predicted *x = NULL;
	int64_t id;

	snprintf(name, sizeof name, "study%d", number);
	predicted_store_fill(store, &y);
	ck_assert_int_eq(abl_store_find_study(store, name, &id, &err), 0);
	ck_assert_int_eq(abl_predicted_open(&x, store, id, "t", NULL, false, &err), 0);
	abl_example_effect(x, &wanted, &e);
	ck_assert(!e.reason && !e.left_out);
	*both += holds(e.low, e.high);
	*seeds += seeds_hold(&e);
	abl_example_effect_finish(&e);
	abl_predicted_close(x);
}

START_TEST(test_gate_examples__coverage_with_files)
{
	char folder[] = "/tmp/ablate-gate-XXXXXX";
	int both = 0, seeds = 0;
	double share, spread;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (int i = 0; i < STUDIES; i += BATCH) {
		char *path = abl_path_join(folder, "store");
		struct abl_store *store;

		ck_assert_int_eq(abl_store_open(&store, path, ABL_STORE_WRITE, &err), 0);
		for (int k = i; k < i + BATCH; k++)
			run_study(store, k, &both, &seeds);
		abl_store_close(store);
		ck_assert_int_eq(abl_remove_tree(path, &err), 0);
		free(path);
	}
	ck_assert_int_eq(abl_remove_tree(folder, &err), 0);
	share = (double)both / STUDIES;
	spread = sqrt(.95 * .05 / STUDIES);
	printf("# coverage over %d studies: %.3f of both (SE %.3f), %.3f of seeds alone\n", STUDIES,
	       share, spread, (double)seeds / STUDIES);
	ck_assert_msg(share >= .94 - 3 * spread && share <= .965 + 3 * spread, "%.3f", share);
	ck_assert(seeds < both);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("gate_examples");

	tcase_set_timeout(c, 1800);
	tcase_add_test(c, test_gate_examples__coverage_with_files);
	return run_case(c, "gate_examples");
}
