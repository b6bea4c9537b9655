/* SPDX-License-Identifier: Apache-2.0 */
/* run_queue.h - workers that Slurm starts when it lets them: their number (slurm_control.h), and
 * the port at which they call us; for run_workers.c. */
#ifndef ABL_RUN_QUEUE_H
#define ABL_RUN_QUEUE_H

#include "executor.h"
#include "places.h"
#include "remote.h"
#include "study_run.h"

struct abl_run_queue;

struct abl_run_queue_setup { /* texts are copied */
	struct abl_study_run *run;
	const struct abl_place *place;
	const char *program, *store, *data, *logs; /* absolute paths; data may be NULL */
	double grace;
	void *data_of_hooks;
	void (*add)(void *data, struct abl_link *link, const char *name); /* takes the link over */
	void (*says)(void *data, const char *text);
};

enum { ABL_RUN_QUEUE_EXECUTORS = 2 };

/* Fills so many executors, which are the caller's to finish, behind the workers' own and before
 * the queue is destroyed. NULL where it fails. */
int abl_run_queue_create(struct abl_run_queue **out, const struct abl_run_queue_setup *setup,
			 struct abl_executor *executors, struct abl_err *err) ABL_MUST_USE;
void abl_run_queue_destroy(struct abl_run_queue *q); /* null-safe */

/* As the hooks of remote.h. All are null-safe. */
void abl_run_queue_joined(struct abl_run_queue *q, int64_t number, const struct abl_hello *hello);
void abl_run_queue_gone(struct abl_run_queue *q, int64_t number, enum abl_remote_how how);
/* Whether a worker is there, or may come. */
bool abl_run_queue_may_come(const struct abl_run_queue *q);
/* Why none will; 0: one may. */
int abl_run_queue_failure(const struct abl_run_queue *q, struct abl_err *err);

#endif
