/* SPDX-License-Identifier: Apache-2.0 */
/* process_keeper.h - a process of ours between us and the program. It starts the program and is
 * the reaper of all that comes from it, and when we are gone, however that came, it kills all of
 * it: a signal at the death of a parent reaches one process, not those that it has started. When
 * the keeper itself is killed we are the next reaper up. */
#ifndef ABL_PROCESS_KEEPER_H
#define ABL_PROCESS_KEEPER_H

#include "process.h"

#include <sys/types.h>

enum abl_keeper_news {
	ABL_KEEPER_NO_FOLDER, /* value: errno */
	ABL_KEEPER_NO_START,  /* value: errno */
	ABL_KEEPER_ENDED,     /* value: what waitpid() said of the program */
};

struct abl_keeper_report {
	int news, value;
};

struct abl_keeper {
	pid_t pid;
	int output; /* what the program prints; non-blocking */
	int news;   /* struct abl_keeper_report, one after the other; non-blocking */
	int life;   /* closed: the keeper kills what is left, and ends */
};

/* `path`: what to execute. The descriptors are the caller's. */
int abl_keeper_start(struct abl_keeper *out, const struct abl_process_spec *spec, const char *path,
		     struct abl_err *err) ABL_MUST_USE;

#endif
