/* SPDX-License-Identifier: Apache-2.0 */
/* child.h - starts one child process for pool.c. */
#ifndef ABL_SPAWN_H
#define ABL_SPAWN_H

#include "pool.h"

#include <sys/types.h>

struct abl_spawned {
	pid_t pid;
	int pipe; /* reading end of the child's descriptor 3, non-blocking */
	int log;  /* open for appending */
};

int abl_spawn(struct abl_spawned *out, const struct abl_pool_job *job,
	      struct abl_err *err) ABL_MUST_USE;

#endif
