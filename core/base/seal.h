/* SPDX-License-Identifier: Apache-2.0 */
/* seal.h - the list of what a stage has made (made.h), put into its folder as SEAL. The seal's own
 * hash is what a store remembers of an artefact; whoever opens one checks its files by the seal. */
#ifndef ABL_SEAL_H
#define ABL_SEAL_H

#include "errors.h"
#include "hash.h"
#include "made.h"

#define ABL_SEAL "sealed.json"

/* Puts a regular file that another program has written on the open list (made.h): it is read for
 * its hash. */
int abl_made_take_file(const char *path, struct abl_err *err) ABL_MUST_USE;

/* Makes the files of the list that lie in `folder` or below it last, and checks that each can be
 * read back with the size. Writes the seal; `hash` gets its hash. */
int abl_made_write_seal(const struct abl_made *m, const char *folder, char hash[ABL_HASH_TEXT],
			struct abl_err *err) ABL_MUST_USE;
/* Removes what the folder's seal does not list: saved states, which are what the next attempt goes
 * on from until all that was made is known to be kept. */
int abl_made_remove_others(const char *folder, struct abl_err *err) ABL_MUST_USE;
/* Both. */
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
