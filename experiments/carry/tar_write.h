/* SPDX-License-Identifier: Apache-2.0 */
/* tar_write.h - a gzipped tar archive (POSIX ustar; pax where a name or a size does not fit) of
 * regular files, whose bytes depend on nothing but the files' names, contents and the right to
 * execute: no times, no owners. `tar tf` lists it.
 *
 * Our own hundred lines, and not libarchive: what that links (libxml2, ICU, OpenSSL's or nettle's
 * hashes, five compressors) would be loaded by each of the thousands of processes that a study
 * starts, and what a reader must refuse of an archive from elsewhere is most of what it offers. */
#ifndef ABL_TAR_WRITE_H
#define ABL_TAR_WRITE_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_tar_writer;

/* Begins beside path (writer.h). Ends with commit or drop. */
int abl_tar_create(struct abl_tar_writer **out, const char *path, struct abl_err *err) ABL_MUST_USE;
/* The next file; `bytes` of it follow, in any number of calls. */
int abl_tar_begin(struct abl_tar_writer *w, const char *name, uint64_t bytes, bool executable,
		  struct abl_err *err) ABL_MUST_USE;
int abl_tar_put(struct abl_tar_writer *w, const void *bytes, size_t length,
		struct abl_err *err) ABL_MUST_USE;
int abl_tar_end(struct abl_tar_writer *w, struct abl_err *err) ABL_MUST_USE; /* of the file */
/* Ends the archive: it is whole at `path` then, after a power cut, too. */
int abl_tar_commit(struct abl_tar_writer *w, struct abl_err *err) ABL_MUST_USE;
void abl_tar_drop(struct abl_tar_writer *w); /* also after a commit */

#endif
