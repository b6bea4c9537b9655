/* SPDX-License-Identifier: Apache-2.0 */
/* past.h - what a new plan may learn from the store's past. */
#ifndef ABL_PAST_H
#define ABL_PAST_H

#include "errors.h"
#include "str.h"

struct abl_store;

/* Seconds that done stages of a kind took for each second of cost. */
int abl_read_speed(struct abl_store *store,
		   void (*hear)(void *data, const char *kind, double seconds_per_cost), void *data,
		   struct abl_err *err) ABL_MUST_USE;

/* The spread over seeds of past differences on the task, in this study or the one that has most of
 * it, whose name *from gets. 1 = there is one, 0 = none. */
int abl_read_past_spread(struct abl_store *store, const char *study, const char *task,
			 const char *metric, double *sd, struct abl_str *from,
			 struct abl_err *err) ABL_MUST_USE;

/* Names of the studies, other than `study`, that have one of these stages, too; a name may come
 * several times. */
int abl_read_sharing(struct abl_store *store, const char *study, const char *const *keys,
		     size_t count, void (*hear)(void *data, const char *name), void *data,
		     struct abl_err *err) ABL_MUST_USE;

#endif
