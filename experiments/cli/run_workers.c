/* SPDX-License-Identifier: Apache-2.0 */
#include "run_workers.h"

#include "files.h"
#include "head_file.h"
#include "launcher.h"
#include "listener.h"
#include "local.h"
#include "native_space.h"
#include "program.h"
#include "remote.h"
#include "run_queue.h"
#include "slurm_script.h"
#include "store_id.h"
#include "workers.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEATS 4 /* in the time of a lease */

struct abl_run_workers {
	struct abl_supervisor *supervisor;
	/* this machine's, where it takes part, that of workers, the queue's, and the port of
	 * `calls` */
	struct abl_executor executors[3 + ABL_RUN_QUEUE_EXECUTORS];
	size_t count;
	struct abl_executor *remote;    /* NULL: there are no workers */
	struct abl_remote_hooks record; /* the supervisor's, which every hook passes on to */
	struct abl_launcher *launcher;
	struct abl_run_queue *queue; /* NULL: none */
	bool stay;                   /* for the next study: those that call, and nobody cancels */
	bool calls;                  /* workers may call us that somebody else starts */
	char *data, *logs, program[PATH_MAX];
};

/* It is of no use where this machine takes no part. */
static void tell_workers(const struct abl_args *args, const struct abl_places *places)
{
	if (!abl_args_given(args, "workers") || !places->count ||
	    abl_places_of(places, ABL_PLACE_LOCAL))
		return;
	fprintf(stderr, "ablate: note: --workers is for this machine, which '--on' does not name: "
			"how many stages a worker runs at a time say 'ssh:HOST:N', 'slurm:N' or "
			"'slots=N' in a host file\n");
}

/* Programs of the user's find the data by $ABLATE_DATA, wherever they run and from whatever folder:
 * that of --data here, that of their own --data with workers. */
static void tell_data(const struct abl_args *args)
{
	const char *given = abl_args_text(args, "data");
	char *path = abl_real_path(given ? given : getenv("ABLATE_DATA"));

	if (path)
		setenv("ABLATE_DATA", path, 1);
	free(path);
}

int abl_run_places(const struct abl_args *args, struct abl_places *out, struct abl_err *err)
{
	const char *text = abl_args_text(args, "on");
	int rc = 0;

	while (text && !rc) {
		const size_t n = strcspn(text, "\n");
		struct abl_str one = {0};

		abl_str_add(&one, text, n);
		rc = abl_places_add(out, one.text ? one.text : "", err);
		abl_str_finish(&one);
		text = text[n] ? text + n + 1 : NULL;
	}
	if (!rc && abl_args_given(args, "here") && !abl_places_of(out, ABL_PLACE_SLURM))
		rc = abl_err_set(err, ABL_EINPUT,
				 "--here keeps the head of a run with workers of Slurm here: "
				 "'--on slurm --here'");
	if (rc)
		return rc;
	tell_workers(args, out);
	tell_data(args);
	return 0;
}

static bool has_workers(const struct abl_places *places)
{
	return places && abl_places_have_workers(places);
}

int abl_run_places_tell(const struct abl_places *places, struct abl_study_run *r,
			struct abl_err *err)
{
	int rc = 0;

	r->places = places;
	r->supervisor.workers.may_come = has_workers(places);
	if (has_workers(places))
		rc = abl_cluster_site(&r->study->cluster, err);
	if (!rc && abl_places_of(places, ABL_PLACE_SLURM)) {
		rc = abl_slurm_check_options((const char *const *)r->study->cluster.slurm, err);
		rc = rc ? rc
			: abl_slurm_check_options((const char *const *)r->study->cluster.head, err);
	}
	r->supervisor.run.lease = r->study->cluster.lease;
	return rc;
}

/* The hooks: what the supervisor writes down, and what is started again. */

static int take_joined(void *data, const char *name, const struct abl_hello *hello, int64_t *number,
		       struct abl_err *err)
{
	struct abl_run_workers *w = data;
	const int rc = w->record.joined(w->record.data, name, hello, number, err);

	if (rc)
		return rc;
	abl_launcher_joined(w->launcher, name);
	abl_run_queue_joined(w->queue, *number, hello);
	return 0;
}

/* Nobody of ours has started who called, so nobody else tells of it. Callers are known by their
 * address and its port, which the name of no place has. */
static void tell_caller_lost(const struct abl_run_workers *w, const char *name, int64_t number,
			     enum abl_remote_how how, const char *why)
{
	struct abl_str text = {0};

