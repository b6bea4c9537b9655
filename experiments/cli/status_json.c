/* SPDX-License-Identifier: Apache-2.0 */
#include "status_json.h"

#include "advice.h"
#include "answer_json.h"
#include "args.h"
#include "counts.h"
#include "going.h"
#include "machine.h"
#include "running_file.h"
#include "status_left.h"
#include "status_workers.h"
#include "standing.h"
#include "store_retry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SPARK = 24, MOST_FAILURES = 200 };

struct status {
	struct abl_json j;
	struct abl_store *store;
	json_t *studies, *study; /* of the study that is heard */
	json_t *list;            /* the same: its running stages, ... */
	json_t *file;            /* of the run, or NULL */
	int64_t *ids;            /* [count] of the studies */
	size_t count, capacity;
	int64_t going; /* the study that is running; 0: none */
	double now;    /* seconds since 1970 */
};

static void add_machine(struct abl_json *j, const char *folder)
{
	json_t *m = abl_json_object(j, j->root, "machine");
	double load[1];

	abl_json_int(j, m, "cores", abl_machine_cores());
	abl_json_number(j, m, "load", getloadavg(load, 1) == 1 ? load[0] : NAN);
	abl_json_number(j, m, "memory", abl_machine_memory());
	abl_json_number(j, m, "memory_left", abl_machine_memory_left());
	abl_json_number(j, m, "disk_left", abl_machine_disk(folder));
}

static void hear_going(void *data, const struct abl_going *g)
{
	struct status *s = data;
	json_t *o = abl_json_object(&s->j, s->j.root, "going");

	s->going = g->study_id;
	abl_json_words(&s->j, o, "study", g->study);
	abl_json_int(&s->j, o, "pid", g->pid);
	abl_json_words(&s->j, o, "host", g->host);
	abl_json_number(&s->j, o, "started", g->started);
	abl_json_words(&s->j, o, "said", NULL);
	abl_json_number(&s->j, o, "said_at", NAN);
}

/* What the run waits for, or what it has said last. */
static void add_said(struct status *s)
{
	const json_t *text = json_object_get(s->file, "said"),
		     *at = json_object_get(s->file, "said_at");
	json_t *o = json_object_get(s->j.root, "going");

	if (!json_is_string(text) || !json_is_object(o))
		return;
	abl_json_words(&s->j, o, "said", json_string_value(text));
	abl_json_number(&s->j, o, "said_at", json_number_value(at));
}

/* ---- studies and their trials ---- */

static void add_to(struct abl_json *j, json_t *object, const char *name, int64_t n)
{
	abl_json_int(j, object, name, json_integer_value(json_object_get(object, name)) + n);
}

static void hear_count(void *data, const struct abl_count *c)
{
	struct status *s = data;

	if (!s->count || s->ids[s->count - 1] != c->study_id) {
		abl_grow(&s->ids, &s->capacity, s->count + 1, sizeof *s->ids);
		s->ids[s->count++] = c->study_id;
		s->study = json_object();
		abl_json_add(&s->j, s->studies, s->study);
		abl_json_words(&s->j, s->study, "name", c->study);
		abl_json_words(&s->j, s->study, "file", c->path);
		abl_json_bool(&s->j, s->study, "running_now", c->study_id == s->going);
		abl_json_int(&s->j, s->study, "trials", 0);
		for (int state = 0; state < ABL_STATES; state++)
			abl_json_int(&s->j,
				     state ? json_object_get(s->study, "states")
					   : abl_json_object(&s->j, s->study, "states"),
				     abl_state_name((enum abl_state)state), 0);
		(void)abl_json_object(&s->j, s->study, "causes");
	}
	add_to(&s->j, s->study, "trials", c->trials);
	add_to(&s->j, json_object_get(s->study, "states"), c->state, c->trials);
	if (c->cause)
		add_to(&s->j, json_object_get(s->study, "causes"), c->cause, c->trials);
}

/* ---- stages ---- */

