/* SPDX-License-Identifier: Apache-2.0 */
/* path_glob.h - regular files by pattern: `*`, `?` and `[...]` stay within a name, `**` goes for
 * any number of folders ("a/<two stars>" is every file below a). Links to folders are not followed;
 * a link to a regular file counts as one. A name that begins with a dot matches only a pattern that
 * does. */
#ifndef ABL_PATH_GLOB_H
#define ABL_PATH_GLOB_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_paths { /* sorted by bytes; relative to the folder; ends with abl_paths_finish() */
	char **path;
	size_t count, capacity;
};

/* Adds the regular files below `folder` that match. Folders that cannot be read are passed over;
 * ABL_EINPUT: more than `limit` files, or the pattern leaves the folder ("../"). */
int abl_glob(struct abl_paths *out, const char *folder, const char *pattern, size_t limit,
	     struct abl_err *err) ABL_MUST_USE;
/* Is there a file or a folder that matches? */
bool abl_glob_any(const char *folder, const char *pattern);
/* Can it be matched at all? ABL_EINPUT says why not. */
int abl_glob_check(const char *pattern, struct abl_err *err) ABL_MUST_USE;
void abl_paths_finish(struct abl_paths *p); /* null-safe */

#endif
