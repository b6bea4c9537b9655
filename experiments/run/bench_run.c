/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_run.h"

#include "bench_machine.h"
#include "files.h"
#include "machine.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>

/* A sweep as people run them: one small model, a hundred recipes, many seeds. */
static const char study_text[] = "study: bookkeeping\n"
				 "data: world\n"
				 "vocab: 400\n"
				 "pretraining: {texts: world}\n"
				 "tasks: [sentiment]\n"
				 "baseline: {layers: 1, hidden: 16, heads: 1, pretraining: none}\n"
				 "design:\n"
				 "  grid:\n"
				 "    learning_rate: [1e-5, 2e-5, 3e-5, 5e-5, 1e-4, 2e-4, 3e-4, "
				 "5e-4, 1e-3, 2e-3]\n"
				 "    warmup: [0, .01, .02, .03, .05, .08, .1, .15, .2, .3]\n";

static void finished(void *data, const struct abl_run *run, size_t stage)
{
	struct abl_bench_run *b = data;
	const struct abl_supervisor_events shown = abl_progress_events(&b->progress);

	shown.finished(shown.data, run, stage);
	if (!run->plan->stages[stage].kind->scores)
		return;
	b->done++;
	if (b->scored)
		b->scored(b->data, b->done);
}

static void tick(void *data, const struct abl_run *run, int stops)
{
	struct abl_bench_run *b = data;
	const struct abl_supervisor_events shown = abl_progress_events(&b->progress);

	shown.tick(shown.data, run, stops);
	if (b->tick)
		b->tick(b->data);
}

static int write_study(const struct abl_bench_run *b, int64_t trials, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc;

	abl_str_puts(&text, study_text);
	abl_str_printf(&text, "seeds: %lld\n", (long long)(trials / ABL_BENCH_VARIANTS));
	rc = abl_file_write(b->study_path, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}

int abl_bench_run_folder(struct abl_bench_run *b, struct abl_err *err)
{
	int rc = abl_bench_folder(&b->folder, err);

	if (rc)
		return rc;
	b->study_path = abl_path_join(b->folder, "bookkeeping.yaml");
	b->store_path = abl_path_join(b->folder, "store");
	b->database = abl_path_join(b->store_path, "results.db");
	return 0;
}

/* As `ablate run` begins. */
int abl_bench_run_plan(struct abl_bench_run *b, int64_t trials, struct abl_err *err)
{
	const double begin = abl_clock_now();
	struct abl_supervisor *s = &b->supervisor;
	int rc = write_study(b, trials, err);

	rc = rc ? rc : abl_study_load(&b->study, b->study_path, NULL, err);
	rc = rc ? rc : abl_plan_create(&b->plan, b->study, NULL, err);
	rc = rc ? rc : abl_store_open(&b->store, b->store_path, ABL_STORE_WRITE, err);
	rc = rc ? rc : abl_record_plan(&b->record, b->store, b->plan, err);
	if (rc)
		return rc;
	*s = (struct abl_supervisor){
		.run = {.plan = b->plan, .store = b->store, .workers = b->workers, .threads = 1},
		.record = &b->record,
		.events = {.data = b, .tick = tick, .finished = finished},
		.executors = &b->executor,
		.executor_count = 1};
	abl_provenance_gather(&s->run.made_by);
	rc = abl_supervisor_init(s, err);
	b->plan_seconds = abl_clock_now() - begin;
	return rc;
}

int abl_bench_run_go(struct abl_bench_run *b, struct abl_err *err)
{
	FILE *nowhere = fopen("/dev/null", "we");
	int rc;

	if (!nowhere)
		return abl_err_set(err, ABL_EIO, "cannot open /dev/null");
	abl_progress_init(&b->progress, nowhere);
	rc = abl_supervisor_run(&b->supervisor, err);
	fclose(nowhere);
	if (!rc && b->done != (int64_t)b->plan->trial_count)
		rc = abl_err_set(err, ABL_EFAIL, "%lld of %lld trials were done",
				 (long long)b->done, (long long)b->plan->trial_count);
	return rc;
}

int abl_bench_run_finish(struct abl_bench_run *b, int rc, struct abl_err *err)
{
	if (!b->folder)
		return rc;
	abl_supervisor_finish(&b->supervisor);
	abl_record_finish(&b->record);
	abl_store_close(b->store);
	abl_plan_destroy(b->plan);
	abl_study_destroy(b->study);
	if (abl_remove_tree(b->folder, err) && !rc)
		rc = ABL_EIO;
	free(b->study_path), free(b->store_path), free(b->database), free(b->folder);
	return rc;
}
