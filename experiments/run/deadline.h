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
	size_t *aside; /* [late]: stages that were not started, since they would not end in time */
	size_t late, aside_capacity;
	bool learned; /* since then it is known better what stages take */
};

void abl_deadline_begin(struct abl_supervisor *s);
void abl_deadline_finish(struct abl_deadline *d);
/* Is the time over? To be asked at each tick. */
bool abl_deadline_is_over(struct abl_supervisor *s);
/* Takes those of the ready stages off the queue that would not end in time, up to the first that
 * would. Where none is left, those that were taken off are looked at again, if stages have ended
 * since. */
void abl_deadline_put_aside(struct abl_supervisor *s);
/* After the run: was the time not enough? */
bool abl_deadline_was(const struct abl_supervisor *s);
/* After the run: ABL_ESTOP with its words, where the time was not enough. */
int abl_deadline_end(const struct abl_supervisor *s, struct abl_err *err);

#endif
