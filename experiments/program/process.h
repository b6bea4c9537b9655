/* SPDX-License-Identifier: Apache-2.0 */
/* process.h - a user's program and everything it starts, as one thing: we are the reaper of all its
 * descendants, whatever sessions and groups they make, and none of them outlives us. */
#ifndef ABL_PROCESS_H
#define ABL_PROCESS_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_process_spec {
	const char *const
		*argv; /* NULL-terminated; argv[0] is looked for in PATH of `environment` */
	const char *const *environment; /* the whole of it, NULL-terminated */
	const char *directory;
	int log; /* descriptor: what it prints is appended, up to a bound; what is cut is said */
	int stop_signal;   /* sent to every descendant when we are asked to stop */
	double stop_grace; /* seconds from then to SIGKILL */
	void *data;        /* of the hooks */
	void (*line)(void *data, const char *line,
		     size_t length);  /* of what it prints, any bytes */
	void (*tick)(void *data);     /* about once a second */
	bool (*stopping)(void *data); /* are we asked to stop? */
};

struct abl_process_end {
	int exit_code; /* -1: a signal ended it */
	int signal;
	bool asked;         /* it was asked to stop before */
	bool killed;        /* by us, since it did not stop */
	size_t left_behind; /* descendants that were still there at its end, and were killed */
	char tail[16384];   /* the end of what it printed; valid text */
};

/* Runs it to its end. ABL_EINPUT: it cannot be started, with the reason (no such program, not
 * executable, no such folder). */
int abl_process_run(const struct abl_process_spec *spec, struct abl_process_end *end,
		    struct abl_err *err) ABL_MUST_USE;
/* Kills what earlier attempts have left: every process of this user whose environment has
 * `variable`, as "NAME=value". How many there were. */
size_t abl_process_kill_marked(const char *variable);

#endif
