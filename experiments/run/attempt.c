/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "attempt.h"

#include "attempt_folder.h"
#include "attempt_log.h"
#include "attempt_trial.h"
#include "disk_use.h"
#include "files.h"
#include "gemm.h"
#include "inputs.h"
#include "program_check.h"
#include "progress.h"
#include "protocol.h"
#include "sealed.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct abl_job_data {
	char *folder, *trial; /* absolute */
	struct abl_attempt_log log;
	struct abl_metric *metrics;                   /* names interned */
	size_t metric_count, metric_capacity, points; /* points: all that were told */
	struct abl_result *results;
	size_t result_count, result_capacity;
	char *predictions, *error, *seal;
	enum abl_cause cause; /* of the error, as told */
	char *warning;        /* the first one, or NULL */
	char **secrets; /* values that the trial file has not, for the child's environment; or NULL
			 */
	bool paused, sealed;
	bool waits; /* for what it could not read to be made again */
	/* once it has ended */
	struct abl_end end;
	struct abl_verdict verdict;
	struct abl_str reason;
	bool published, late; /* late: it had ended before this run began */
};

void abl_attempt_drop(struct abl_job *job)
{
	struct abl_job_data *d = job ? job->data : NULL;

	if (!d)
		return;
	abl_str_finish(&d->reason);
	free(d->folder), free(d->trial), free(d->warning);
	for (size_t i = 0; d->secrets && d->secrets[i]; i++)
		free(d->secrets[i]);
	free(d->secrets);
	abl_attempt_log_finish(&d->log);
	free(d->metrics), free(d->results), free(d->predictions), free(d->error), free(d->seal);
	free(d);
	free(job);
}

const char *abl_attempt_warning(const struct abl_job *job)
{
	return job->data->warning;
}

const struct abl_verdict *abl_attempt_verdict(const struct abl_job *job)
{
	return &job->data->verdict;
}

const char *abl_attempt_reason(const struct abl_job *job)
{
	return job->data->reason.length ? job->data->reason.text : "";
}

/* What the child says. */

#define WARNING "warning: "
#define MOST_POINTS ((size_t)1 << 20) /* in memory, while the store cannot be written */

static void hear_progress(void *data, double share, int64_t step, int64_t steps)
{
	struct abl_job *job = data;

	job->share = share;
	job->step = step ? step : job->step;
	job->steps = steps ? steps : job->steps;
}

static void take_metric(void *data, int64_t step, const char *name, double value)
{
	struct abl_job_data *d = ((struct abl_job *)data)->data;

	abl_grow(&d->metrics, &d->metric_capacity, d->metric_count + 1, sizeof *d->metrics);
	d->metrics[d->metric_count++] = (struct abl_metric){step, abl_intern(name), value};
	d->points++;
}

static void hear_metric(void *data, int64_t step, const char *name, double value)
{
	struct abl_job *job = data;
	struct abl_job_data *d = job->data;
	int at = strcmp(name, "loss") != 0;

	if (d->metric_count < MOST_POINTS) /* its sealed file has the others */
		take_metric(data, step, name, value);
	abl_attempt_log_point(&d->log, step, name, value);
	job->step = step;
	if (!strcmp(name, "learning_rate"))
		return; /* there is more to be seen */
	snprintf(job->metric[at], sizeof job->metric[at], "%s", name);
	job->value[at] = value;
}

static void hear_result(void *data, const char *name, double value)
{
	struct abl_job_data *d = ((struct abl_job *)data)->data;

	abl_grow(&d->results, &d->result_capacity, d->result_count + 1, sizeof *d->results);
	d->results[d->result_count++] = (struct abl_result){abl_intern(name), value};
}

static void hear_predictions(void *data, const char *file)
{
	struct abl_job_data *d = ((struct abl_job *)data)->data;

	free(d->predictions);
	d->predictions = abl_strdup(file);
}

/* What a stage has to say goes into the attempt's log; a warning is for whoever looks on, too. */
static void hear_message(void *data, const char *text)
{
	struct abl_job_data *d = ((struct abl_job *)data)->data;

	abl_attempt_log_say(&d->log, "%s", text);
	if (!d->warning && !strncmp(text, WARNING, strlen(WARNING)))
		d->warning = abl_strdup(text);
}

static void hear_paused(void *data, int64_t step)
{
	((struct abl_job *)data)->data->paused = true;
}

static void hear_error(void *data, const char *text, const char *cause)
{
	struct abl_job_data *d = ((struct abl_job *)data)->data;

	free(d->error);
	d->error = abl_strdup(text);
	d->cause = abl_cause_find(cause);
}

/* One line of its protocol. */
static bool hear_line(void *job, const char *line, size_t length)
{
	const struct abl_protocol_hooks hooks = {
		.events = {.data = job,
			   .progress = hear_progress,
			   .metric = hear_metric,
			   .result = hear_result,
			   .predictions = hear_predictions,
			   .message = hear_message,
			   .paused = hear_paused},
		.error = hear_error,
	};

	return abl_protocol_read(line, length, &hooks);
}

/* What its sealed file says takes the place of what was heard. Points that went into the store stay
 * there: they are the same. */
static void take_sealed(struct abl_job *job, const struct abl_sealed *sealed)
{
	struct abl_job_data *d = job->data;
	struct abl_events hooks = {
		.data = job, .result = hear_result, .predictions = hear_predictions};

	d->result_count = 0;
	if (d->points != sealed->points) {
		d->metric_count = 0;
		hooks.metric = take_metric;
	}
	abl_sealed_tell(sealed, &hooks);
	d->sealed = true;
	d->seal = *sealed->made ? abl_strdup(sealed->made) : NULL;
}

