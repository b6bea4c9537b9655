/* SPDX-License-Identifier: Apache-2.0 */
/* gc.h - removes from a store what no study needs. Killed at any point, the next one goes on: rows
 * go before the files that they name. */
#ifndef ABL_GC_H
#define ABL_GC_H

#include "care.h"

struct abl_gc_request {
	bool dry_run; /* only looks; the store may be open for reading */
	bool earlier; /* what only earlier plans have made, too; its numbers and predictions stay */
	bool backups; /* and copies of the database from before an upgrade */
	double older; /* seconds: only what was changed last so long ago */
};

struct abl_gc {                                               /* what it came to */
	int64_t count[ABL_CARE_KINDS], bytes[ABL_CARE_KINDS]; /* gone, or would go */
	int64_t stages, unused;                               /* rows; bytes of the database */
	int64_t earlier, backups, young; /* bytes that stay for want of a word */
	int64_t unknown, unknown_bytes;
	char *names[3]; /* of what is unknown, the first ones */
	char *failed;   /* why something could not be removed, the first of them; or NULL */
	int64_t failures;
};

int abl_gc(struct abl_gc *out, struct abl_store *store, const struct abl_gc_request *request,
	   struct abl_err *err) ABL_MUST_USE;
void abl_gc_finish(struct abl_gc *g); /* null-safe */

#endif
