/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "attempt.h"

#include "attempt_away.h"
#include "attempt_copy.h"
#include "attempt_data.h"
#include "attempt_files.h"
#include "attempt_folder.h"
#include "attempt_log.h"
#include "attempt_trial.h"
#include "compute.h"
#include "files.h"
#include "program_check.h"
#include "progress.h"
#include "protocol.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
#define LONG_LOG (256 << 10)          /* bytes */
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

	/* Two machines do not append to one file together: the worker's child has it meanwhile. */
	if (!job->worker || d->log.text.length > LONG_LOG)
		abl_attempt_log_flush(&d->log);
	if (d->metric_count)
		rc = abl_store_stage_metrics(run->store, run->plan->stages[job->stage].key,
					     job->attempt, d->metrics, d->metric_count, err);
	if (!rc) /* else they are told again, at the latest with the end */
		d->metric_count = 0;
	return rc;
}

/* Beginning. */

static void begin_log(const struct abl_run *run, const struct abl_job *job,
		      const struct abl_provenance *elsewhere)
{
	const struct abl_plan_stage *stage = &run->plan->stages[job->stage];
	struct abl_str name = {0};
	const time_t now = time(NULL);
	struct tm day;
	char date[32] = "";

	if (localtime_r(&now, &day))
		strftime(date, sizeof date, "%Y-%m-%d", &day);
	abl_progress_name(run->plan, job->stage, &name);
	abl_attempt_log_say(&job->data->log, "%s  %s: %s, attempt %lld, %d thread%s%s%s%s", date,
			    stage->kind->verb, name.text, (long long)job->attempt, job->threads,
			    job->threads == 1 ? "" : "s", elsewhere ? ", on " : "",
			    elsewhere ? elsewhere->host : "",
			    job->resumed ? ", from what was saved" : "");
	abl_attempt_log_flush(&job->data->log);
	abl_str_finish(&name);
}

/* What products are rounded to, beside the machine's own kernels. */
static void tell_kernels(const struct abl_run *run, size_t stage, struct abl_provenance *made_by)
{
	const char *precision =
		abl_values_choice(run->plan->stages[stage].config, ABL_KEY_PRECISION);
	char own[sizeof made_by->kernels];

	if (!*precision || !strcmp(precision, "fp32"))
		return;
	if (!strcmp(made_by->kernels, run->made_by.kernels) &&
	    !strcmp(made_by->cpu, run->made_by.cpu)) {
		abl_compute_kernel_sets(precision, made_by->kernels, sizeof made_by->kernels);
		return;
	}
	/* of another type of machine, what it does with them is not known here */
	snprintf(own, sizeof own, "%s", made_by->kernels);
	snprintf(made_by->kernels, sizeof made_by->kernels, "%.40s %.20s", own, precision);
}

/* The attempt's row in the store, and its number. */
static int put_row(struct abl_run *run, struct abl_job *job, const struct abl_attempt_room *room,
		   const char *log, struct abl_err *err)
{
	const char *key = run->plan->stages[job->stage].key;
	struct abl_node *node = &run->nodes[job->stage];
	struct abl_provenance made_by = room->made_by ? *room->made_by : run->made_by;
	struct abl_attempt_row row = {.log = log,
				      .threads = room->threads,
				      .made_by = &made_by,
				      .run = run->row,
				      .worker = room->worker};
	int rc;

	abl_attempt_expects(run, job->stage, &row);
	if (run->code)
		row.code = run->code[run->plan->stages[job->stage].step].name;
	tell_kernels(run, job->stage, &made_by);
	rc = node->remade /* the store still has it as done */
		     ? abl_store_stage_lost(run->store, key, node->lost, err)
		     : 0;
	return rc ? rc
		  : abl_store_stage_begin(run->store, key, &row, &job->attempt, &node->log_id, err);
}

/* Where no worker is or was concerned, what the last attempt left is taken over as it is. */
static int make_folder(struct abl_run *run, struct abl_job *job, struct abl_err *err)
{
	const char *key = run->plan->stages[job->stage].key;
	struct abl_attempt_place place;
	int rc = abl_attempt_place(run, job->stage, job->attempt, job->worker, &place, err);

	if (rc)
		return rc;
	rc = abl_attempt_is_beside(&place)
		     ? abl_attempt_folder_away(&place, &job->resumed, err)
		     : abl_attempt_folder(run->folder, key, job->attempt, &job->resumed, err);
	abl_copies_drop(run, key);
	return rc;
}

