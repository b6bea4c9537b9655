/* SPDX-License-Identifier: Apache-2.0 */
/* test_ready.c - the queue of stages that can start, against looking at all of them. */
#include "ready.h"
#include "rng.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>

enum { STAGES = 300 };

static struct abl_plan_stage stages[STAGES];
static struct abl_plan plan = {.stages = stages, .stage_count = STAGES};
static bool done[STAGES], begun[STAGES];

static size_t draw(size_t i, size_t what, size_t n)
{
	return (size_t)abl_rng_below(7, i, what, n);
}

/* Some stages read one or two earlier ones, some the same one twice. */
static void make_plan(void)
{
	for (size_t i = 0; i < STAGES; i++) {
		const bool has = i > 5 && draw(i, 0, 4), twice = has && !draw(i, 1, 3);

		done[i] = begun[i] = false;
		stages[i] = (struct abl_plan_stage){
			.inputs = {{"vocab", has ? draw(i, 2, i) : ABL_NONE},
				   {"corpus", ABL_NONE},
				   {"parent", has ? draw(i, 3, i) : ABL_NONE}},
			.input_count = 3,
			.order = draw(i, 4, 40)};
		if (twice)
			stages[i].inputs[1].stage = stages[i].inputs[0].stage;
	}
}

static bool can_start(size_t i)
{
	for (size_t k = 0; k < stages[i].input_count; k++) {
		const size_t input = stages[i].inputs[k].stage;

		if (input != ABL_NONE && !done[input])
			return false;
	}
	return !begun[i];
}

/* By looking at all of them. */
static size_t best(void)
{
	size_t found = ABL_NONE;

	for (size_t i = 0; i < STAGES; i++)
		if (can_start(i) && (found == ABL_NONE || stages[i].order < stages[found].order))
			found = i;
	return found;
}

START_TEST(test_ready__earliest_first)
{
	struct abl_ready r = {0};
	size_t count = 0;

	make_plan();
	for (size_t i = 0; i < STAGES; i++) {
		abl_ready_link(&r, &plan);
		if (can_start(i))
			abl_ready_push(&r, &plan, i);
	}
	for (; r.count; count++) {
		const size_t other = abl_ready_take(&r, &plan, count % r.count), stage = best();

		abl_ready_push(&r, &plan, other); /* from the middle, and back */
		ck_assert_uint_eq(abl_ready_take(&r, &plan, 0), stage);
		begun[stage] = done[stage] = true;
		for (size_t i = abl_ready_first(&r, stage); i != ABL_NONE;
		     i = abl_ready_next(&r, i))
			if (can_start(abl_ready_reader(i)))
				abl_ready_push(&r, &plan, abl_ready_reader(i));
	}
	ck_assert_uint_eq(count, STAGES);
	abl_ready_finish(&r);
}
END_TEST

START_TEST(test_ready__readers)
{
	struct abl_ready r = {0};

	make_plan();
	for (size_t i = 0; i < STAGES; i++)
		abl_ready_link(&r, &plan);
	for (size_t i = 0; i < STAGES; i++) {
		bool reads[STAGES] = {false};
		size_t told = 0, all = 0;

		for (size_t k = abl_ready_first(&r, i); k != ABL_NONE; k = abl_ready_next(&r, k)) {
			ck_assert(!reads[abl_ready_reader(k)]); /* each once */
			reads[abl_ready_reader(k)] = true;
			told++;
		}
		for (size_t k = 0; k < STAGES; k++) {
			const bool is_reader =
				stages[k].inputs[0].stage == i || stages[k].inputs[2].stage == i;

			ck_assert_int_eq(reads[k], is_reader);
			all += is_reader;
		}
		ck_assert_uint_eq(told, all);
	}
	abl_ready_finish(&r);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("ready");

	tcase_add_test(tests, test_ready__earliest_first);
	tcase_add_test(tests, test_ready__readers);
	return run_case(tests, "ready");
}
