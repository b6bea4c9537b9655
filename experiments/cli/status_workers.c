/* SPDX-License-Identifier: Apache-2.0 */
#include "status_workers.h"

#include "answer_json.h"
#include "print.h"
#include "str.h"
#include "worker_facts.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum { MOST = 24 }; /* lines, of hundreds */

struct list {
	struct abl_json *j;
	json_t *workers;
};

static void hear(void *data, const struct abl_worker_fact *f)
{
	const struct list *l = data;
	json_t *o = json_object();

	abl_json_add(l->j, l->workers, o);
	abl_json_words(l->j, o, "name", f->name);
	abl_json_words(l->j, o, "host", f->host);
	abl_json_words(l->j, o, "job", f->job);
	abl_json_words(l->j, o, "array_index", f->array);
	abl_json_words(l->j, o, "node", f->node);
	abl_json_words(l->j, o, "cpu", f->cpu);
	abl_json_words(l->j, o, "kernels", f->kernels);
	abl_json_words(l->j, o, "cards", f->cards);
	abl_json_int(l->j, o, "cores", f->cores);
	abl_json_int(l->j, o, "slots", f->slots);
	abl_json_number(l->j, o, "memory", f->memory);
	abl_json_words(l->j, o, "state", f->state);
	abl_json_words(l->j, o, "reason", f->reason);
	abl_json_number(l->j, o, "joined", f->joined);
	abl_json_number(l->j, o, "left_at", f->left_at);
	abl_json_int(l->j, o, "running", f->running);
	abl_json_int(l->j, o, "done", f->done);
	abl_json_int(l->j, o, "failed", f->failed);
	abl_json_int(l->j, o, "losses", f->losses);
}

int abl_status_workers(struct abl_json *j, json_t *study, struct abl_store *store, int64_t id,
		       struct abl_err *err)
{
	struct list l = {.j = j, .workers = abl_json_array(j, study, "workers")};

	return abl_read_workers(store, id, hear, &l, err);
}

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static long long int_of(const json_t *o, const char *name)
{
	return (long long)json_integer_value(json_object_get(o, name));
}

static bool is_there(const json_t *worker)
{
	const char *state = text_of(worker, "state");

	return state && !strcmp(state, "joined");
}

void abl_status_workers_sum(const json_t *workers, bool alive, struct abl_str *out)
{
	static const char *const gone[] = {"left", "lost", "refused"};
	const size_t n = json_array_size(workers);
	long long there = 0, running = 0, slots = 0;
	size_t count[3] = {0}, i;
	json_t *w;

	if (!n)
		return;
	json_array_foreach(workers, i, w)
	{
		const char *state = text_of(w, "state");

		if (is_there(w)) {
			there++;
			running += int_of(w, "running");
			slots += int_of(w, "slots");
		}
		for (size_t k = 0; state && k < 3; k++)
			count[k] += !strcmp(state, gone[k]);
	}
	abl_str_printf(out, "%zu worker%s:", n, abl_plural((int64_t)n));
	if (there && alive)
		abl_str_printf(out, " %lld there with %lld of %lld stages running", there, running,
			       slots);
	else if (there)
		abl_str_printf(out, " %lld without a run", there);
	for (size_t k = 0, before = there > 0; k < 3; k++) {
		if (!count[k])
			continue;
		abl_str_printf(out, "%s %zu %s", before ? "," : "", count[k], gone[k]);
		before = 1;
	}
}

static void add_where(const json_t *w, struct abl_str *out)
{
	const char *name = text_of(w, "name"), *host = text_of(w, "host"), *job = text_of(w, "job"),
		   *node = text_of(w, "node");
	const bool other = host && name && strcmp(host, name) != 0;

	abl_str_puts(out, name ? name : "?");
	if (!other && !job)
		return;
	abl_str_puts(out, " (");
	if (other)
		abl_str_printf(out, "host %s%s", host, job ? ", " : "");
	if (job)
		abl_str_printf(out, "job %s", job);
	if (job && text_of(w, "array_index"))
		abl_str_printf(out, "_%s", text_of(w, "array_index"));
	if (node && (!host || strcmp(node, host) != 0))
		abl_str_printf(out, " on %s", node);
	abl_str_puts(out, ")");
}

void abl_status_worker_line(const json_t *w, bool alive, struct abl_str *out)
{
	const char *state = text_of(w, "state");
	const long long losses = int_of(w, "losses") - (state && !strcmp(state, "lost"));
	char text[32];

	add_where(w, out);
	if (is_there(w) && alive)
		abl_str_printf(out, ": %lld of %lld running, %lld done", int_of(w, "running"),
			       int_of(w, "slots"), int_of(w, "done"));
	else
		abl_str_printf(out, ": %s, %lld done", is_there(w) ? "its run is gone" : state,
			       int_of(w, "done"));
	if (int_of(w, "failed"))
		abl_str_printf(out, ", %lld failed", int_of(w, "failed"));
	if (losses > 0)
		abl_str_printf(out, ", lost %lld time%s before", losses, abl_plural(losses));
	if (is_there(w))
		return;
	abl_str_printf(
		out, ", %s ago",
		abl_format_duration(
			fmax((double)time(NULL) - json_number_value(json_object_get(w, "left_at")),
			     0),
			text));
	if (text_of(w, "reason"))
		abl_str_printf(out, ": %s", text_of(w, "reason"));
}

static void print(const json_t *workers, bool alive)
{
	struct abl_str all = {0}, line = {0};
	json_t *w;
	size_t i;

	abl_str_puts(&all, "");
	abl_status_workers_sum(workers, alive, &all);
	if (all.length)
		abl_str_puts(&all, "\n");
	json_array_foreach(workers, i, w)
	{
		if (i == MOST) {
			abl_str_printf(&all, "worker: and %zu more: --json has them\n",
				       json_array_size(workers) - i);
			break;
		}
		abl_str_clear(&line);
		abl_status_worker_line(w, alive, &line);
		abl_str_puts(&all, "worker: ");
		abl_str_wrap(&all, 8, 8, line.text);
	}
	abl_print_text(&all);
	abl_str_finish(&all), abl_str_finish(&line);
}

int abl_status_workers_print(struct abl_store *store, int64_t study, struct abl_err *err)
{
	struct abl_json j;
	int rc;

	abl_json_begin(&j);
	rc = abl_status_workers(&j, j.root, store, study, err);
	if (!rc)
		print(json_object_get(j.root, "workers"), abl_store_is_alive(store));
	abl_json_finish(&j);
	return rc;
}
