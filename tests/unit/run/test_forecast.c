/* SPDX-License-Identifier: Apache-2.0 */
/* test_forecast.c - what stages will take, by made-up pasts; times of day as people write them. */
#include "files.h"
#include "forecast.h"
#include "run_case.h"
#include "schedule.h"
#include "str.h"
#include "when.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-forecast-XXXXXX";
static struct abl_study *study;
static struct abl_plan *plan;
static struct abl_forecasts *f;

static void begin(void)
{
	static const char text[] =
		"study: made\n"
		"data: world\n"
		"vocab: 400\n"
		"pretraining: {texts: world}\n"
		"tasks: [sentiment]\n"
		"limits: {price: 0.12 EUR per core-hour, by: 07:00}\n"
		"baseline: {layers: 1, hidden: 16, heads: 1, pretrain_steps: 100}\n"
		"design: {grid: {pretrain_steps: [1000, 10000]}}\n"
		"seeds: 2\n";
	char *path = abl_path_join(folder, "study.yaml");
	struct abl_err err = {0};
	int rc = abl_file_write(path, text, sizeof text - 1, &err);

	rc = rc ? rc : abl_study_load(&study, path, NULL, &err);
	rc = rc ? rc : abl_plan_create(&plan, study, NULL, &err);
	rc = rc ? rc : abl_forecasts_load(&f, NULL, plan, 1, &err);
	ck_assert_msg(!rc, "%s", err.text);
	free(path);
}

static void end(void)
{
	abl_forecasts_destroy(f);
	abl_plan_destroy(plan);
	abl_study_destroy(study);
}

/* The pre-training of a variant with a seed. */
static size_t pretraining(size_t variant, int64_t seed)
{
	for (size_t i = 0; i < plan->stage_count; i++)
		if (!strcmp(plan->stages[i].kind->name, "pretrain") &&
		    plan->stages[i].variant == variant && plan->stages[i].seed == seed)
			return i;
	ck_abort_msg("no such stage");
	return 0;
}

static struct abl_forecast of(size_t stage)
{
	struct abl_forecast out;

	abl_forecast_stage(f, plan, stage, &out);
	return out;
}

START_TEST(test_forecast__past)
{
	const size_t small = pretraining(1, 1), large = pretraining(2, 1);
	const double ratio = (plan->stages[large].cost - .05) / (plan->stages[small].cost - .05);

	ck_assert(!of(small).known);
	abl_forecasts_learn(f, plan, small, 0, 0, 0); /* that says nothing */
	ck_assert(!of(small).known);
	abl_forecasts_learn(f, plan, small, 12, 8, 5e6);
	/* the same with another seed; the larger one in proportion */
	ck_assert(of(pretraining(1, 2)).known);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).cpu_seconds, 8, 1e-9);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).seconds, 12, 1e-9);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).memory, 5e6, 1);
	ck_assert(of(large).known && of(large).cpu_seconds > 8 && of(large).cpu_seconds < 81);
	ck_assert(of(large).memory > 0);
	/* two sizes make a line, and what lies between is on it */
	abl_forecasts_learn(f, plan, pretraining(0, 1), 3, 2.6, 4e6);
	abl_forecasts_learn(f, plan, small, 12, 8, 5e6);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).cpu_seconds, 8, 1e-9);
	ck_assert_double_eq_tol(of(large).cpu_seconds, 2 + 6 * ratio, .05 * 6 * ratio);
	ck_assert(isfinite(of(large).seconds));
	/* somebody has stopped one for an hour: the others take what they took */
	abl_forecasts_learn(f, plan, pretraining(0, 2), 3600, 2.6, 4e6);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).seconds, 12, 1e-9);
	ck_assert_double_eq_tol(of(pretraining(0, 2)).seconds, 1.5 * 2.6, 1e-9);
	/* the machine has become quieter: a few stages of this run say it */
	for (int i = 0; i < 5; i++)
		abl_forecasts_learn(f, plan, pretraining(0, 1), 2.6 * 1.1, 2.6, 4e6);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).cpu_seconds, 8, 1e-9);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).seconds, 8 * 1.1, 8 * .1);
	for (int i = 0; i < 20; i++)
		abl_forecasts_learn(f, plan, pretraining(0, 1), 2.6 * 3, 2.6, 4e6);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).seconds, 8 * 3, 1e-9);
	abl_forecasts_learn(f, plan, pretraining(0, 1), 3600, 2.6, 4e6);
	ck_assert_double_eq_tol(of(pretraining(1, 2)).seconds, 8 * 3, 1e-9);
	/* no kind says anything about another one */
	for (size_t i = 0; i < plan->stage_count; i++)
		if (strcmp(plan->stages[i].kind->name, "pretrain") != 0)
			ck_assert(!of(i).known && of(i).cpu_seconds > 0);
}
END_TEST

