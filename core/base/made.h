/* SPDX-License-Identifier: Apache-2.0 */
/* made.h - what a stage has made: the files of its folder with sizes and hashes. While one list is
 * open, every file that is written (writer.h) goes on it, and none is made to last alone: sealing
 * (seal.h) does that for all at once. */
#ifndef ABL_MADE_H
#define ABL_MADE_H

#include "errors.h"
#include "hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_made_file {
	char *path; /* as it was written; in a list that was read: its name in the folder */
	uint64_t bytes;
	char hash[ABL_HASH_TEXT]; /* of the bytes as they lie there, packed or not */
};
struct abl_made {
	struct abl_made_file *files;
	size_t count, capacity;
};

void abl_made_finish(struct abl_made *m); /* null-safe */
/* The list that files go on from now on, in this process; NULL: none. One at a time: the one before
 * is returned. */
struct abl_made *abl_made_begin(struct abl_made *m);
/* For the writer: is a list open, which makes its files last together? Puts one on it. */
bool abl_made_is_open(void);
void abl_made_take(const char *path, uint64_t bytes, const char *hash);

#endif