	if (!number || how == ABL_REMOTE_LEFT || !strchr(name, ':'))
		return;
	abl_str_printf(&text, "worker %s %s: %s", name,
		       how == ABL_REMOTE_LOST ? "is lost" : "is not wanted", why);
	abl_supervisor_says(w->supervisor, text.text);
	abl_str_finish(&text);
}

static void take_gone(void *data, const char *name, int64_t number, enum abl_remote_how how,
		      const char *why)
{
	struct abl_run_workers *w = data;

	w->record.gone(w->record.data, name, number, how, why);
	abl_launcher_gone(w->launcher, name, how, why);
	abl_run_queue_gone(w->queue, number, how);
	tell_caller_lost(w, name, number, how, why);
}

static void take_refused(void *data, const char *name, const struct abl_hello *hello,
			 const char *why)
{
	abl_workers_refused(((const struct abl_run_workers *)data)->supervisor, name, hello, why);
}

static void take_left_out(void *data, const char *name, const char *why)
{
	take_refused(data, name, NULL, why);
}

static bool take_kept(void *data, int64_t worker, const struct abl_wire_attempt *of,
		      struct abl_attempt_spec *sink)
{
	const struct abl_run_workers *w = data;

	return w->record.keep(w->record.data, worker, of, sink);
}

static void take_sealed(void *data, int64_t worker, const struct abl_wire_attempt *of)
{
	const struct abl_run_workers *w = data;

	w->record.sealed(w->record.data, worker, of);
}

static void says(void *data, const char *text)
{
	abl_supervisor_says(((const struct abl_run_workers *)data)->supervisor, text);
}

static void add_link(void *data, struct abl_link *link, const char *name)
{
	abl_remote_add(((const struct abl_run_workers *)data)->remote, link, name);
}

/* Where this program lies: it is the same there, on a file system that both see. */
static int find_program(struct abl_run_workers *w, const struct abl_study *s, struct abl_err *err)
{
	const ssize_t n = readlink("/proc/self/exe", w->program, sizeof w->program - 1);

	if (s->cluster.program) {
		snprintf(w->program, sizeof w->program, "%s", s->cluster.program);
		return 0;
	}
	if (n <= 0)
		return abl_err_set(err, ABL_EIO,
				   "cannot find out where ablate lies: say it by "
				   "'cluster: {program: PATH}'");
	w->program[n] = '\0';
	return 0;
}

static int open_remote(struct abl_run_workers *w, const struct abl_study *study, double grace,
		       struct abl_err *err)
{
	struct abl_supervisor *s = w->supervisor;
	char id[ABL_HASH_TEXT], keys[ABL_HASH_TEXT];
	struct abl_remote_setup setup = {
		.store = s->run.folder,
		.data = w->data,
		.version = ABL_VERSION,
		.keys = abl_space_hash(abl_native_space(), keys),
		.store_id = id,
		.lease = s->run.lease,
		.beat = s->run.lease / BEATS,
		.grace = grace,
		.linger = study->cluster.linger > 0 ? study->cluster.linger : 0,
		.trials_per_card = study->program ? (int)study->program->trials_per_gpu : 1,
		.hooks = {.data = w,
			  .joined = take_joined,
			  .gone = take_gone,
			  .refused = take_refused,
			  .keep = take_kept,
			  .sealed = take_sealed,
			  .says = says}};
	int rc = abl_store_id_make(s->run.folder, id, err);

	abl_workers_hooks(s, &w->record);
	rc = rc ? rc : abl_remote_init(&w->executors[w->count], &setup, err);
	if (!rc)
		w->remote = &w->executors[w->count++];
	return rc;
}

static void open_launcher(struct abl_run_workers *w, const struct abl_places *places)
{
	const char *config = getenv("ABLATE_SSH_CONFIG");

	w->logs = abl_path_join(w->supervisor->run.folder, "logs");
	w->launcher = abl_launcher_create(&(struct abl_launcher_setup){
		.places = places,
		.words = {.program = w->program,
			  .store = w->supervisor->run.folder,
			  .data = w->data,
			  .ssh_config = config && *config ? config : NULL},
		.logs = w->logs,
		.wait = w->supervisor->run.lease / BEATS,
		.data = w,
		.add = add_link,
		.says = says,
		.left_out = take_left_out});
}