START_TEST(test_forecast__schedule)
{
	struct abl_run run = {.plan = plan,
			      .workers = 1,
			      .threads = 1,
			      .forecasts = f,
			      .nodes = abl_calloc(plan->stage_count, sizeof(struct abl_node)),
			      .node_count = plan->stage_count};
	struct abl_schedule one, two, late;
	size_t fits = 0;

	for (size_t i = 0; i < plan->stage_count; i++)
		run.nodes[i] = (struct abl_node){.blocked = ABL_NONE};
	abl_schedule_make(&one, &run, INFINITY);
	ck_assert_double_eq_tol(one.seconds, one.cpu_seconds, 1e-6); /* one after the other */
	ck_assert(one.stages == plan->stage_count && !one.late && one.rough && !one.unknown);
	run.workers = 2;
	abl_schedule_make(&two, &run, INFINITY);
	ck_assert(two.cpu_seconds > .999 * one.cpu_seconds && two.memory > one.memory);
	run.workers = 1;
	abl_schedule_make(&late, &run, .6 * one.seconds);
	for (size_t i = 0; i < plan->trial_count; i++) {
		ck_assert(one.fits[i]);
		fits += late.fits[i];
	}
	ck_assert(late.late > 0 && fits > 0 && fits < plan->trial_count && late.fits[0]);
	ck_assert(late.seconds <= .6 * one.seconds);
	abl_schedule_finish(&late);
	abl_schedule_make(&late, &run, 0);
	ck_assert(late.late == late.stages && !late.fits[0]);
	abl_schedule_finish(&one), abl_schedule_finish(&two), abl_schedule_finish(&late);
	free(run.nodes);
}
END_TEST

START_TEST(test_forecast__when)
{
	static const struct {
		const char *text, *is; /* NULL: no time */
	} cases[] = {
		{"07:00", "2026-11-30 07:00"},
		{"7:00", "2026-11-30 07:00"},
		{"22:30", "2026-11-29 22:30"},
		{"22:00", "2026-11-30 22:00"}, /* it is that now */
		{" 24:00 ", "2026-11-30 00:00"},
		{"tomorrow 07:00", "2026-11-30 07:00"},
		{"today 07:00", "2026-11-29 07:00"},
		{"2026-12-31 07:00", "2026-12-31 07:00"},
		{"2026-12-31T07:00:00Z", "2026-12-31 07:00"},
		{"2026-12-31T07:00+01:00", "2026-12-31 06:00"},
		{"2024-02-29 07:00", "2024-02-29 07:00"},
		{"2026-02-29 07:00", NULL},
		{"24:01", NULL},
		{"7", NULL},
		{"07:60", NULL},
		{"7am", NULL},
		{"", NULL},
		{"tomorrow", NULL},
		{"2026-12-31", NULL},
		{"07:00 x", NULL},
	};
	struct abl_err err = {0};
	const time_t now = 1795989600; /* 2026-11-29 22:00 UTC */
	char text[32];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		time_t when = 0;
		struct tm t;
		const int rc = abl_when(cases[i].text, now, &when, &err);

		ck_assert_msg(!rc == (cases[i].is != NULL), "'%s'", cases[i].text);
		if (rc)
			continue;
		strftime(text, sizeof text, "%Y-%m-%d %H:%M", gmtime_r(&when, &t));
		ck_assert_msg(!strcmp(text, cases[i].is), "'%s' is %s", cases[i].text, text);
	}
	ck_assert_str_eq(abl_when_text(now + 60, now, text), "22:01");
	ck_assert_str_eq(abl_when_text(now + 9 * 3600, now, text), "tomorrow 07:00");
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("forecast");
	int rc;

	setenv("TZ", "UTC", 1);
	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, begin, end);
	tcase_add_test(c, test_forecast__past);
	tcase_add_test(c, test_forecast__schedule);
	tcase_add_test(c, test_forecast__when);
	rc = run_case(c, "forecast");
	return abl_remove_tree(folder, NULL) || rc;
}
