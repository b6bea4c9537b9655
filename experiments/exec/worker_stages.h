/* SPDX-License-Identifier: Apache-2.0 */
/* worker_stages.h - the attempts of a worker: those that are being prepared, those that run, and
 * what became of the last ones; for worker.c. */
#ifndef ABL_WORKER_STAGES_H
#define ABL_WORKER_STAGES_H

#include "executor.h"
#include "talk.h"
#include "worker.h"
#include "worker_prepare.h"

struct abl_worker_stage {
	struct abl_worker_stages *all;
	char *key;
	int64_t attempt;
	struct abl_preparation *preparing; /* NULL: it runs, as `number` of the executor */
	int64_t number;
	bool overtaken; /* a later attempt has begun elsewhere */
	/* of its order, until it runs */
	char *log;
	int threads;
	double memory, seconds;
	char **environment;  /* NULL-terminated */
	struct abl_str last; /* lines that say why it ended: they are told again with the end */
};

struct abl_worker_ended {
	char *key;
	int64_t attempt;
	struct abl_end end;
	char *last; /* as above */
};

enum { ABL_WORKER_REMEMBERS = 512 }; /* ends */

struct abl_worker_stages {
	const struct abl_worker_setup *setup;
	struct abl_roots roots;
	struct abl_talk *talk; /* NULL: nobody is there to hear */
	struct abl_executor local;
	struct abl_preparer *preparer;
	struct abl_worker_stage **stage; /* [count] */
	size_t count, capacity;
	struct abl_worker_ended
		ended[ABL_WORKER_REMEMBERS]; /* a ring; the last is at ended_count - 1
					      */
	size_t ended_count;
	size_t dropped; /* lines that had no room to wait */
};

int abl_worker_stages_init(struct abl_worker_stages *s, const struct abl_worker_setup *setup,
			   double grace, struct abl_err *err) ABL_MUST_USE;
void abl_worker_stages_finish(struct abl_worker_stages *s); /* null-safe */

/* Says what comes of it, too, now or later. `refusal`: why no stage is taken any more, or NULL. */
void abl_worker_stages_start(struct abl_worker_stages *s, const struct abl_start_order *order,
			     int64_t worker, const char *refusal);
/* `of` with a key of NULL: all. */
void abl_worker_stages_stop(struct abl_worker_stages *s, const struct abl_wire_attempt *of,
			    enum abl_stop how);
/* Ends what a head has given up, by what lies in the store: one that we do not hear any more may
 * have begun the next attempt elsewhere. */
void abl_worker_stages_look(struct abl_worker_stages *s);
/* Starts what is prepared, takes the news of what runs. */
void abl_worker_stages_advance(struct abl_worker_stages *s);
size_t abl_worker_stages_descriptors(const struct abl_worker_stages *s, struct pollfd *out,
				     size_t most);
/* Fills the lists of a hello; they are the caller's to free, their keys are not. */
void abl_worker_stages_list(const struct abl_worker_stages *s, struct abl_hello *hello);
/* Tells a head what became of the last ones; it passes over what it knows. */
void abl_worker_stages_tell_again(const struct abl_worker_stages *s);

#endif
