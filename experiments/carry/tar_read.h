/* SPDX-License-Identifier: Apache-2.0 */
/* tar_read.h - reads the archives of tar_write.h, from anybody: regular files with relative names
 * that stay below where they are put, each once. Whatever else a tar archive can hold is refused by
 * its name: absolute paths, "..", links, devices, folders, sparse files, other programs' headers;
 * and what unpacks to far more than it is. */
#ifndef ABL_TAR_READ_H
#define ABL_TAR_READ_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_tar_reader;

struct abl_tar_member {
	const char *name; /* the reader's, until the next */
	uint64_t bytes;
	bool executable;
};

/* Errors are ABL_EINPUT but for ABL_EIO, and begin with the path. The caller closes. */
int abl_tar_open(struct abl_tar_reader **out, const char *path, struct abl_err *err) ABL_MUST_USE;
void abl_tar_close(struct abl_tar_reader *r); /* null-safe */
/* 1 = the next file, whose rest need not have been read; 0 = the archive ends here, whole. */
int abl_tar_next(struct abl_tar_reader *r, struct abl_tar_member *out, struct abl_err *err);
/* Its next bytes; 0 at its end. */
long abl_tar_read(struct abl_tar_reader *r, void *out, size_t size, struct abl_err *err);
double abl_tar_share(const struct abl_tar_reader *r); /* of the archive read so far, [0, 1] */

/* Is it a relative path that stays below its folder, without parts that mean nothing? */
bool abl_tar_name_is_fine(const char *name);

#endif