int abl_attempt_flush(struct abl_run *run, struct abl_job *job, struct abl_err *err)
{
	struct abl_job_data *d = job->data;
	int rc = 0;

	abl_attempt_log_flush(&d->log);
	if (d->metric_count)
		rc = abl_store_stage_metrics(run->store, run->plan->stages[job->stage].key,
					     job->attempt, d->metrics, d->metric_count, err);
	if (!rc) /* else they are told again, at the latest with the end */
		d->metric_count = 0;
	return rc;
}

/* Beginning. */

static void begin_log(const struct abl_run *run, const struct abl_job *job, bool resume)
{
	const struct abl_plan_stage *stage = &run->plan->stages[job->stage];
	struct abl_str name = {0};
	const time_t now = time(NULL);
	struct tm day;
	char date[32] = "";

	if (localtime_r(&now, &day))
		strftime(date, sizeof date, "%Y-%m-%d", &day);
	abl_progress_name(run->plan, job->stage, &name);
	abl_attempt_log_say(&job->data->log, "%s  %s: %s, attempt %lld, %d thread%s%s", date,
			    stage->kind->verb, name.text, (long long)job->attempt, job->threads,
			    job->threads == 1 ? "" : "s", resume ? ", from what was saved" : "");
	abl_attempt_log_flush(&job->data->log);
	abl_str_finish(&name);
}

int abl_attempt_begin(struct abl_run *run, size_t stage, const struct abl_attempt_room *room,
		      struct abl_attempt_spec *out, struct abl_err *err)
{
	static const char *const command[] = {"ablate", "stage", NULL};
	const char *key = run->plan->stages[stage].key;
	struct abl_job *job = abl_calloc(1, sizeof *job);
	struct abl_job_data *d = job->data = abl_calloc(1, sizeof *d);
	struct abl_node *node = &run->nodes[stage];
	struct abl_str log = {0};
	const char *precision =
		abl_values_choice(run->plan->stages[stage].config, ABL_KEY_PRECISION);
	struct abl_provenance made_by = run->made_by;
	struct abl_attempt_row row = {
		.threads = room->threads, .made_by = &made_by, .run = run->row};
	int rc;

	abl_attempt_expects(run, stage, &row);
	if (run->code)
		row.code = run->code[run->plan->stages[stage].step].name;
	abl_str_printf(&log, "logs/%s-%.12s-%lld.log", run->plan->stages[stage].kind->name, key,
		       (long long)node->attempt + 1);
	row.log = log.text;
	if (*precision && strcmp(precision, "fp32") != 0)
		snprintf(made_by.kernels, sizeof made_by.kernels, "%s",
			 abl_gemm_precision_kernels(precision));
	memcpy(job->cards, room->cards, sizeof job->cards);
	job->threads = room->threads;
	job->memory = room->memory, job->had_free = room->had_free;
	job->stage = stage;
	job->started = abl_clock_now();
	rc = node->remade /* the store still has it as done */
		     ? abl_store_stage_lost(run->store, key, node->lost, err)
		     : 0;
	rc = rc ? rc
		: abl_store_stage_begin(run->store, key, &row, &job->attempt, &node->log_id, err);
	if (!rc) {
		d->folder =
			abl_store_path(run->folder, "work/%s/%lld", key, (long long)job->attempt);
		d->trial = abl_store_path(run->folder, "work/%s/%lld.json", key,
					  (long long)job->attempt);
		d->log.path = abl_store_path(run->folder, "%s", log.text);
		rc = abl_attempt_folder(run->folder, key, job->attempt, &job->resumed, err);
		rc = rc ? rc : abl_program_check(run, stage, err);
		rc = rc ? rc : abl_attempt_trial(run, job, d->folder, d->trial, job->resumed, err);
	}
	if (rc && !job->attempt) {
		abl_attempt_drop(job);
		abl_str_finish(&log);
		return rc;
	}
	if (rc == ABL_EINPUT || rc == ABL_EFULL)
		d->cause = abl_cause_of_code(rc);
	d->secrets = abl_attempt_secrets(run);
	free(node->log), free(node->reason);
	node->log = log.text;
	node->reason = NULL;
	node->attempt = job->attempt;
	node->state = ABL_RUNNING;
	begin_log(run, job, job->resumed);
	*out = (struct abl_attempt_spec){
		.path = "/proc/self/exe", /* if it is replaced meanwhile, too */
		.argv = command,
		.trial = d->trial,
		.environment = (const char *const *)d->secrets,
		.log = d->log.path,
		.cores = room->threads,
		.expected_memory = room->memory,
		.seconds = run->plan->study->limits.trial_minutes * 60,
		.data = job,
		.line = hear_line};
	return -rc;
}

/* Ending. */

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
	}
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
	node->held = node->state != ABL_DONE && !d->waits;
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
	if (!d->verdict.goes_on)
		(void)!abl_attempt_leave(run->folder, key, job->attempt, done, NULL);
	return 0;
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

int abl_attempt_adopt(struct abl_run *run, size_t stage, struct abl_err *err)
{
	const char *key = run->plan->stages[stage].key;
	const int64_t attempt = run->nodes[stage].attempt;
	char *artifact = abl_store_path(run->folder, "artifacts/%s", key);
	struct abl_job *job = abl_calloc(1, sizeof *job);
	struct abl_sealed sealed = {0};
	int rc = 0;

	*job = (struct abl_job){.stage = stage, .attempt = attempt};
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
