/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_cluster.h"

#include "bench_run.h"
#include "files.h"
#include "machine.h"
#include "remote.h"
#include "workers.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

struct work {
	struct abl_bench_run run;
	struct abl_bench_fleet fleet;
	struct abl_bench_head *out;
	double ticked;
};

/* Of this process alone: the workers are another. */
static struct rusage used(void)
{
	struct rusage use = {0};

	(void)getrusage(RUSAGE_SELF, &use);
	return use;
}

static double cpu_of(const struct rusage *use)
{
	return (double)(use->ru_utime.tv_sec + use->ru_stime.tv_sec) +
	       1e-6 * (double)(use->ru_utime.tv_usec + use->ru_stime.tv_usec);
}

static void tick(void *data)
{
	struct work *w = data;
	const double now = abl_clock_now();

	if (w->ticked > 0)
		w->out->longest = fmax(w->out->longest, now - w->ticked);
	w->ticked = now;
}

static int add_workers(struct work *w, struct abl_err *err)
{
	char *store = abl_real_path(w->run.store_path), name[32];
	struct abl_remote_setup setup = {.store = store};
	int rc;

	abl_workers_hooks(&w->run.supervisor, &setup.hooks);
	rc = abl_remote_init(&w->run.executor, &setup, err);

	for (size_t i = 0; i < w->fleet.count && !rc; i++) {
		snprintf(name, sizeof name, "w%zu", i + 1);
		abl_remote_add(&w->run.executor, &w->fleet.links[i], name);
	}
	free(store);
	return rc;
}

/* All of them are there when it begins. */
static int await_workers(const struct work *w, struct abl_err *err)
{
	const struct abl_executor *e = &w->run.executor;
	const double until = abl_clock_now() + 60;
	struct pollfd fd;

	while (e->ops->offers(e->state, NULL, 0) < w->fleet.count) {
		if (abl_clock_now() > until)
			return abl_err_set(err, ABL_EFAIL, "the workers do not say hello");
		(void)e->ops->descriptors(e->state, &fd, 1);
		(void)poll(&fd, 1, 100);
		e->ops->advance(e->state);
	}
	return 0;
}

static int go(struct work *w, struct abl_err *err)
{
	const struct rusage before = used();
	const double began = abl_clock_now();
	struct rusage after;
	struct stat st;
	int rc;

	w->out->plan_memory = 1024. * (double)before.ru_maxrss;
	rc = abl_bench_run_go(&w->run, err);
	after = used();
	w->out->wall = abl_clock_now() - began;
	w->out->cpu = cpu_of(&after) - cpu_of(&before);
	w->out->memory = 1024. * (double)after.ru_maxrss;
	w->out->store_size = stat(w->run.database, &st) ? 0 : (double)st.st_size;
	return rc;
}

int abl_bench_cluster(int64_t trials, int workers, double seconds, struct abl_bench_head *out,
		      struct abl_err *err)
{
	struct work w = {.out = out};
	int rc, ended;

	*out = (struct abl_bench_head){0};
	w.run.workers = workers;
	w.run.data = &w;
	w.run.tick = tick;
	rc = abl_bench_fleet_start(&w.fleet, (size_t)workers, seconds, err);
	rc = rc ? rc : abl_bench_run_folder(&w.run, err);
	rc = rc ? rc : abl_bench_run_plan(&w.run, trials, err);
	rc = rc ? rc : add_workers(&w, err);
	rc = rc ? rc : await_workers(&w, err);
	if (!rc) {
		out->trials = (int64_t)w.run.plan->trial_count;
		out->stages = (int64_t)w.run.plan->stage_count;
		rc = go(&w, err);
	}
	abl_executor_finish(&w.run.executor);
	ended = abl_bench_fleet_end(&w.fleet, &out->waits, rc ? NULL : err);
	return abl_bench_run_finish(&w.run, rc ? rc : ended, err);
}
