/* SPDX-License-Identifier: Apache-2.0 */
/* child.h - starts one child process for local.c, and opens logs of children. */
#ifndef ABL_CHILD_H
#define ABL_CHILD_H

#include "executor.h"

#include <sys/types.h>

struct abl_child {
	pid_t pid;
	int pipe;   /* reading end of the child's descriptor 3, non-blocking */
	int log;    /* open for appending */
	int handle; /* can be read when the process has ended (a pidfd); -1: an old kernel */
};

/* The descriptors are the caller's. */
int abl_child_start(struct abl_child *out, const struct abl_attempt_spec *spec,
		    struct abl_err *err) ABL_MUST_USE;

/* A descriptor that appends to the file, made where there is none; -1 with errno. */
int abl_child_log(const char *path);

#endif
