/* SPDX-License-Identifier: Apache-2.0 */
/* awaited.h - what a worker says that it has made, and cannot be seen here yet: file systems over a
 * network keep for a while what they knew of a folder. It is looked for again meanwhile; for
 * supervisor.c. */
#ifndef ABL_AWAITED_H
#define ABL_AWAITED_H

#include "executor.h"

#include <stdbool.h>
#include <stddef.h>

#define ABL_AWAITED 120.0 /* seconds */

struct abl_job;
struct abl_supervisor;

struct abl_await {
	struct abl_job *job;
	struct abl_end end;
	double until; /* seconds of abl_clock_now() */
};

struct abl_awaits {
	struct abl_await *list; /* [count] in the order in which they ended */
	size_t count, capacity;
	double looked;
};

/* An attempt has ended. True: it is kept here until it is seen, and passed on then. */
bool abl_awaited_put(struct abl_supervisor *s, struct abl_job *job, const struct abl_end *end);
/* Passes on those that are seen by now, and those whose time is over; `all`: everyone. */
void abl_awaited_look(struct abl_supervisor *s, bool all);

#endif
