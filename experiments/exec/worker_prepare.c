/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_prepare.h"

#include "data_check.h"
#include "files.h"
#include "machine.h"
#include "str.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define UNSEEN 60.0 /* seconds that a trial file may take to be seen: attribute caches */
#define LOOK .2     /* between two looks, at first */

struct abl_preparer {
	const struct abl_roots *here;
	struct abl_hash_cache *cache;
	pthread_mutex_t cache_lock;
	int event;
	atomic_int forsaken; /* preparations that nobody waits for, and that have not ended */
};

enum state { BUSY, DONE, FORSAKEN };

struct abl_preparation {
	struct abl_preparer *all;
	pthread_t thread;
	atomic_int state; /* enum state: whoever comes last drops it */
	atomic_bool unwanted;
	/* of the order */
	char *path, *store, *data; /* path: of the trial file, absolute */
	struct abl_data_facts facts;
	int64_t worker;
	/* what came of it */
	char *trial;
	enum abl_refusal why;
	int rc;
	struct abl_err err;
};

int abl_preparer_create(struct abl_preparer **out, const struct abl_roots *roots,
			struct abl_err *err)
{
	struct abl_preparer *p = abl_calloc(1, sizeof *p);

	p->here = roots;
	p->cache = abl_hash_cache_open(NULL);
	pthread_mutex_init(&p->cache_lock, NULL);
	p->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->event < 0) {
		int rc = abl_err_set(err, ABL_EIO, "cannot wait for threads: %s", strerror(errno));

		abl_preparer_destroy(p);
		return rc;
	}
	*out = p;
	return 0;
}

void abl_preparer_destroy(struct abl_preparer *p)
{
	if (!p || p->forsaken) /* its threads end with the process */
		return;
	if (p->event >= 0)
		close(p->event);
	abl_hash_cache_close(p->cache);
	pthread_mutex_destroy(&p->cache_lock);
	free(p);
}

int abl_preparer_descriptor(const struct abl_preparer *p)
{
	return p->event;
}

void abl_preparer_heard(struct abl_preparer *p)
{
	eventfd_t count;

	(void)eventfd_read(p->event, &count);
}

static void drop(struct abl_preparation *p)
{
	abl_data_facts_finish(&p->facts);
	free(p->path), free(p->store), free(p->data), free(p->trial);
	free(p);
}

/* In the thread. */

static void rest(double seconds)
{
	const struct timespec t = {(time_t)seconds,
				   (long)(1e9 * (seconds - (double)(time_t)seconds))};

	nanosleep(&t, NULL);
}

static int wait_until_seen(struct abl_preparation *p)
{
	const double until = abl_clock_now() + UNSEEN;
	double pause = LOOK;

	while (!abl_is_regular(p->path)) {
		if (p->unwanted)
			return abl_err_set(&p->err, ABL_ESTOP, "stopped before it began");
		if (abl_clock_now() > until)
			return abl_err_set(&p->err, ABL_EIO,
					   "cannot see '%s' after %.0f seconds: is it the store of "
					   "the run?",
					   p->path, UNSEEN);
		rest(pause);
		pause *= pause < 1 ? 2 : 1;
	}
	return 0;
}

static int check_data(struct abl_preparation *p, const struct abl_roots *from)
{
	int rc;

	pthread_mutex_lock(&p->all->cache_lock);
	rc = p->unwanted ? abl_err_set(&p->err, ABL_ESTOP, "stopped before it began")
			 : abl_data_check(&p->facts, from, p->all->here, p->all->cache, &p->err);
	pthread_mutex_unlock(&p->all->cache_lock);
	if (rc == ABL_EINPUT)
		p->why = ABL_REFUSED_DATA;
	return rc;
}

static void *prepare(void *data)
{
	struct abl_preparation *p = data;
	struct abl_preparer *all = p->all;
	const struct abl_roots from = {p->store, p->data};

	p->why = ABL_REFUSED_START;
	p->rc = wait_until_seen(p);
	p->rc = p->rc ? p->rc : check_data(p, &from);
	p->rc = p->rc ? p->rc
		      : abl_trial_move(&p->trial, p->path, &from, p->all->here, p->worker, &p->err);
	if (atomic_exchange(&p->state, DONE) == FORSAKEN) {
		drop(p);
		all->forsaken--;
	} else {
		(void)eventfd_write(all->event, 1);
	}
	return NULL;
}

/* In the worker's own. */

int abl_preparation_begin(struct abl_preparation **out, struct abl_preparer *all,
			  const struct abl_start_order *order, int64_t worker, struct abl_err *err)
{
	struct abl_preparation *p = abl_calloc(1, sizeof *p);
	int why;

	p->all = all;
	p->path = abl_path_join(all->here->store, order->trial);
	p->store = abl_strdup(order->roots[0]);
	p->data = order->roots[1] ? abl_strdup(order->roots[1]) : NULL;
	p->worker = worker;
	for (size_t i = 0; i < order->files.count; i++)
		abl_data_facts_add(&p->facts, order->files.item[i].path, order->files.item[i].hash);
	why = pthread_create(&p->thread, NULL, prepare, p);
	if (why) {
		drop(p);
		return abl_err_set(err, ABL_EIO, "cannot start a thread: %s", strerror(why));
	}
	*out = p;
	return 0;
}

bool abl_preparation_is_done(struct abl_preparation *p)
{
	return p->state == DONE;
}

int abl_preparation_end(struct abl_preparation *p, char **trial, enum abl_refusal *why,
			struct abl_err *err)
{
	const pthread_t thread = p->thread; /* p is the thread's where it is not done */
	int rc;

	p->unwanted = true;
	p->all->forsaken++;
	if (atomic_exchange(&p->state, FORSAKEN) != DONE) {
		pthread_detach(thread);
		*why = ABL_REFUSED_START;
		return abl_err_set(err, ABL_ESTOP, "stopped before it began");
	}
	p->all->forsaken--;
	pthread_join(p->thread, NULL);
	*why = p->why;
	rc = p->rc ? abl_err_set(err, (enum abl_code)p->rc, "%s", p->err.text) : 0;
	if (!rc) {
		*trial = p->trial;
		p->trial = NULL;
	}
	drop(p);
	return rc;
}
