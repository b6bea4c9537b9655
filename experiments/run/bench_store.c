/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "bench_store.h"

#include "bench_machine.h"
#include "files.h"
#include "progress.h"
#include "str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { POINTS = 50 };

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

struct work {
	char *folder, *study_path, *store_path, *database;
	struct abl_study *study;
	struct abl_plan *plan;
	struct abl_store *store;
	struct abl_record record;
	struct abl_progress progress;
	struct abl_supervisor supervisor;
	struct abl_executor executor;
	struct abl_attempt_spec started; /* by `pretended`, and not ended; data NULL = none */
	struct abl_bench_bookkeeping *out;
	int64_t done;
	double marked; /* monotonic seconds */
};

static void say(const struct abl_attempt_spec *to, const char *line)
{
	to->line(to->data, line, strlen(line));
}

/* What a child would say: two curves of a training, and what came out. */
static void pretend_stage(const struct work *w, const struct abl_attempt_spec *to)
{
	const struct abl_job *job = to->data;
	const struct abl_plan_stage *stage = &w->plan->stages[job->stage];
	char line[128];

	for (int i = 1; i <= POINTS && stage->kind->trains && stage->task != ABL_NONE; i++) {
		snprintf(line, sizeof line,
			 "{\"step\":%d,\"metrics\":{\"loss\":%.4f,\"learning_rate\":1e-4}}", 10 * i,
			 1. / i);
		say(to, line);
	}
	if (stage->kind->scores)
		say(to, "{\"result\":{\"accuracy\":0.75,\"examples\":100,\"majority\":0.5}}");
}

/* An executor of one attempt that ends at once. */

static size_t is_running(void *data)
{
	return ((const struct work *)data)->started.data != NULL;
}

static size_t offers(void *data, struct abl_offer *out, size_t most)
{
	if (is_running(data))
		return 0;
	if (most)
		*out = (struct abl_offer){.memory = INFINITY, .seconds = INFINITY, .idle = true};
	return 1;
}

static int start(void *data, const struct abl_attempt_spec *spec, int64_t *number,
		 struct abl_err *err)
{
	(void)err;
	((struct work *)data)->started = *spec;
	*number = 1;
	return 0;
}

static void stop(void *data, int64_t number, enum abl_stop how)
{
	(void)data, (void)number, (void)how; /* it ends anyway */
}

static size_t descriptors(void *data, struct pollfd *out, size_t most)
{
	(void)data, (void)out, (void)most;
	return 0;
}

static double deadline(void *data)
{
	return is_running(data) ? 0 : INFINITY;
}

static void advance(void *data)
{
	const struct abl_end end = {.kind = ABL_END_EXITED, .seconds = 1};
	struct work *w = data;
	const struct abl_attempt_spec to = w->started;

	if (!to.data)
		return;
	w->started.data = NULL;
	pretend_stage(w, &to);
	to.ended(to.data, &end);
}

static const struct abl_executor_ops pretended = {
	.name = "pretended",
	.offers = offers,
	.running = is_running,
	.start = start,
	.stop = stop,
	.descriptors = descriptors,
	.deadline = deadline,
	.advance = advance,
};

static double file_bytes(const char *path)
{
	struct stat s;

	return stat(path, &s) ? 0 : (double)s.st_size;
}

static void mark(struct work *w)
{
	struct abl_bench_bookkeeping *out = w->out;
	const int64_t before = out->mark_count ? out->marks[out->mark_count - 1].trials : 0;
	const double now = abl_clock_now();

	if (out->mark_count == ABL_BENCH_MARKS || w->done == before)
		return;
	out->marks[out->mark_count++] = (struct abl_bench_mark){
		w->done, (now - w->marked) / (double)(w->done - before), file_bytes(w->database)};
	w->marked = abl_clock_now();
}

/* 1, 2 or 5 times a power of ten. */
static bool is_round(int64_t n)
{
	while (n >= 10 && n % 10 == 0)
		n /= 10;
	return n == 1 || n == 2 || n == 5;
}

