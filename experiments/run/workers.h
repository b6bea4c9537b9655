/* SPDX-License-Identifier: Apache-2.0 */
/* workers.h - the workers of a run, as its supervisor knows them; for supervisor.c and whoever
 * makes the executor of their links (remote.h). */
#ifndef ABL_WORKERS_H
#define ABL_WORKERS_H

#include "store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_hello;
struct abl_remote_hooks;
struct abl_supervisor;

struct abl_worker {
	int64_t number; /* of its row in the store */
	char *name;
	struct abl_provenance made_by; /* what its attempts are made by */
	double memory;                 /* bytes that it has; INFINITY: not known */
	int slots, cards;
	bool there;
};

struct abl_workers {
	struct abl_worker *list; /* [count] all that ever joined, in their order */
	size_t count, capacity;
	int own;        /* stages at a time on this machine itself */
	bool may_come;  /* what this machine lacks a worker may have */
	char **refusal; /* [refusals] what was written down of those that did not fit */
	size_t refusals, refusal_capacity;
	double missing; /* since when nobody is there, by abl_clock_now(); 0: somebody is */
	bool told_missing;
	bool told_memory; /* that a stage waits for a worker with more of it, */
	bool told_cards;  /* with more GPUs, */
	bool told_time;   /* or with more time */
};

/* Seconds that a worker may be silent, as usual. ABLATE_LEASE_SECONDS sets another time, for tests.
 */
double abl_workers_lease(void);
/* The hooks of a remote executor whose attempts are this supervisor's. */
void abl_workers_hooks(struct abl_supervisor *s, struct abl_remote_hooks *out);
/* One has not joined and is left out: a row of table `worker` says why, one for each reason and
 * machine. `hello`: what it has said of itself, or NULL where it did not get that far. */
void abl_workers_refused(struct abl_supervisor *s, const char *name, const struct abl_hello *hello,
			 const char *why);
/* NULL: there is none of that number. */
const struct abl_worker *abl_workers_find(const struct abl_workers *w, int64_t number);
/* Bytes that the largest one has which is there; 0: there is none. */
double abl_workers_memory(const struct abl_workers *w);
/* Several times a second: says that nobody is there, where that lasts. */
void abl_workers_look(struct abl_supervisor *s);
/* The run has ended: who is there still leaves. */
void abl_workers_end(struct abl_supervisor *s);
void abl_workers_finish(struct abl_workers *w);

#endif
