/* SPDX-License-Identifier: Apache-2.0 */
/* writer.h - the one way to write a file: a reader sees all of it or nothing, and no failure is
 * lost. The first error, from opening to closing, is kept and told at the end; short writes and
 * signals between are nobody else's affair; the hash of what was written is taken on the way.
 *
 * Logs, the store's lock and what other programs write (gnuplot, SQLite) do not go through here. */
#ifndef ABL_WRITER_H
#define ABL_WRITER_H

#include "errors.h"
#include "hash.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_writer {
	int fd;
	int failed; /* errno of the first failure; 0 = none */
	bool patched;
	char *path;
	struct abl_str beside; /* its name until it is kept; empty: a device or a pipe */
	struct abl_str buffer; /* not yet given to the system */
	struct abl_hash *hash; /* of all bytes put so far */
	uint64_t bytes;        /* put so far */
};

/* Begins "<path>.tmp-<pid>" beside path. A device or a pipe is written to at once. Ends with commit
 * or drop. */
int abl_writer_open(struct abl_writer *w, const char *path, struct abl_err *err) ABL_MUST_USE;
/* Appends. Errors need not be looked for before the commit; whoever writes for long may ask. */
void abl_writer_put(struct abl_writer *w, const void *bytes, size_t length);
static inline bool abl_writer_failed(const struct abl_writer *w)
{
	return w->failed;
}
/* Overwrites what was put before: a head whose numbers are known at the end. */
void abl_writer_patch(struct abl_writer *w, uint64_t at, const void *bytes, size_t length);
/* Flushed, fsync, rename, fsync of the folder; where a stage keeps a list of what it makes
 * (made.h), the file is put on it and made to last together with the others. A path that could not
 * be kept is as it was. */
int abl_writer_commit(struct abl_writer *w, struct abl_err *err) ABL_MUST_USE;
void abl_writer_drop(struct abl_writer *w); /* also one that is zero or was ended */

/* Writes path whole. */
int abl_file_write(const char *path, const void *bytes, size_t length,
		   struct abl_err *err) ABL_MUST_USE;
/* The same for what others may not read, not even while it is written: mode 0600. */
int abl_file_write_private(const char *path, const void *bytes, size_t length,
			   struct abl_err *err) ABL_MUST_USE;
/* Writes path in place, never through a link: for what nobody reads before, and what need not
 * survive a power cut. */
int abl_file_write_passing(const char *path, const void *bytes, size_t length,
			   struct abl_err *err) ABL_MUST_USE;
/* Appends to a file that people read, a log: nothing depends on it, and nothing is synced. */
int abl_file_append(const char *path, const char *text, struct abl_err *err) ABL_MUST_USE;
/* Opens a file to be read and appended to, never through a link; `create`: it need not be there.
 * The descriptor, or -1 with errno. */
int abl_file_open_appending(const char *path, bool create);
/* Makes a file that is not there yet, for those who write many and make them last together:
 * syncfs(). The descriptor, or -1 with errno. */
int abl_file_open_new(const char *path, unsigned mode);
/* All bytes to an open descriptor, whatever the system takes at a time. 0, or the errno. */
int abl_fd_write(int fd, const void *bytes, size_t length);
/* Makes a file or a folder last: fsync. */
int abl_sync_path(const char *path, struct abl_err *err) ABL_MUST_USE;

#endif
