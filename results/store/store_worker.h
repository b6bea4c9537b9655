/* SPDX-License-Identifier: Apache-2.0 */
/* store_worker.h - workers in the database (schema_8.sql), and the attempts that one may still run
 * though the program that had begun them has died. */
#ifndef ABL_STORE_WORKER_H
#define ABL_STORE_WORKER_H

#include "store.h"

struct abl_worker_row { /* texts: NULL = not known */
	int64_t run;    /* of abl_store_run_begin(); 0 = none */
	const char *name;
	const struct abl_provenance *made_by; /* what its attempts are made by */
	int64_t slots;                        /* attempts at a time */
	double memory;                        /* bytes; INFINITY or 0: not known */
	const char *cards;                    /* with commas between */
	const char *job, *array, *node;       /* as its queue names them */
};
/* One is there. *id is its number. */
int abl_store_worker_joined(struct abl_store *s, const struct abl_worker_row *row, int64_t *id,
			    struct abl_err *err) ABL_MUST_USE;

enum abl_worker_end { ABL_WORKER_LEFT, ABL_WORKER_LOST, ABL_WORKER_REFUSED };
/* It is there no more. */
int abl_store_worker_left(struct abl_store *s, int64_t id, enum abl_worker_end how, const char *why,
			  struct abl_err *err) ABL_MUST_USE;

/* One that did not fit, and so has not joined: a row of its own, with the reason. */
int abl_store_worker_refused(struct abl_store *s, const struct abl_worker_row *row, const char *why,
			     struct abl_err *err) ABL_MUST_USE;

/* Calls back for each attempt of a worker that nobody has ended: its worker may run it, though
 * the program that began it has died. 0, or what `each` returned. */
typedef int abl_each_left(void *data, const char *key, int64_t attempt, struct abl_err *err);
int abl_store_left_attempts(struct abl_store *s, abl_each_left *each, void *data,
			    struct abl_err *err) ABL_MUST_USE;
/* That worker runs it, and has joined us. */
int abl_store_attempt_kept(struct abl_store *s, const char *key, int64_t attempt, int64_t worker,
			   struct abl_err *err) ABL_MUST_USE;
/* Nobody runs it any more, as far as we know: its stage waits again. */
int abl_store_attempt_given_up(struct abl_store *s, const char *key, int64_t attempt,
			       struct abl_err *err) ABL_MUST_USE;
/* The worker that was given the attempt; 0: this machine, or there is no such attempt. */
int abl_store_attempt_worker(struct abl_store *s, const char *key, int64_t attempt, int64_t *worker,
			     struct abl_err *err) ABL_MUST_USE;

#endif
