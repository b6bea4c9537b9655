/* SPDX-License-Identifier: Apache-2.0 */
/* deadline.h - when a run has to be over: `limits.hours` after it began, or at a time of day; for
 * supervisor.c. Before a time of day nothing starts that would not end by then. */
#ifndef ABL_DEADLINE_H
#define ABL_DEADLINE_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_supervisor;

struct abl_deadline {
	double hours; /* by abl_clock_now(); 0: no such limit */
	/* The clock on the wall, less one that nobody sets. One that was set is believed when it
	 * has stayed so for a while. */
	double shift, shifted_at;
	bool by_clock, is_over;
	size_t late; /* stages that were not started, since they would not end in time */
};

void abl_deadline_begin(struct abl_supervisor *s);
/* Is the time over? To be asked at each tick. */
bool abl_deadline_is_over(struct abl_supervisor *s);
/* Takes those of the ready stages off the queue that would not end in time, up to the first that
 * would. */
void abl_deadline_put_aside(struct abl_supervisor *s);
/* After the run: was the time not enough? */
bool abl_deadline_was(const struct abl_supervisor *s);
/* After the run: ABL_ESTOP with its words, where the time was not enough. */
int abl_deadline_end(const struct abl_supervisor *s, struct abl_err *err);

#endif
