/* SPDX-License-Identifier: Apache-2.0 */
/* made.h - what a stage has made: the files of its folder with sizes and hashes. While one list is
 * open, every file that is written (writer.h) goes on it, and none is made to last alone: sealing
 * does that for all at once, and puts the list into the folder as SEAL. The seal's own hash is what
 * a store remembers of an artefact; whoever opens one checks its files by the seal. */
#ifndef ABL_MADE_H
#define ABL_MADE_H

#include "errors.h"
#include "hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABL_SEAL "sealed.json"

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
/* The list that files go on from now on, in this process; NULL: none. One at a time. */
void abl_made_begin(struct abl_made *m);
/* For the writer: is a list open, which makes its files last together? Puts one on it. */
bool abl_made_is_open(void);
void abl_made_take(const char *path, uint64_t bytes, const char *hash);
/* Removes a file that a stage does not leave, and takes it off the list. */
void abl_made_remove(const char *path);

/* Makes the files of the list that lie in `folder` last, checks that each can be read back with the
 * size and removes what else lies there. Writes the seal; `hash` gets its hash. */
int abl_made_seal(const struct abl_made *m, const char *folder, char hash[ABL_HASH_TEXT],
		  struct abl_err *err) ABL_MUST_USE;

/* How much of an artefact is looked at. */
enum abl_look {
	ABL_LOOK_SIZES, /* the seal, and that the files are there with their sizes */
	ABL_LOOK_ALL,   /* the hash of each, too */
};
/* Is what lies in `folder` what was sealed? `seal`: the hash of its seal, or NULL: not known, and
 * then a folder without a seal passes. ABL_EDAMAGED with the file and what is wrong. */
int abl_made_check(const char *folder, const char *seal, enum abl_look how,
		   struct abl_err *err) ABL_MUST_USE;

#endif