static json_t *add_stage(struct status *s, const struct abl_standing_stage *stage)
{
	json_t *o = json_object();

	abl_json_add(&s->j, s->list, o);
	abl_json_put(&s->j, o, "trial", stage->trial ? json_integer(stage->trial) : json_null());
	abl_json_words(&s->j, o, "variant", stage->variant);
	abl_json_words(&s->j, o, "task", stage->task);
	abl_json_int(&s->j, o, "seed", stage->seed);
	abl_json_words(&s->j, o, "stage", stage->stage);
	return o;
}

/* What the run itself says of the stage; NULL: nothing. */
static const json_t *job_of(const struct status *s, const char *key, int64_t attempt)
{
	json_t *job;
	size_t i;

	json_array_foreach(json_object_get(s->file, "jobs"), i, job)
	{
		const char *its = json_string_value(json_object_get(job, "key"));

		if (its && key && !strcmp(its, key) &&
		    json_integer_value(json_object_get(job, "attempt")) == attempt)
			return job;
	}
	return NULL;
}

static void copy(struct status *s, json_t *to, const json_t *job, const char *name)
{
	json_t *value = json_object_get(job, name);

	abl_json_put(&s->j, to, name, json_is_number(value) ? json_incref(value) : json_null());
}

static void hear_running(void *data, const struct abl_standing_stage *stage)
{
	struct status *s = data;
	json_t *o = add_stage(s, stage);
	const json_t *job = job_of(s, stage->key, stage->attempt);

	abl_json_words(&s->j, o, "key", stage->key);
	abl_json_int(&s->j, o, "attempt", stage->attempt);
	abl_json_words(&s->j, o, "worker", stage->worker);
	abl_json_number(&s->j, o, "started", stage->started);
	abl_json_number(&s->j, o, "seconds", fmax(s->now - stage->started, 0));
	copy(s, o, job, "share");
	copy(s, o, job, "step");
	copy(s, o, job, "steps");
	if (stage->step >= 0 && json_is_null(json_object_get(o, "step")))
		abl_json_int(&s->j, o, "step", stage->step);
	if (json_is_null(json_object_get(o, "share")) &&
	    json_number_value(json_object_get(o, "steps")) > 0)
		abl_json_number(&s->j, o, "share",
				json_number_value(json_object_get(o, "step")) /
					json_number_value(json_object_get(o, "steps")));
}

static void hear_paused(void *data, const struct abl_standing_stage *stage)
{
	struct status *s = data;
	json_t *o = add_stage(s, stage);

	abl_json_words(&s->j, o, "state", stage->state);
	if (stage->step >= 0)
		abl_json_int(&s->j, o, "step", stage->step);
}

static void hear_failure(void *data, const struct abl_standing_stage *stage)
{
	struct status *s = data;
	struct abl_str words = {0}, command = {0};
	json_t *o;

	if (json_array_size(s->list) == MOST_FAILURES)
		return;
	o = add_stage(s, stage);
	abl_standing_logs(stage->trial, stage->key, &words);
	abl_advice_command(&command, words.text);
	abl_json_words(&s->j, o, "state", stage->state);
	abl_json_words(&s->j, o, "cause", stage->cause);
	abl_json_words(&s->j, o, "reason", stage->reason);
	abl_json_words(&s->j, o, "log", stage->log);
	abl_json_words(&s->j, o, "command", stage->log ? command.text : NULL);
	abl_json_int(&s->j, o, "trials", stage->trials);
	abl_str_finish(&words), abl_str_finish(&command);
}

struct curve {
	struct abl_json *j;
	json_t *stage, *points;
};

static void hear_point(void *data, const char *metric, double value)
{
	struct curve *c = data;

	(void)metric;
	abl_json_add(c->j, c->points, isfinite(value) ? json_real(value) : json_null());
}

static void hear_last(void *data, const char *metric, double value)
{
	struct curve *c = data;

	abl_json_words(c->j, c->stage, "metric", metric);
	abl_json_number(c->j, c->stage, "value", value);
}

