/* SPDX-License-Identifier: Apache-2.0 */
/* ask_program.h - a program of the machine is asked something and answers in a few seconds, or not
 * at all: git, python, diff. */
#ifndef ABL_ASK_PROGRAM_H
#define ABL_ASK_PROGRAM_H

#include "str.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_ask {
	const char *const *argv;        /* argv[0]: a path, as from abl_find_program() */
	const char *const *environment; /* the whole of it; NULL: ours */
	const char *directory;          /* where it runs */
	double seconds;                 /* then it is killed, and what it has started */
	size_t limit;                   /* bytes of the answer; more is no answer */
};

/* Its exit code, with what it has written in `out` and `said` (standard error, the first part; may
 * be NULL); -1: it could not be started, took too long, wrote too much or died of a signal. Both
 * are appended to and never NULL texts. */
int abl_ask_program(const struct abl_ask *a, struct abl_str *out, struct abl_str *said);

/* The program of that name in the list of folders `path`, as in $PATH, without those that are
 * relative: they would be looked for in the folder that is asked about. A name with '/' is itself,
 * in `directory`. NULL: there is none. Caller's. */
char *abl_find_program(const char *name, const char *path, const char *directory);

#endif
