/* SPDX-License-Identifier: Apache-2.0 */
/* load_known.h - what a loaded study has already: its variants and tasks, and whether its numbers
 * are those of the file. */
#ifndef ABL_LOAD_KNOWN_H
#define ABL_LOAD_KNOWN_H

#include "load.h"

struct abl_load_known {
	struct abl_load_names variant; /* in the order of listings */
	const char *baseline;          /* permanent; NULL: none */
	struct abl_load_names task;
	struct abl_load_names metric; /* of all tasks */
	size_t *metric_of;            /* [tasks] number of its name */
	size_t capacity;
	struct abl_load_names baseline_seed; /* "task\nseed" */
};

/* Marks the runs of l that the study has, and refuses those that it has with other numbers. Where
 * these replace them, only the baseline is read. */
int abl_load_known_read(struct abl_load_known *out, struct abl_load *l, struct abl_store *store,
			struct abl_err *err) ABL_MUST_USE;
/* The main metric of a task, NULL where the study has no such task. */
const char *abl_load_known_metric(const struct abl_load_known *k, const char *task);
void abl_load_known_finish(struct abl_load_known *k);

#endif
