/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_data.h - what an attempt keeps for itself while it runs; for attempt.c and
 * attempt_end.c. */
#ifndef ABL_ATTEMPT_DATA_H
#define ABL_ATTEMPT_DATA_H

#include "attempt.h"
#include "attempt_log.h"
#include "str.h"

struct abl_job_data {
	char *folder, *trial;          /* absolute */
	struct abl_needed_file *files; /* the same for its spec; or NULL */
	struct abl_attempt_log log;
	struct abl_metric *metrics;                   /* names interned */
	size_t metric_count, metric_capacity, points; /* points: all that were told */
	struct abl_result *results;
	size_t result_count, result_capacity;
	char *predictions, *error, *seal;
	enum abl_cause cause; /* of the error, as told */
	char *warning;        /* the first one, or NULL */
	char **secrets; /* values that the trial file has not, for the child's environment; or NULL
			 */
	bool paused, sealed;
	bool waits; /* for what it could not read to be made again */
	/* once it has ended */
	struct abl_end end;
	struct abl_verdict verdict;
	struct abl_str reason;
	bool published, late; /* late: it had ended before this run began */
};

/* Numbers that it tells, at once or by its sealed file; `job` is a struct abl_job. */
void abl_attempt_take_metric(void *job, int64_t step, const char *name, double value);
void abl_attempt_take_result(void *job, const char *name, double value);
void abl_attempt_take_predictions(void *job, const char *file);

#endif
