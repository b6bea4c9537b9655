/* SPDX-License-Identifier: Apache-2.0 */
/* trial_roots.h - a trial file on another machine. The head writes it with its own paths; where the
 * store or the data lie elsewhere on the worker, the worker reads a copy of its own. */
#ifndef ABL_TRIAL_ROOTS_H
#define ABL_TRIAL_ROOTS_H

#include "errors.h"

#include <stdint.h>

struct abl_str;

struct abl_roots {
	const char *store, *data; /* absolute; data may be NULL */
};

/* Appends `text` with each path below a root of `from` as it is below that of `to`. A root begins
 * where a path can begin and ends at a '/' or where a path ends: words of a command hold paths, too
 * ("--train=/data/a.csv", "/data/a.csv:/data/b.csv"). The longer root counts where one holds the
 * other. */
void abl_roots_move(struct abl_str *out, const char *text, const struct abl_roots *from,
		    const struct abl_roots *to);

/* The trial file that a worker executes. *out, the caller's, is `path` where both roots are the
 * same, else that of a copy beside it for worker number `worker`. */
int abl_trial_move(char **out, const char *path, const struct abl_roots *from,
		   const struct abl_roots *to, int64_t worker, struct abl_err *err) ABL_MUST_USE;

#endif
