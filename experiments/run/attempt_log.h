/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_log.h - what an attempt's log says: lines with the time of day on how it goes. The
 * child's own output is in the same file. For people: no result depends on it, and where it cannot
 * be written it is not. */
#ifndef ABL_ATTEMPT_LOG_H
#define ABL_ATTEMPT_LOG_H

#include "store.h"
#include "str.h"

struct abl_attempt_log {
	char *path;          /* its own */
	struct abl_str text; /* not yet in the file */
	struct abl_str point;
	int64_t step, last_step; /* of the point; of the last one with a rate */
	double at, last_at;      /* seconds of abl_clock_now() */
};

void abl_attempt_log_say(struct abl_attempt_log *log, const char *fmt, ...) ABL_PRINTF(2, 3);
/* One number of a step; those of the same step make one line, now and then with the steps a second.
 */
void abl_attempt_log_point(struct abl_attempt_log *log, int64_t step, const char *name,
			   double value);
/* What came out, in one line. */
void abl_attempt_log_results(struct abl_attempt_log *log, const struct abl_result *r, size_t count);
void abl_attempt_log_flush(struct abl_attempt_log *log);
void abl_attempt_log_finish(struct abl_attempt_log *log);

#endif
