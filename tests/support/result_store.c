/* SPDX-License-Identifier: Apache-2.0 */
#include "result_store.h"

#include "files.h"
#include "stored_stage.h"
#include "str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16

static struct abl_err err;

static void must(int rc)
{
	if (!rc)
		return;
	fprintf(stderr, "result_store: %d %s\n", rc, err.text);
	exit(1);
}

static void run_trial(struct abl_store *s, const struct result_study *y, const struct result_arm *a,
		      int64_t trial, int seed)
{
	double value = a->values[seed - 1];
	struct abl_str key = {0}, name = {0};
	struct abl_result results[] = {
		{y->metric, value}, {"examples", y->examples}, {NULL, y->majority}};
	struct abl_result sizes[] = {{"parameters", a->parameters},
				     {"parameters_without_embeddings", a->bare}};
	struct abl_stage_end end = {.state = ABL_DONE, .seconds = a->seconds};

	if (strcmp(y->metric, "accuracy"))
		abl_str_printf(&name, "%s_", y->metric);
	abl_str_puts(&name, "majority");
	results[2].name = name.text;

	if (y->seeds_per_pretraining) {
		abl_str_printf(&key, "%s/%s/pre/%d", y->name,
			       a->own_pretraining ? a->variant.label : "",
			       (seed - 1) / y->seeds_per_pretraining);
		stored_stage_run(s, trial, key.text, "pretrain",
				 &(struct abl_stage_end){.state = ABL_DONE, .seconds = 10});
		abl_str_clear(&key);
	}
	abl_str_printf(&key, "%s/%s/%s/%d", y->name, y->task, a->variant.label, seed);
	if (value == RUN_DIVERGED || value == RUN_CRASHED) {
		end.state = ABL_FAILED;
		end.reason = value == RUN_DIVERGED ? "diverged at step 180 (loss nan)"
						   : "killed by signal 11";
		end.cause = value == RUN_DIVERGED ? ABL_CAUSE_DIVERGED : ABL_CAUSE_CRASH;
	} else if (value == RUN_WAITING) {
		end.state = ABL_WAITING;
	}
	if (end.state == ABL_DONE && a->parameters > 0)
		end.results = sizes, end.result_count = 1 + (a->bare > 0);
	stored_stage_run(s, trial, key.text, "finetune", &end);
	abl_str_puts(&key, "/dev");
	if (end.state != ABL_DONE)
		end.state = ABL_WAITING;
	end.results = results;
	end.result_count = isnan(y->majority) ? 2 : 3;
	stored_stage_run(s, trial, key.text, "evaluate", &end);
	abl_str_finish(&key);
	abl_str_finish(&name);
}

void result_store_fill(struct abl_store *s, const struct result_study *y)
{
	int64_t study, variant, trial;

	must(abl_store_begin(s, &err));
	must(abl_store_put_study(s, &(struct abl_study_row){.name = y->name, .text = "study: x\n"},
				 &study, &err));
	must(abl_store_put_task(s, study,
				&(struct abl_task_row){.name = y->task,
						       .type = "classify",
						       .metric = y->metric,
						       .lower_is_better = y->lower_is_better,
						       .split = "dev"},
				&err));
	for (size_t i = 0; i < y->count; i++) {
		const struct abl_value value = {.type = ABL_CHOICE, .choice = i ? "none" : "on"};

		const struct abl_value hidden = {.type = ABL_INT, .i = y->arms[i].hidden};
		const char *name = i ? y->arms[i].variant.subject : "segments";

		must(abl_store_put_variant(s, study, &y->arms[i].variant, &variant, &err));
		must(abl_store_put_option(s, variant, NULL, hidden.i ? "hidden" : name,
					  hidden.i ? &hidden : &value, &err));
		for (int seed = 1; seed <= y->seeds; seed++) {
			must(abl_store_put_trial(s, variant, y->task, seed, &trial, &err));
			run_trial(s, y, &y->arms[i], trial, seed);
		}
	}
	must(abl_store_refresh_views(s, &err));
	must(abl_store_commit(s, &err));
}

static int read_values(const json_t *list, double out[MOST])
{
	int n = (int)json_array_size(list);

	for (int i = 0; i < n && i < MOST; i++)
		out[i] = json_is_null(json_array_get(list, (size_t)i))
				 ? RUN_DIVERGED
				 : json_number_value(json_array_get(list, (size_t)i));
	return n;
}

void result_store_fill_reference(struct abl_store *s, const json_t *c)
{
	static double values[MOST][MOST];
	struct result_arm arms[MOST] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .seconds = 100}};
	struct result_study study = {
		.name = "special-tokens",
		.task = json_string_value(json_object_get(c, "task")),
		.metric = json_string_value(json_object_get(c, "metric")),
		.examples = json_number_value(json_object_get(c, "examples")),
		.majority = json_number_value(json_object_get(c, "majority")),
		.arms = arms,
		.count = 1,
	};
	size_t i;
	json_t *v;

	study.seeds = read_values(json_object_get(c, "baseline"), values[0]);
	arms[0].values = values[0];
	json_array_foreach(json_object_get(c, "variants"), i, v)
	{
		read_values(json_object_get(v, "values"), values[i + 1]);
		arms[study.count++] = (struct result_arm){
			.variant = {.label = json_string_value(json_object_get(v, "label")),
				    .kind = (enum abl_variant_kind)abl_variant_kind_find(
					    json_string_value(json_object_get(v, "kind"))),
				    .subject = json_string_value(json_object_get(v, "subject")),
				    .position = (int)i + 1},
			.values = values[i + 1],
			.seconds = 99,
		};
	}
	result_store_fill(s, &study);
}

/* ---- the study 'first' ---- */

static const double first_base[] = {.5, .6, .7}, first_other[] = {.4, .5, .75},
		    first_broken[] = {RUN_DIVERGED, RUN_CRASHED, RUN_WAITING};
static const struct result_arm first_arms[] = {
	{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE},
	 .values = first_base,
	 .seconds = 10},
	{.variant = {.label = "no x", .kind = ABL_VARIANT_REMOVAL, .subject = "x", .position = 1},
	 .values = first_other,
	 .seconds = 10},
	{.variant = {.label = "no y", .kind = ABL_VARIANT_REMOVAL, .subject = "y", .position = 2},
	 .values = first_broken,
	 .seconds = 10},
};

int64_t result_store_begin_first(struct abl_store **out, const char *folder)
{
	const struct result_study filled = {.name = "first",
					    .task = "rte",
					    .metric = "accuracy",
					    .examples = 100,
					    .majority = .5,
					    .arms = first_arms,
					    .count = 3,
					    .seeds = 3};
	char *path = abl_path_join(folder, "store");
	int64_t study = 0;

	must(abl_remove_tree(path, &err));
	must(abl_store_open(out, path, ABL_STORE_WRITE, &err));
	result_store_fill(*out, &filled);
	must(abl_store_find_study(*out, "first", &study, &err));
	free(path);
	return study;
}
