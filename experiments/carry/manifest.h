/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.h - what a packed study says of itself: the first file of the archive. */
#ifndef ABL_MANIFEST_H
#define ABL_MANIFEST_H

#include "carry_files.h"

#define ABL_MANIFEST "manifest.json"
#define ABL_PACK_FORMAT 1

struct abl_manifest {
	char *study;                  /* its name, and that of the folder in the archive */
	char *engine;                 /* version of ablate that packed it */
	char *file;                   /* its study file, below "study/"; NULL: it has none */
	int64_t schema;               /* of the database in it */
	bool weights, data;           /* are they in it? */
	bool executes;                /* has it words that are executed? */
	struct abl_carry_files files; /* all others, sorted */
};

int abl_manifest_write(const struct abl_manifest *m, struct abl_str *out,
		       struct abl_err *err) ABL_MUST_USE;
/* ABL_EINPUT: it is none, or of a newer format. Ends with abl_manifest_finish(), also then. */
int abl_manifest_read(struct abl_manifest *out, const char *text, size_t length,
		      struct abl_err *err) ABL_MUST_USE;
void abl_manifest_finish(struct abl_manifest *m); /* null-safe */

#endif
