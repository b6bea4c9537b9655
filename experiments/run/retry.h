/* SPDX-License-Identifier: Apache-2.0 */
/* retry.h - which stages that have failed are tried again, and when; for supervisor.c. */
#ifndef ABL_RETRY_H
#define ABL_RETRY_H

#include <stdbool.h>
#include <stddef.h>

struct abl_supervisor;

struct abl_retry { /* a stage that failed by something from outside */
	size_t stage;
	double at; /* seconds of abl_clock_now(): when it is tried again */
};

struct abl_retries {
	struct abl_retry *list; /* [count] */
	size_t count, capacity;
};

void abl_retries_finish(struct abl_retries *r);

/* The stage has ended. True: it is tried again, later. */
bool abl_retry_later(struct abl_supervisor *s, size_t stage);
/* It would fail so again: no more tries in this run. */
void abl_retry_never(struct abl_supervisor *s, size_t stage);
/* Queues those whose time has come. */
void abl_retries_queue(struct abl_supervisor *s);

#endif
