/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_end.c - how an attempt has ended, and what is kept of it. */
#include "attempt.h"

#include "attempt_away.h"
#include "attempt_data.h"
#include "attempt_folder.h"
#include "disk_use.h"
#include "files.h"
#include "inputs.h"
#include "program_check.h"
#include "seal.h"
#include "sealed.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/* What its sealed file says takes the place of what was heard. Points that went into the store stay
 * there: they are the same. */
static void take_sealed(struct abl_job *job, const struct abl_sealed *sealed)
{
	struct abl_job_data *d = job->data;
	struct abl_events hooks = {.data = job,
				   .result = abl_attempt_take_result,
				   .predictions = abl_attempt_take_predictions};

	d->result_count = 0;
	if (d->points != sealed->points) {
		d->metric_count = 0;
		hooks.metric = abl_attempt_take_metric;
	}
	abl_sealed_tell(sealed, &hooks);
	d->sealed = true;
	d->seal = *sealed->made ? abl_strdup(sealed->made) : NULL;
}

static int publish(struct abl_run *run, const struct abl_job *job, struct abl_err *err)
{
	struct abl_node *node = &run->nodes[job->stage];
	const struct abl_job_data *d = job->data;
	int rc;

	free(node->artifact);
	node->artifact = NULL;
	rc = abl_attempt_publish(run->folder, run->plan->stages[job->stage].key, job->attempt,
				 d->sealed && (d->end.exit_code || d->error), &node->artifact, err);
	if (rc)
		return rc;
	abl_grow(&run->unsynced, &run->unsynced_capacity, run->unsynced_count + 1,
		 sizeof *run->unsynced);
	run->unsynced[run->unsynced_count++] = abl_strdup(node->artifact);
	return 0;
}

/* What it read may have been other than what its key says. */
static void check_inputs(struct abl_run *run, const struct abl_job *job)
{
	struct abl_err err = {0};

	if (!abl_program_check_inputs(run, job->stage, &err))
		return;
	job->data->verdict = (struct abl_verdict){.state = ABL_FAILED, .cause = ABL_CAUSE_DATA};
	abl_str_puts(&job->data->reason, err.text);
}

void abl_attempt_judge(struct abl_run *run, struct abl_job *job, const struct abl_end *end)
{
	const struct abl_plan_stage *stage = &run->plan->stages[job->stage];
	struct abl_job_data *d = job->data;
	struct abl_sealed sealed;
	struct abl_told told;
	char took[32], memory[32];

	if (abl_sealed_read(&sealed, d->folder, stage->key, job->attempt))
		take_sealed(job, &sealed);
	abl_sealed_finish(&sealed);
	told = (struct abl_told){.sealed = d->sealed,
				 .scored = d->result_count || !stage->kind->scores,
				 .paused = d->paused,
				 .error = d->error,
				 .cause = d->cause};
	d->end = *end;
	d->verdict =
		abl_verdict(end, &told, run->plan->study->limits.trial_minutes * 60, &d->reason);
	if (d->verdict.cause == ABL_CAUSE_MEMORY)
		abl_verdict_memory(end, job->memory, job->had_free, run->nodes[job->stage].alone,
				   &d->reason);
	/* what was taken away under its eyes is an input that cannot be read */
	if ((d->verdict.cause == ABL_CAUSE_DAMAGED || d->verdict.cause == ABL_CAUSE_DATA) &&
	    abl_inputs_damaged(run, job->stage)) {
		d->verdict = (struct abl_verdict){.state = ABL_WAITING, .goes_on = true};
		d->waits = true;
		abl_str_puts(&d->reason, ": it is made again");
	} else if (job->worker && d->verdict.cause == ABL_CAUSE_DAMAGED) {
		/* file systems over a network show old states of a folder for a while */
		d->verdict.cause = ABL_CAUSE_LOST;
		abl_str_puts(&d->reason, ", as its worker saw it; here it is whole");
	}
	if (job->worker && end->kind == ABL_END_LOST && d->verdict.state != ABL_DONE)
		abl_held_add(run, job->stage, job->attempt, run->lease); /* it may write on */
	if (d->verdict.state == ABL_DONE)
		check_inputs(run, job);
	if (d->verdict.state == ABL_DONE)
		abl_attempt_log_results(&d->log, d->results, d->result_count);
	abl_attempt_log_say(&d->log, "%s%s%s after %s, %s of memory at most",
			    abl_state_name(d->verdict.state), d->reason.length ? ": " : "",
			    d->reason.length ? d->reason.text : "",
			    abl_format_duration(end->seconds, took),
			    abl_format_bytes(1024.0 * (double)end->max_rss_kib, memory));
}

static struct abl_stage_end row_of(const struct abl_job *job)
{
	const struct abl_job_data *d = job->data;

	return (struct abl_stage_end){
		.state = d->verdict.state,
		.cause = d->verdict.cause,
		.reason = d->verdict.state == ABL_DONE ? NULL : d->reason.text,
		.exit_code = d->end.exit_code,
		.signal = d->end.signal,
		.bad_lines = (int64_t)d->end.strange_lines,
		.seconds = d->end.seconds,
		.cpu_seconds = d->end.cpu_seconds,
		.peak_memory = 1024.0 * (double)d->end.max_rss_kib,
		.results = d->results,
		.result_count = d->result_count,
		.predictions = d->predictions,
		.seal = d->seal,
		.metrics = d->metrics,
		.metric_count = d->metric_count,
		.late = d->late,
		.again = job->again,
		.goes_on = d->verdict.goes_on,
	};
}