static void finished(void *data, const struct abl_run *run, size_t stage)
{
	struct work *w = data;
	const struct abl_supervisor_events shown = abl_progress_events(&w->progress);

	shown.finished(shown.data, run, stage);
	if (!run->plan->stages[stage].kind->scores)
		return;
	w->done++;
	if (w->done >= 1000 && is_round(w->done))
		mark(w);
}

static void tick(void *data, const struct abl_run *run, int stops)
{
	const struct abl_supervisor_events shown =
		abl_progress_events(&((struct work *)data)->progress);

	shown.tick(shown.data, run, stops);
}

static int write_study(const struct work *w, int64_t trials, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc;

	abl_str_puts(&text, study_text);
	abl_str_printf(&text, "seeds: %lld\n", (long long)(trials / ABL_BENCH_VARIANTS));
	rc = abl_file_write(w->study_path, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}

/* As `ablate run` begins. */
static int plan(struct work *w, int64_t trials, struct abl_err *err)
{
	const double begin = abl_clock_now();
	struct abl_supervisor *s = &w->supervisor;
	int rc;

	w->executor = (struct abl_executor){.ops = &pretended, .state = w};
	rc = write_study(w, trials, err);
	rc = rc ? rc : abl_study_load(&w->study, w->study_path, NULL, err);
	rc = rc ? rc : abl_plan_create(&w->plan, w->study, NULL, err);
	rc = rc ? rc : abl_store_open(&w->store, w->store_path, ABL_STORE_WRITE, err);
	rc = rc ? rc : abl_record_plan(&w->record, w->store, w->plan, err);
	if (rc)
		return rc;
	*s = (struct abl_supervisor){
		.run = {.plan = w->plan, .store = w->store, .workers = 1, .threads = 1},
		.record = &w->record,
		.events = {.data = w, .tick = tick, .finished = finished},
		.executors = &w->executor,
		.executor_count = 1};
	abl_provenance_gather(&s->run.made_by);
	rc = abl_supervisor_init(s, err);
	if (rc)
		return rc;
	w->out->trials = (int64_t)w->plan->trial_count;
	w->out->stages = (int64_t)w->plan->stage_count;
	w->out->plan_seconds = (abl_clock_now() - begin) / (double)w->out->trials;
	return 0;
}

static int run(struct work *w, struct abl_err *err)
{
	FILE *nowhere = fopen("/dev/null", "we");
	int rc;

	if (!nowhere)
		return abl_err_set(err, ABL_EIO, "cannot open /dev/null");
	abl_progress_init(&w->progress, nowhere);
	w->marked = abl_clock_now();
	rc = abl_supervisor_run(&w->supervisor, err);
	fclose(nowhere);
	if (!rc && w->done != w->out->trials)
		rc = abl_err_set(err, ABL_EFAIL, "%lld of %lld trials were done",
				 (long long)w->done, (long long)w->out->trials);
	mark(w);
	return rc;
}

int abl_bench_store(int64_t trials, struct abl_bench_bookkeeping *out, struct abl_err *err)
{
	struct work w = {.out = out};
	int rc;

	*out = (struct abl_bench_bookkeeping){0};
	rc = abl_bench_folder(&w.folder, err);
	if (rc)
		return rc;
	w.study_path = abl_path_join(w.folder, "bookkeeping.yaml");
	w.store_path = abl_path_join(w.folder, "store");
	w.database = abl_path_join(w.store_path, "results.db");
	rc = plan(&w, trials, err);
	rc = rc ? rc : run(&w, err);
	abl_supervisor_finish(&w.supervisor);
	abl_record_finish(&w.record);
	abl_store_close(w.store);
	abl_plan_destroy(w.plan);
	abl_study_destroy(w.study);
	if (abl_remove_tree(w.folder, err) && !rc)
		rc = ABL_EIO;
	free(w.study_path), free(w.store_path), free(w.database), free(w.folder);
	return rc;
}
