/* SPDX-License-Identifier: Apache-2.0 */
/* counts.h - how many trials of each study are in which state, and a curve in a few points. */
#ifndef ABL_COUNTS_H
#define ABL_COUNTS_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

struct abl_count { /* texts last for the call */
	int64_t study_id;
	const char *study, *path, *state; /* path may be NULL */
	const char *cause;                /* of a failure; or NULL */
	int64_t trials;
};
/* Study by study, the latest one last; `study` 0: all. A failed trial counts by the cause of the
 * stage that failed. */
int abl_read_counts(struct abl_store *store, int64_t study,
		    void (*hear)(void *data, const struct abl_count *count), void *data,
		    struct abl_err *err) ABL_MUST_USE;

/* Means of a training curve of the stage's last attempt over `points` equal parts of its steps:
 * that of its loss, else of what it told first. None: it told nothing. */
int abl_read_spark(struct abl_store *store, const char *key, int64_t points,
		   void (*hear)(void *data, const char *metric, double value), void *data,
		   struct abl_err *err) ABL_MUST_USE;
/* The last value of it: 1 = heard, 0 = none. */
int abl_read_last_point(struct abl_store *store, const char *key,
			void (*hear)(void *data, const char *metric, double value), void *data,
			struct abl_err *err) ABL_MUST_USE;

#endif