static int add_curves(struct status *s, const json_t *running, struct abl_err *err)
{
	json_t *stage;
	int rc = 0;
	size_t i;

	json_array_foreach(running, i, stage)
	{
		const char *key = json_string_value(json_object_get(stage, "key"));
		struct curve c = {.j = &s->j, .stage = stage};

		abl_json_words(&s->j, stage, "metric", NULL);
		abl_json_number(&s->j, stage, "value", NAN);
		c.points = abl_json_array(&s->j, stage, "curve");
		rc = rc ? rc : abl_read_spark(s->store, key, SPARK, hear_point, &c, err);
		rc = rc ? rc : abl_read_last_point(s->store, key, hear_last, &c, err);
		rc = rc < 0 ? rc : 0;
	}
	return rc;
}

static int add_left(struct status *s, int64_t study, struct abl_err *err)
{
	double left;
	int rc = abl_status_left(s->store, study, study == s->going ? s->file : NULL, &left, err);

	abl_json_number(&s->j, s->study, "left", left);
	abl_json_number(&s->j, s->study, "ends_at", study == s->going ? s->now + left : NAN);
	return rc;
}

/* Why its last run has paused. */
static int add_pause(struct status *s, int64_t study, struct abl_err *err)
{
	struct abl_str stage = {0}, reason = {0};
	const int rc = abl_store_paused(s->store, study, &stage, &reason, err);

	abl_json_words(&s->j, s->study, "pause", rc > 0 ? reason.text : NULL);
	abl_str_finish(&stage), abl_str_finish(&reason);
	return rc < 0 ? rc : 0;
}

static int add_study(struct status *s, size_t i, struct abl_err *err)
{
	const int64_t study = s->ids[i];
	json_t *running;
	int rc;

	s->study = json_array_get(s->studies, i);
	rc = add_left(s, study, err);
	rc = rc ? rc : add_pause(s, study, err);
	rc = rc ? rc : abl_status_workers(&s->j, s->study, s->store, study, err);
	s->list = running = abl_json_array(&s->j, s->study, "running");
	rc = rc ? rc : abl_read_running(s->store, study, hear_running, s, err);
	rc = rc ? rc : add_curves(s, running, err);
	s->list = abl_json_array(&s->j, s->study, "paused");
	rc = rc ? rc : abl_read_paused(s->store, study, hear_paused, s, err);
	s->list = abl_json_array(&s->j, s->study, "failures");
	return rc ? rc : abl_read_failures(s->store, study, hear_failure, s, err);
}

static int read_store(struct status *s, const struct abl_args *args, int64_t study,
		      struct abl_err *err)
{
	const bool alive = abl_store_is_alive(s->store);
	int rc;

	abl_json_words(&s->j, s->j.root, "store", abl_args_store(args));
	abl_json_number(&s->j, s->j.root, "at", s->now);
	abl_json_bool(&s->j, s->j.root, "alive", alive);
	abl_json_put(&s->j, s->j.root, "going", json_null());
	rc = abl_read_going(s->store, hear_going, s, err);
	s->file = rc == 1 ? abl_running_file_read(abl_args_store(args)) : NULL;
	add_said(s);
	add_machine(&s->j, abl_args_store(args));
	s->studies = abl_json_array(&s->j, s->j.root, "studies");
	rc = rc < 0 ? rc : abl_read_counts(s->store, study, hear_count, s, err);
	for (size_t i = 0; i < s->count && !rc; i++)
		rc = add_study(s, i, err);
	return rc;
}

json_t *abl_status_json(const struct abl_args *args, const char *name, struct abl_err *err)
{
	struct status s = {.now = (double)time(NULL)};
	json_t *all = NULL;
	int64_t study = 0;
	int rc = abl_store_open(&s.store, abl_args_store(args), ABL_STORE_READ, err);

	if (rc)
		return NULL;
	abl_json_begin(&s.j);
	rc = name ? abl_store_find_study(s.store, name, &study, err) : 0;
	rc = rc ? rc : read_store(&s, args, study, err);
	abl_store_close(s.store);
	if (!rc && !(all = abl_json_take(&s.j)))
		abl_err_set(err, ABL_EFAIL, "cannot show the status: a name in it is not UTF-8");
	abl_json_finish(&s.j);
	json_decref(s.file);
	free(s.ids);
	return all;
}