/* Workers that Slurm starts when it lets them. */
static int open_queue(struct abl_run_workers *w, struct abl_study_run *r,
		      const struct abl_place *place, double grace, struct abl_err *err)
{
	const struct abl_run_queue_setup setup = {.run = r,
						  .place = place,
						  .program = w->program,
						  .store = r->supervisor.run.folder,
						  .data = w->data,
						  .logs = w->logs,
						  .grace = grace,
						  .data_of_hooks = w,
						  .add = add_link,
						  .says = says};
	int rc = abl_run_queue_create(&w->queue, &setup, w->executors + w->count, err);

	w->count += rc ? 0 : ABL_RUN_QUEUE_EXECUTORS;
	return rc;
}

/* The port at which workers call us. */
static int open_port(struct abl_run_workers *w, const struct abl_cluster *c, struct abl_err *err)
{
	const char *store = w->supervisor->run.folder;
	const struct abl_listener_setup setup = {.store = store,
						 .port = (int)c->ports,
						 .last = (int)c->last_port,
						 .data = w,
						 .joined = add_link,
						 .say = says};
	struct abl_str text = {0};
	int rc;

	w->calls = true;
	if (w->queue) /* it has one */
		return 0;
	rc = abl_listener_open(&w->executors[w->count], &setup, err);
	if (rc)
		return rc;
	w->count++;
	abl_str_printf(&text, "listens at port %d for workers: 'ablate worker --connect %s/%s'",
		       abl_listener_port(&w->executors[w->count - 1]), store, ABL_HEAD_FILE);
	says(w, text.text);
	abl_str_finish(&text);
	return 0;
}

/* Of a head that was killed: we hold the store. */
static void remove_old_port(const struct abl_run_workers *w)
{
	char *path = abl_path_join(w->supervisor->run.folder, ABL_HEAD_FILE);

	abl_head_file_remove(path, NULL);
	free(path);
}

int abl_run_workers_open(struct abl_run_workers **out, struct abl_study_run *r,
			 const struct abl_places *places, double grace, struct abl_err *err)
{
	struct abl_run_workers *w = *out = abl_calloc(1, sizeof *w);
	int rc = 0;

	w->supervisor = &r->supervisor;
	w->stay = r->more && places && !abl_places_of(places, ABL_PLACE_SLURM);
	remove_old_port(w);
	if (r->supervisor.workers.own)
		abl_local_init(&w->executors[w->count++], r->supervisor.workers.own, grace);
	if (has_workers(places)) {
		if (r->study->program && getenv("ABLATE_DATA"))
			w->data = abl_strdup(getenv("ABLATE_DATA"));
		else if (r->study->data && strcmp(r->study->data, "world") != 0)
			w->data = abl_real_path(r->study->data);
		rc = find_program(w, r->study, err);
		rc = rc ? rc : open_remote(w, r->study, grace, err);
		if (!rc)
			open_launcher(w, places);
		if (!rc && abl_places_of(places, ABL_PLACE_SLURM))
			rc = open_queue(w, r, abl_places_of(places, ABL_PLACE_SLURM), grace, err);
		if (!rc && abl_places_of(places, ABL_PLACE_CALLS))
			rc = open_port(w, &r->study->cluster, err);
	}
	r->supervisor.executors = w->executors;
	r->supervisor.executor_count = w->count;
	return rc;
}

void abl_run_workers_tick(struct abl_run_workers *w, int stops)
{
	if (!w->launcher)
		return;
	if (!stops)
		abl_launcher_tick(w->launcher);
	w->supervisor->workers.may_come =
		w->calls || abl_launcher_has_more(w->launcher) || abl_run_queue_may_come(w->queue);
}

int abl_run_workers_close(struct abl_run_workers *w, int rc, struct abl_err *err)
{
	const struct abl_run *run = &w->supervisor->run;
	struct abl_str why = {0};

	if (w->launcher && !w->calls && !rc && run->done + run->failed < abl_run_total(run)) {
		rc = abl_run_queue_failure(w->queue, err);
		abl_launcher_why_none(w->launcher, &why);
	}
	if (!rc && why.length)
		rc = abl_err_set(err, ABL_EFAIL, "no worker is left that could go on: %s",
				 why.text);
	abl_str_finish(&why);
	if (w->stay && w->remote && rc != ABL_ESTOP)
		abl_remote_let_go(w->remote);
	w->supervisor->executor_count = 0;
	for (size_t i = 0; i < w->count; i++)
		abl_executor_finish(&w->executors[i]);
	abl_launcher_destroy(w->launcher);
	abl_run_queue_destroy(w->queue);
	free(w->data), free(w->logs);
	free(w);
	return rc;
}