/* What the store has been told; the reason is the node's then. */
static void tell_node(struct abl_node *node, struct abl_job_data *d)
{
	node->state = d->verdict.state;
	node->cause = d->verdict.cause;
	node->held = node->state != ABL_DONE && !d->waits && !d->end.given_back;
	free(node->seal);
	node->seal = d->seal ? abl_strdup(d->seal) : NULL;
	if (node->state == ABL_DONE) {
		free(node->dropped);
		node->dropped = NULL;
	}
	node->seconds = d->end.seconds;
	node->fresh = !d->late;
	free(node->reason);
	node->reason = NULL;
	if (node->state == ABL_DONE || (node->state == ABL_WAITING && !d->waits))
		return;
	node->reason = d->reason.text;
	d->reason = (struct abl_str){0};
}

static int64_t disk_use(const struct abl_run *run, const char *artifact)
{
	char *folder = abl_store_path(run->folder, "%s", artifact);
	const int64_t bytes = abl_disk_use(folder);

	free(folder);
	return bytes;
}

int abl_attempt_commit(struct abl_run *run, struct abl_job *job, struct abl_err *err)
{
	struct abl_job_data *d = job->data;
	struct abl_node *node = &run->nodes[job->stage];
	const char *key = run->plan->stages[job->stage].key;
	const bool done = d->verdict.state == ABL_DONE;
	struct abl_stage_end row = row_of(job);
	int rc = done && !d->published ? publish(run, job, err) : 0;

	if (rc)
		return rc;
	d->published = done;
	row.artifact = done ? node->artifact : NULL;
	row.bytes = done ? disk_use(run, node->artifact) : 0;
	rc = abl_store_stage_end(run->store, key, job->attempt, &row, err);
	if (rc < 0)
		return rc;
	tell_node(node, d);
	run->cpu_seconds += d->late ? 0 : row.cpu_seconds;
	run->peak_memory = row.peak_memory > run->peak_memory ? row.peak_memory : run->peak_memory;
	if (done && !d->late && !job->resumed) /* else a part of it took that */
		abl_forecasts_learn(run->forecasts, run->plan, job->stage, row.seconds,
				    row.cpu_seconds, row.peak_memory);
	/* What stays of it disturbs nobody. */
	if (!d->verdict.goes_on && (job->worker || abl_held_any(run, key)))
		(void)!abl_attempt_leave_away(run, key, NULL);
	else if (!d->verdict.goes_on)
		(void)!abl_attempt_leave(run->folder, key, job->attempt, done, NULL);
	return 0;
}

bool abl_attempt_is_here(const struct abl_run *run, const struct abl_job *job)
{
	const char *folder = job->data->folder;
	struct abl_sealed sealed;
	bool is = abl_sealed_read(&sealed, folder, run->plan->stages[job->stage].key, job->attempt);

	is = is && abl_is_dir(folder) &&
	     !abl_made_check(folder, *sealed.made ? sealed.made : NULL, ABL_LOOK_SIZES, NULL);
	abl_sealed_finish(&sealed);
	return is;
}

/* Where what was sealed lies: in the attempt's own folder, or where that had been published to. */
static bool find_sealed(const struct abl_sealed *sealed, const char *work, const char *artifact,
			bool *published)
{
	*published = !abl_sealed_holds(sealed, work);
	return !*published || abl_sealed_holds(sealed, artifact);
}

static int commit_sealed(struct abl_run *run, size_t stage, struct abl_job *job,
			 const struct abl_sealed *sealed, struct abl_err *err)
{
	const struct abl_end end = {.exit_code = -1, .seconds = sealed->seconds};
	struct abl_node *node = &run->nodes[stage];
	int rc;

	job->data->late = true;
	if (job->data->published) {
		free(node->artifact);
		node->artifact = abl_store_path("", "artifacts/%s", run->plan->stages[stage].key);
	}
	abl_attempt_judge(run, job, &end);
	if (job->data->verdict.state != ABL_DONE)
		return 0;
	rc = abl_attempt_commit(run, job, err);
	return rc ? rc : 1;
}

bool abl_attempt_was_sealed(const struct abl_run *run, size_t stage)
{
	const char *key = run->plan->stages[stage].key;
	char *folder = abl_store_path(run->folder, "work/%s/%lld", key,
				      (long long)run->nodes[stage].attempt);
	struct abl_sealed sealed;
	const bool is = abl_sealed_read(&sealed, folder, key, run->nodes[stage].attempt);

	abl_sealed_finish(&sealed);
	free(folder);
	return is;
}

int abl_attempt_adopt(struct abl_run *run, size_t stage, struct abl_err *err)
{
	const char *key = run->plan->stages[stage].key;
	const int64_t attempt = run->nodes[stage].attempt;
	char *artifact = abl_store_path(run->folder, "artifacts/%s", key);
	struct abl_job *job = abl_calloc(1, sizeof *job);
	struct abl_sealed sealed = {0};
	int rc = 0;

	*job = (struct abl_job){
		.stage = stage, .attempt = attempt, .worker = run->nodes[stage].worker};
	job->data = abl_calloc(1, sizeof *job->data);
	job->data->folder = abl_store_path(run->folder, "work/%s/%lld", key, (long long)attempt);
	if (abl_sealed_read(&sealed, job->data->folder, key, attempt) &&
	    find_sealed(&sealed, job->data->folder, artifact, &job->data->published))
		rc = commit_sealed(run, stage, job, &sealed, err);
	abl_sealed_finish(&sealed);
	abl_attempt_drop(job);
	free(artifact);
	return rc;
}
