/* SPDX-License-Identifier: Apache-2.0 */
/* carry_files.h - files on their way into a packed study, and what its manifest says of them. */
#ifndef ABL_CARRY_FILES_H
#define ABL_CARRY_FILES_H

#include "errors.h"
#include "hash.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_carry_file {
	char *name; /* in the archive, below the folder of the study: "artifacts/<key>/..." */
	char *path; /* where it lies; NULL: only its name is known */
	uint64_t bytes;
	char hash[ABL_HASH_TEXT]; /* of the bytes as they lie there */
	bool executable;
};
struct abl_carry_files {
	struct abl_carry_file *file;
	size_t count, capacity;
};

void abl_carry_files_finish(struct abl_carry_files *l); /* null-safe */
/* Takes the texts. */
void abl_carry_files_add(struct abl_carry_files *l, char *name, char *path);
/* Adds the regular files in `folder` and below it, as "<name>/..."; nothing through links; none
 * where there is no such folder. `wants` may be NULL: all; else it is asked with the path below the
 * folder. */
void abl_carry_files_walk(struct abl_carry_files *l, const char *folder, const char *name,
			  bool (*wants)(const char *below, void *data), void *data);
/* By name; where several have one, the first that was added stays. */
void abl_carry_files_sort(struct abl_carry_files *l);
/* Of a sorted list; NULL: there is none. */
struct abl_carry_file *abl_carry_files_find(const struct abl_carry_files *l, const char *name);
/* Reads the file for its size, hash and right to execute. */
int abl_carry_file_look(struct abl_carry_file *f, struct abl_err *err) ABL_MUST_USE;

/* Leaves the first `count`. */
void abl_carry_files_cut(struct abl_carry_files *l, size_t count);
/* A file with its right to execute, into a folder that is made. */
int abl_carry_copy(const char *from, const char *to, struct abl_err *err) ABL_MUST_USE;

/* "folder/name", whatever the name is; the caller's. */
char *abl_carry_join(const char *folder, const char *name);
/* The part of `path` below `folder`, or NULL: it is not there. Both without doubled slashes. */
const char *abl_carry_below(const char *path, const char *folder);

#endif