static int make_files(struct abl_run *run, struct abl_job *job, struct abl_err *err)
{
	int rc = make_folder(run, job, err);

	rc = rc ? rc : abl_program_check(run, job->stage, err);
	rc = rc ? rc
		: abl_attempt_trial(run, job, job->data->folder, job->data->trial, job->resumed,
				    err);
	return rc || !job->worker ? rc
				  : abl_attempt_files(run, job->stage, job->data->trial,
						      &job->data->files, err);
}

static void name_files(const struct abl_run *run, struct abl_job *job, const char *log)
{
	const char *key = run->plan->stages[job->stage].key;
	struct abl_job_data *d = job->data;

	d->folder = abl_store_path(run->folder, "work/%s/%lld", key, (long long)job->attempt);
	d->trial = abl_store_path(run->folder, "work/%s/%lld.json", key, (long long)job->attempt);
	d->log.path = abl_store_path(run->folder, "%s", log);
}

static struct abl_job *new_job(size_t stage, const struct abl_attempt_room *room)
{
	struct abl_job *job = abl_calloc(1, sizeof *job);

	job->data = abl_calloc(1, sizeof *job->data);
	memcpy(job->cards, room->cards, sizeof job->cards);
	job->worker = room->worker;
	job->threads = room->threads;
	job->memory = room->memory, job->had_free = room->had_free;
	job->stage = stage;
	job->started = abl_clock_now();
	return job;
}

static void tell_node(struct abl_node *node, const struct abl_job *job, char *log)
{
	free(node->log), free(node->reason);
	node->log = log;
	node->reason = NULL;
	node->attempt = job->attempt;
	node->worker = job->worker;
	node->state = ABL_RUNNING;
}

int abl_attempt_begin(struct abl_run *run, size_t stage, const struct abl_attempt_room *room,
		      struct abl_attempt_spec *out, struct abl_err *err)
{
	static const char *const command[] = {"ablate", "stage", NULL};
	const struct abl_plan_stage *p = &run->plan->stages[stage];
	struct abl_job *job = new_job(stage, room);
	struct abl_job_data *d = job->data;
	struct abl_str log = {0};
	int rc;

	abl_str_printf(&log, "logs/%s-%.12s-%lld.log", p->kind->name, p->key,
		       (long long)run->nodes[stage].attempt + 1);
	rc = put_row(run, job, room, log.text, err);
	if (!rc) {
		name_files(run, job, log.text);
		rc = make_files(run, job, err);
	}
	if (rc && !job->attempt) {
		abl_attempt_drop(job);
		abl_str_finish(&log);
		return rc;
	}
	if (rc == ABL_EINPUT || rc == ABL_EFULL)
		d->cause = abl_cause_of_code(rc);
	d->secrets = abl_attempt_secrets(run);
	tell_node(&run->nodes[stage], job, log.text);
	begin_log(run, job, room->made_by);
	*out = (struct abl_attempt_spec){
		.path = "/proc/self/exe", /* if it is replaced meanwhile, too */
		.argv = command,
		.takes_signals = true,
		.trial = d->trial,
		.environment = (const char *const *)d->secrets,
		.worker = job->worker,
		.key = p->key,
		.attempt = job->attempt,
		.cards = job->cards[0] ? job->cards : NULL,
		.files = d->files,
		.log = d->log.path,
		.cores = room->threads,
		.expected_memory = room->memory,
		.seconds = run->plan->study->limits.trial_minutes * 60,
		.data = job,
		.line = hear_line};
	return -rc;
}

struct abl_job *abl_attempt_keep(struct abl_run *run, size_t stage, int64_t worker,
				 struct abl_attempt_spec *sink)
{
	const struct abl_attempt_room room = {.worker = worker, .threads = run->threads};
	struct abl_node *node = &run->nodes[stage];
	struct abl_job *job = new_job(stage, &room);

	job->attempt = node->attempt;
	job->resumed = true; /* what it took is not what the whole takes */
	name_files(run, job, node->log ? node->log : "logs/kept.log");
	node->worker = worker;
	node->state = ABL_RUNNING;
	abl_attempt_log_say(&job->data->log, "its worker was found again: going on");
	sink->data = job;
	sink->line = hear_line;
	return job;
}
