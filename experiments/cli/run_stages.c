/* SPDX-License-Identifier: Apache-2.0 */
#include "run_stages.h"

#include "advice.h"
#include "compute.h"
#include "local.h"
#include "run_workers.h"
#include "machine.h"
#include "program.h"
#include "program_record.h"
#include "progress.h"
#include "run_notify.h"
#include "schedule.h"

#include <math.h>
#include <stdio.h>

int abl_run_start(struct abl_study_run *r, int64_t study, const char *command, const char *word,
		  const char *const *more, struct abl_err *err)
{
	struct abl_run *s = &r->supervisor.run;
	const char *words[12] = {"ablate", command, word};
	int count = 3, rc;

	for (; more && *more && count < 10; more++)
		words[count++] = *more;
	/* what was said of finished trials is a part of where the numbers are from */
	if (r->choice != ABL_CODE_ASK && r->change.count) {
		words[count++] = "--code";
		words[count++] = r->choice == ABL_CODE_SAME ? "same" : "new";
	}
	abl_provenance_gather(&s->made_by);
	snprintf(s->made_by.engine, sizeof s->made_by.engine, "%s", ABL_VERSION);
	abl_compute_kernel_sets("fp32", s->made_by.kernels, sizeof s->made_by.kernels);
	rc = abl_store_run_begin(r->store, study, &s->made_by, count,
				 (char *const *)(uintptr_t)words, &s->row, err);
	return rc ? rc : abl_program_record(s, err);
}

/* A program may take longer to save its state; then its own parent has to end it. */
double abl_run_grace(const struct abl_study *s)
{
	return s->program ? s->program->stop_grace + ABL_LOCAL_GRACE : ABL_LOCAL_GRACE;
}

#define LONG 100.0 /* seconds: who waits that long needs somebody */

/* Progress, and whoever is to be told. */
struct onlooker {
	struct abl_progress progress;
	struct abl_supervisor_events events; /* its */
	const struct abl_study_run *r;
	struct abl_run_workers *workers;
	bool told; /* of this wait */
};

static void tick(void *data, const struct abl_run *run, int stops)
{
	struct onlooker *o = data;

	abl_run_workers_tick(o->workers, stops);
	o->events.tick(o->events.data, run, stops);
}

static void finished(void *data, const struct abl_run *run, size_t stage)
{
	struct onlooker *o = data;

	o->events.finished(o->events.data, run, stage);
}

static void says(void *data, const struct abl_run *run, const char *text)
{
	struct onlooker *o = data;
	const struct abl_patience *p = &o->r->supervisor.patience;
	const bool waits =
		p->since > 0 && (p->rc == ABL_EFULL || abl_clock_now() - p->since > LONG);
	struct abl_str whole = {0}; /* commands with their --store */

	abl_advice_complete(&whole, text);
	o->events.says(o->events.data, run, whole.text);
	abl_str_finish(&whole);
	if (waits && !o->told)
		abl_run_notify_wait(o->r, text);
	o->told = waits || (o->told && p->since > 0);
}

/* What the stages that are to run will take. */
static int expect(struct abl_study_run *r, struct abl_err *err)
{
	const struct abl_run *run = &r->supervisor.run;
	struct abl_schedule all;
	int rc;

	abl_schedule_make(&all, run, INFINITY);
	r->took = (struct abl_run_took){0};
	if (!all.unknown && all.stages) {
		r->took.expected_seconds = all.seconds;
		r->took.expected_cpu = all.cpu_seconds;
		for (size_t k = 0; k < ABL_KINDS_MAX; k++)
			r->took.expected_memory =
				fmax(r->took.expected_memory, all.kinds[k].memory);
	}
	abl_schedule_finish(&all);
	rc = run->row ? abl_store_run_expects(
				r->store, run->row,
				&(struct abl_run_expects){.workers = run->workers,
							  .threads = run->threads,
							  .seconds = r->took.expected_seconds,
							  .cpu_seconds = r->took.expected_cpu},
				err)
		      : 0;
	return rc;
}

static void add_share(double took, double expected, struct abl_str *out)
{
	char text[32];

	abl_str_printf(out, "%s", abl_format_duration(took, text));
	abl_str_printf(out, " of %s expected (%+.0f %%)", abl_format_duration(expected, text),
		       100 * (took / expected - 1));
}

void abl_run_took_text(const struct abl_study_run *r, struct abl_str *out)
{
	const struct abl_run *run = &r->supervisor.run;
	struct abl_str text = {0};
	char bytes[32];

	if (!(r->took.expected_seconds > 0) || !(r->took.expected_cpu > 0))
		return;
	add_share(r->took.seconds, r->took.expected_seconds, &text);
	abl_str_puts(&text, "; CPU ");
	add_share(run->cpu_seconds, r->took.expected_cpu, &text);
	if (run->peak_memory > 0 && r->took.expected_memory > 0) {
		abl_str_printf(&text, "; a stage at most %s of",
			       abl_format_bytes(run->peak_memory, bytes));
		abl_str_printf(&text, " %s memory",
			       abl_format_bytes(r->took.expected_memory, bytes));
	}
	abl_str_puts(out, "took     ");
	abl_str_wrap(out, 9, 9, text.text);
	abl_str_finish(&text);
}

int abl_run_stages(struct abl_study_run *r, const struct abl_places *places, bool quiet,
		   struct abl_err *err)
{
	struct onlooker o = {.r = r};
	struct abl_err ignored = {0};
	double began;
	int rc = expect(r, err);

	if (rc)
		return rc;
	abl_progress_init(&o.progress, quiet ? NULL : stderr);
	o.progress.command = abl_advice_command;
	o.events = abl_progress_events(&o.progress);
	r->supervisor.events = (struct abl_supervisor_events){
		.data = &o, .tick = tick, .finished = finished, .says = says};
	began = abl_clock_now();
	rc = abl_run_workers_open(&o.workers, r, places, abl_run_grace(r->study), err);
	rc = rc ? rc : abl_supervisor_run(&r->supervisor, err);
	r->took.seconds = abl_clock_now() - began;
	if (r->supervisor.run.row) /* beside what happened, it is of little interest */
		(void)!abl_store_run_took(r->store, r->supervisor.run.row, r->took.seconds,
					  &ignored);
	rc = abl_run_workers_close(o.workers, rc, err);
	abl_progress_clear(&o.progress);
	return rc;
}
