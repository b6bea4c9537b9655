/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_store.h"

#include "bench_run.h"
#include "machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct work {
	struct abl_bench_run run;
	struct abl_attempt_spec started; /* by `pretended`, and not ended; data NULL = none */
	struct abl_bench_bookkeeping *out;
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
	const struct abl_plan_stage *stage = &w->run.plan->stages[job->stage];
	char line[128];

	for (int i = 1; i <= ABL_BENCH_POINTS && stage->kind->trains && stage->task != ABL_NONE;
	     i++) {
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

	if (out->mark_count == ABL_BENCH_MARKS || w->run.done == before)
		return;
	out->marks[out->mark_count++] = (struct abl_bench_mark){
		w->run.done, (now - w->marked) / (double)(w->run.done - before),
		file_bytes(w->run.database)};
	w->marked = abl_clock_now();
}

/* 1, 2 or 5 times a power of ten. */
static bool is_round(int64_t n)
{
	while (n >= 10 && n % 10 == 0)
		n /= 10;
	return n == 1 || n == 2 || n == 5;
}

static void scored(void *data, int64_t done)
{
	if (done >= 1000 && is_round(done))
		mark(data);
}

int abl_bench_store(int64_t trials, struct abl_bench_bookkeeping *out, struct abl_err *err)
{
	struct work w = {.out = out};
	int rc;

	w.run.executor = (struct abl_executor){.ops = &pretended, .state = &w};
	w.run.workers = 1;
	w.run.data = &w;
	w.run.scored = scored;
	*out = (struct abl_bench_bookkeeping){0};
	rc = abl_bench_run_folder(&w.run, err);
	rc = rc ? rc : abl_bench_run_plan(&w.run, trials, err);
	if (!rc) {
		out->trials = (int64_t)w.run.plan->trial_count;
		out->stages = (int64_t)w.run.plan->stage_count;
		out->plan_seconds = w.run.plan_seconds / (double)out->trials;
		w.marked = abl_clock_now();
		rc = abl_bench_run_go(&w.run, err);
		mark(&w);
	}
	return abl_bench_run_finish(&w.run, rc, err);
}
