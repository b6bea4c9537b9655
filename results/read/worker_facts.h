/* SPDX-License-Identifier: Apache-2.0 */
/* worker_facts.h - the workers of a study's last run, and what they do. */
#ifndef ABL_WORKER_FACTS_H
#define ABL_WORKER_FACTS_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

/* One place where stages ran: all workers of that name, as the last one stands. Texts last for the
 * call, and are NULL where nothing is known. */
struct abl_worker_fact {
	const char *name, *host, *cpu, *kernels, *cards;
	const char *job, *array, *node; /* as its queue names them */
	const char *state;              /* joined, left, lost, refused */
	const char *reason;
	int64_t cores, slots;
	double memory;                 /* bytes; NaN: not known */
	double joined, left_at;        /* seconds since 1970; left_at 0: it is there */
	int64_t running, done, failed; /* attempts of the run */
	int64_t losses;                /* how often one of that name was lost */
};

/* Those that are not there any more come first. 0, also where there are none. */
int abl_read_workers(struct abl_store *store, int64_t study,
		     void (*hear)(void *data, const struct abl_worker_fact *fact), void *data,
		     struct abl_err *err) ABL_MUST_USE;
/* How many stages at a time the last worker of that name took; 0: there was none. */
int abl_read_worker_slots(struct abl_store *store, const char *name, int64_t *slots,
			  struct abl_err *err) ABL_MUST_USE;

#endif
