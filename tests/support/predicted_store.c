/* SPDX-License-Identifier: Apache-2.0 */
#include "predicted_store.h"

#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct abl_err err;

static void must(int rc)
{
	if (!rc)
		return;
	fprintf(stderr, "predicted_store: %d %s\n", rc, err.text);
	exit(1);
}

static char *folder_of(const struct predicted_study *y, int arm, int seed)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "artifacts/%s-%s-%d-%d", y->name, y->task, arm, seed);
	return text.text;
}

char *predicted_store_file(const struct abl_store *s, const struct predicted_study *y, int arm,
			   int seed)
{
	char *folder = folder_of(y, arm, seed);
	struct abl_str text = {0};

	abl_str_printf(&text, "%s/%s/predictions.tsv", abl_store_folder(s), folder);
	free(folder);
	return text.text;
}

static void run_stage(struct abl_store *s, int64_t trial, const char *key, const char *role,
		      const struct abl_stage_end *end)
{
	static const struct abl_provenance made_by = {"0.1.0",   "gcc 12", "Test CPU",
						      "haswell", "here",   1};
	const struct abl_attempt_row row = {
		.log = "logs/attempt.log", .threads = 1, .made_by = &made_by};
	struct abl_stage_info info;
	int64_t attempt, id;
	bool done;

	must(abl_store_put_stage(s, &(struct abl_stage_row){.key = key, .kind = role}, &err));
	must(abl_store_link(s, trial, key, role, &err));
	must(abl_store_stage(s, key, &info, &err) != 1);
	done = info.state == ABL_DONE;
	abl_stage_info_finish(&info);
	if (done)
		return;
	must(abl_store_stage_begin(s, key, &row, &attempt, &id, &err));
	must(abl_store_stage_end(s, key, attempt, end, &err));
}

static void run_trial(struct abl_store *s, const struct predicted_study *y, int64_t trial, int arm,
		      int seed)
{
	char *folder = folder_of(y, arm, seed), *path = predicted_store_file(s, y, arm, seed);
	struct abl_str file = {0}, key = {0};
	struct abl_result results[] = {{y->metric, 0}, {"examples", y->examples}};
	struct abl_stage_end end = {.state = ABL_DONE,
				    .seconds = 1,
				    .artifact = folder,
				    .predictions = "predictions.tsv",
				    .results = results,
				    .result_count = 2};

	if (y->seeds_per_pretraining) {
		abl_str_printf(&key, "%s/pre/%d", y->name, seed / y->seeds_per_pretraining);
		run_stage(s, trial, key.text, "pretrain",
			  &(struct abl_stage_end){.state = ABL_DONE, .seconds = 10});
		abl_str_clear(&key);
	}
	y->predict(y->data, arm, seed, &file, &results[0].value);
	if (results[0].value == PREDICTED_DIVERGED)
		end = (struct abl_stage_end){.state = ABL_FAILED,
					     .reason = "diverged at step 1 (loss nan)",
					     .cause = ABL_CAUSE_DIVERGED};
	*strrchr(path, '/') = '\0';
	must(abl_mkdir_all(path, &err));
	path[strlen(path)] = '/';
	if (file.length)
		must(abl_file_write(path, file.text, file.length, &err));
	abl_str_printf(&key, "%s/%s/%d/%d", y->name, y->task, arm, seed);
	run_stage(s, trial, key.text, "evaluate", &end);
	abl_str_finish(&file);
	abl_str_finish(&key);
	free(folder);
	free(path);
}

void predicted_store_fill(struct abl_store *s, const struct predicted_study *y)
{
	int64_t study, variant, trial;

	must(abl_store_begin(s, &err));
	must(abl_store_put_study(s, &(struct abl_study_row){.name = y->name, .text = "study: x\n"},
				 &study, &err));
	must(abl_store_put_task(
		s, study,
		&(struct abl_task_row){
			.name = y->task, .type = y->type, .metric = y->metric, .split = "dev"},
		&err));
	for (int arm = 0; arm < y->arms; arm++) {
		char label[32] = "baseline", subject[32] = "";

		if (arm) {
			snprintf(subject, sizeof subject, "part%d", arm);
			snprintf(label, sizeof label, "no part%d", arm);
		}
		must(abl_store_put_variant(
			s, study,
			&(struct abl_variant_row){.label = label,
						  .kind = arm ? ABL_VARIANT_REMOVAL
							      : ABL_VARIANT_BASELINE,
						  .subject = arm ? subject : NULL,
						  .position = arm},
			&variant, &err));
		for (int seed = 0; seed < y->seeds; seed++) {
			must(abl_store_put_trial(s, variant, y->task, seed + 1, &trial, &err));
			run_trial(s, y, trial, arm, seed);
		}
	}
	must(abl_store_refresh_views(s, &err));
	must(abl_store_commit(s, &err));
}
