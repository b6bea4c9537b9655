/* SPDX-License-Identifier: Apache-2.0 */
/* bench_fleet.h - workers that only pretend, hundreds of them in one process, each at the other end
 * of a socket; for bench_cluster.c. */
#ifndef ABL_BENCH_FLEET_H
#define ABL_BENCH_FLEET_H

#include "errors.h"
#include "wire_link.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct abl_bench_fleet {
	struct abl_link *links; /* [count]: to be given to a head */
	size_t count;
	pid_t pid;
	int report; /* where it says what it saw, at its end */
};

struct abl_bench_waits { /* from the end of a worker's attempt to its next one */
	int64_t count;
	double sum, most; /* seconds */
};

/* `seconds`: that a training takes; other stages end at once. */
int abl_bench_fleet_start(struct abl_bench_fleet *f, size_t count, double seconds,
			  struct abl_err *err) ABL_MUST_USE;
/* Its links have been closed, or were told to end. */
int abl_bench_fleet_end(struct abl_bench_fleet *f, struct abl_bench_waits *out,
			struct abl_err *err) ABL_MUST_USE;

#endif
