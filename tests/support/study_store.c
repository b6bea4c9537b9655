/* SPDX-License-Identifier: Apache-2.0 */
#include "study_store.h"

#include "stored_stage.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct abl_err err;

static void must(int rc)
{
	if (!rc)
		return;
	fprintf(stderr, "study_store: %d %s\n", rc, err.text);
	exit(1);
}

static const char *text(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static double number(const json_t *o, const char *name)
{
	return json_number_value(json_object_get(o, name));
}

/* A number is a score; a word says what became of the trial instead. */
static void run_trial(struct abl_store *s, const json_t *study, const json_t *arm,
		      const json_t *task, int64_t trial, int seed)
{
	const json_t *value =
		json_array_get(json_object_get(json_object_get(arm, "values"), text(task, "name")),
			       (size_t)seed - 1);
	const char *word = json_string_value(value), *metric = text(task, "metric");
	const int each = (int)number(study, "finetunings");
	struct abl_str key = {0}, majority = {0};
	struct abl_result results[] = {{metric, json_number_value(value)},
				       {"examples", number(task, "examples")},
				       {NULL, number(task, "majority")}};
	struct abl_stage_end end = {.state = ABL_DONE, .seconds = 1};

	abl_str_printf(&majority, "%s%smajority", strcmp(metric, "accuracy") ? metric : "",
		       strcmp(metric, "accuracy") ? "_" : "");
	results[2].name = majority.text;
	if (each) {
		abl_str_printf(&key, "%s/%s/pre/%d", text(study, "name"),
			       json_is_true(json_object_get(arm, "own_pretraining"))
				       ? text(arm, "label")
				       : "",
			       (seed - 1) / each);
		stored_stage_run(s, trial, key.text, "pretrain", &end);
		abl_str_clear(&key);
	}
	abl_str_printf(&key, "%s/%s/%s/%d", text(study, "name"), text(task, "name"),
		       text(arm, "label"), seed);
	if (word && strcmp(word, "waiting") != 0) {
		const bool diverged = !strcmp(word, "diverged");

		end.state = ABL_FAILED;
		end.reason = diverged ? "diverged at step 180 (loss nan)" : "killed by signal 11";
		end.cause = diverged ? ABL_CAUSE_DIVERGED : ABL_CAUSE_CRASH;
	} else if (word) {
		end.state = ABL_WAITING;
	}
	stored_stage_run(s, trial, key.text, "finetune", &end);
	abl_str_puts(&key, "/dev");
	if (end.state != ABL_DONE)
		end.state = ABL_WAITING;
	end.results = results;
	end.result_count = 3;
	stored_stage_run(s, trial, key.text, "evaluate", &end);
	abl_str_finish(&key);
	abl_str_finish(&majority);
}

static void put_arm(struct abl_store *s, int64_t id, const json_t *study, const json_t *arm,
		    int position)
{
	int64_t variant, trial;
	const char *name;
	json_t *change, *task;
	size_t t;

	must(abl_store_put_variant(
		s, id,
		&(struct abl_variant_row){
			.label = text(arm, "label"),
			.kind = (enum abl_variant_kind)abl_variant_kind_find(text(arm, "kind")),
			.subject = text(arm, "subject"),
			.position = position},
		&variant, &err));
	json_object_foreach(json_object_get(arm, "changes"), name, change)
	{
		const struct abl_value value = {.type = ABL_CHOICE,
						.choice = json_string_value(change)};

		must(abl_store_put_change(s, variant, name, &value, &err));
	}
	json_array_foreach(json_object_get(study, "tasks"), t, task)
	{
		for (int seed = 1; seed <= (int)number(study, "seeds"); seed++) {
			must(abl_store_put_trial(s, variant, text(task, "name"), seed, &trial,
						 &err));
			run_trial(s, study, arm, task, trial, seed);
		}
	}
}

void study_store_fill(struct abl_store *s, const json_t *study)
{
	int64_t id;
	json_t *item;
	size_t i;

	must(abl_store_begin(s, &err));
	must(abl_store_put_study(
		s, &(struct abl_study_row){.name = text(study, "name"), .text = "study: x\n"}, &id,
		&err));
	json_array_foreach(json_object_get(study, "tasks"), i, item)
	{
		must(abl_store_put_task(
			s, id,
			&(struct abl_task_row){.name = text(item, "name"),
					       .type = "classify",
					       .metric = text(item, "metric"),
					       .lower_is_better = json_is_true(
						       json_object_get(item, "lower_is_better")),
					       .split = "dev"},
			&err));
	}
	json_array_foreach(json_object_get(study, "rules"), i, item)
	{
		must(abl_store_put_rule(
			s, id,
			&(struct abl_rule_row){json_string_value(json_array_get(item, 0)),
					       json_string_value(json_array_get(item, 1)),
					       json_string_value(json_array_get(item, 2))},
			&err));
	}
	json_array_foreach(json_object_get(study, "arms"), i, item)
	{
		put_arm(s, id, study, item, (int)i);
	}
	must(abl_store_commit(s, &err));
}
