/* SPDX-License-Identifier: Apache-2.0 */
/* guarded_file.h - opens what a program has left, and only that: a regular file that lies below its
 * folder, also when a link leads to it, and is not too large. Nothing is waited for. */
#ifndef ABL_GUARDED_FILE_H
#define ABL_GUARDED_FILE_H

#include "errors.h"

#include <stdint.h>
#include <sys/types.h>

/* Seconds that a file may be older than the program that wrote it: file systems and the clocks of
 * servers are not exact. */
#define ABL_GUARDED_OLD 2.0

struct abl_guarded {
	int fd; /* the caller's to close */
	off_t size;
	ino_t inode;
	double changed; /* seconds since 1970 */
};

/* Opens `path` below `folder`. ABL_EINPUT: it is none of these, or larger than `limit` bytes;
 * ABL_EIO: the system refuses. */
int abl_guarded_open(struct abl_guarded *out, const char *folder, const char *path, uint64_t limit,
		     struct abl_err *err) ABL_MUST_USE;

#endif
