/* SPDX-License-Identifier: Apache-2.0 */
/* running_file.h - <store>/running.json: how far a run is, for whoever looks on, once a second. It
 * is beside the database, since nothing of it is worth keeping. */
#ifndef ABL_RUNNING_FILE_H
#define ABL_RUNNING_FILE_H

#include "estimate.h"
#include "run_state.h"

#include <jansson.h>

struct abl_running_file { /* zero at first */
	double written;   /* by abl_clock_now() */
	struct abl_left left;
	char said[400];  /* what the run has said last; "" = nothing */
	int64_t said_at; /* seconds since 1970 */
};

/* What the run waits for, or that it goes on: it is in the file from the next writing on. */
void abl_running_file_says(struct abl_running_file *f, const char *text);

/* Writes it, unless that was a moment ago. A failure is nobody's affair. */
void abl_running_file_write(struct abl_running_file *f, const struct abl_run *run);
void abl_running_file_remove(const struct abl_run *run);
/* {"pid", "study", "left" (seconds), "said", "said_at" (what the run has said last, and when),
 * "jobs": [{"key", "attempt", "share", "step", "steps"}]};
 * a number that is not known is left out. NULL: nobody has written it. Caller's. */
json_t *abl_running_file_read(const char *folder);

#endif
