/* SPDX-License-Identifier: Apache-2.0 */
/* made_study.h - a study made by hand: variants with options, and trials with scores and costs. For
 * one test program; its fixture is setup() and teardown(). */
#ifndef ABL_MADE_STUDY_H
#define ABL_MADE_STUDY_H

#include "files.h"
#include "stats.h"
#include "store.h"
#include "str.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static char folder[] = "/tmp/ablate-tables-XXXXXX";
static char *path;
static struct abl_store *store;
static struct abl_err err;
static int64_t study;

#define MUST(call) ck_assert_msg(!(call), "%s", err.text)

static void setup(void)
{
	err = (struct abl_err){0};
	path = abl_path_join(folder, "store");
	MUST(abl_remove_tree(path, &err));
	MUST(abl_store_open(&store, path, ABL_STORE_WRITE, &err));
}

static void teardown(void)
{
	abl_store_close(store);
	free(path);
}

/* ---- making a study ---- */

static void begin(const char *design, bool lower_is_better)
{
	MUST(abl_store_begin(store, &err));
	MUST(abl_store_put_study(store, &(struct abl_study_row){.name = "s", .text = "study: s\n"},
				 &study, &err));
	MUST(abl_store_put_rule(store, study,
				&(struct abl_rule_row){.name = "design", .subject = design}, &err));
	MUST(abl_store_put_task(store, study,
				&(struct abl_task_row){.name = "t",
						       .type = "",
						       .metric = "score",
						       .lower_is_better = lower_is_better,
						       .split = "dev"},
				&err));
}

static void end(void)
{
	MUST(abl_store_refresh_views(store, &err));
	MUST(abl_store_commit(store, &err));
}

static int64_t variant(const char *label, enum abl_variant_kind kind, int position)
{
	int64_t id;

	MUST(abl_store_put_variant(
		store, study,
		&(struct abl_variant_row){.label = label, .kind = kind, .position = position}, &id,
		&err));
	return id;
}

static void option(int64_t of, const char *name, const char *text)
{
	struct abl_value value = {.type = ABL_CHOICE, .choice = text};

	if (abl_parse_real(text, &value.r))
		value.type = ABL_REAL;
	MUST(abl_store_put_option(store, of, NULL, name, &value, &err));
	MUST(abl_store_put_change(store, of, name, &value, &err));
}

struct run {
	double value;                                                /* NaN: it crashed */
	double seconds, cpu_seconds, peak_memory, parameters, flops; /* 0: not told */
	bool diverged;
	const char *pretraining; /* key of its stage, or NULL */
};

static void stage(int64_t trial, const char *key, const char *kind, const char *role,
		  const struct abl_stage_end *how)
{
	const struct abl_attempt_row row = {.log = "logs/x", .threads = 1};
	struct abl_stage_info info;
	int64_t attempt, id;
	bool done;

	MUST(abl_store_put_stage(store, &(struct abl_stage_row){.key = key, .kind = kind}, &err));
	MUST(abl_store_link(store, trial, key, role, &err));
	MUST(abl_store_stage(store, key, &info, &err) != 1);
	done = info.state == ABL_DONE;
	abl_stage_info_finish(&info);
	if (done)
		return;
	MUST(abl_store_stage_begin(store, key, &row, &attempt, &id, &err));
	MUST(abl_store_stage_end(store, key, attempt, how, &err));
}

static void run(int64_t of, int64_t seed, struct run r)
{
	const struct abl_result results[] = {
		{"score", r.value}, {"parameters", r.parameters}, {"flops", r.flops}};
	struct abl_str key = {0};
	int64_t trial;

	MUST(abl_store_put_trial(store, of, "t", seed, &trial, &err));
	abl_str_printf(&key, "%lld/%lld", (long long)of, (long long)seed);
	if (r.pretraining)
		stage(trial, r.pretraining, "pretrain", "pretrain",
		      &(struct abl_stage_end){.state = ABL_DONE, .seconds = 1});
	stage(trial, key.text, "train", "evaluate",
	      &(struct abl_stage_end){.state = isnan(r.value) ? ABL_FAILED : ABL_DONE,
				      .cause = r.diverged ? ABL_CAUSE_DIVERGED : ABL_CAUSE_CRASH,
				      .reason = r.diverged ? "diverged at step 3"
							   : "killed by signal 11",
				      .seconds = r.seconds,
				      .cpu_seconds = r.cpu_seconds,
				      .peak_memory = r.peak_memory,
				      .results = results,
				      .result_count = r.parameters > 0 ? 3 : 1});
	abl_str_finish(&key);
}

/* ---- comparing ---- */

static double number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void near(double ours, double theirs, const char *what)
{
	ck_assert_msg(fabs(ours - theirs) <= 1e-9 * fmax(1e-3, fabs(theirs)),
		      "%s: %.17g, not %.17g", what, ours, theirs);
}

static void is_interval(const struct abl_t_test *ours, const json_t *theirs, const char *what)
{
	near(ours->estimate, number(theirs, "mean"), what);
	near(ours->low, number(theirs, "low"), what);
	near(ours->high, number(theirs, "high"), what);
}

/* The variant of a row of runs, made when its first run comes. */
static int64_t variant_of(const json_t *row, const char *const *names, size_t count, int at,
			  int64_t *known)
{
	struct abl_str label = {0};

	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_object_get(row, names[i]);

		abl_str_printf(&label, "%s%s=", i ? ", " : "", names[i]);
		if (json_is_string(value))
			abl_str_puts(&label, json_string_value(value));
		else
			abl_str_printf(&label, "%d", (int)json_integer_value(value));
	}
	if (!*known) {
		*known = variant(label.text, ABL_VARIANT_GRID, at);
		for (size_t i = 0; i < count; i++) {
			const json_t *value = json_object_get(row, names[i]);
			char digits[32];

			snprintf(digits, sizeof digits, "%d", (int)json_integer_value(value));
			option(*known, names[i],
			       json_is_string(value) ? json_string_value(value) : digits);
		}
	}
	abl_str_finish(&label);
	return *known;
}

#endif
