/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "attempt.h"

#include "attempt_data.h"
#include "attempt_folder.h"
#include "attempt_log.h"
#include "attempt_trial.h"
#include "files.h"
#include "gemm.h"
#include "program_check.h"
#include "progress.h"
#include "protocol.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static void hear_metric(void *data, int64_t step, const char *name, double value)
{
	struct abl_job *job = data;
	struct abl_job_data *d = job->data;
	int at = strcmp(name, "loss") != 0;

	if (d->metric_count < MOST_POINTS) /* its sealed file has the others */
		abl_attempt_take_metric(data, step, name, value);
	abl_attempt_log_point(&d->log, step, name, value);
	job->step = step;
	if (!strcmp(name, "learning_rate"))
		return; /* there is more to be seen */
	snprintf(job->metric[at], sizeof job->metric[at], "%s", name);
	job->value[at] = value;
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
			   .result = abl_attempt_take_result,
			   .predictions = abl_attempt_take_predictions,
			   .message = hear_message,
			   .paused = hear_paused},
		.error = hear_error,
	};

	return abl_protocol_read(line, length, &hooks);
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
