/* SPDX-License-Identifier: Apache-2.0 */
/* sealed.h - what a child of this machine leaves beside its folder when its stage is done: one file
 * with everything that the store wants of it. Descriptor 3 is for those who watch; it is the sealed
 * file that counts. So a line that got lost loses nothing, and whoever comes after a supervisor
 *that was killed commits from it instead of running the stage again.
 *
 *	{"sealed":"<key>","attempt":2,"points":40,"seconds":3.5,"made":"<hash of the folder's
 *seal>", "lines":"<hash of what follows>"} lines of protocol.h: metrics, result, predictions
 *
 * Written in place and unsynced: what was cut off has another hash. */
#ifndef ABL_SEALED_H
#define ABL_SEALED_H

#include "hash.h"
#include "protocol.h"
#include "str.h"

/* What is being kept for it. */
struct abl_seal {
	const struct abl_events *live;     /* where everything goes, too */
	struct abl_protocol_writer writer; /* into `lines` */
	struct abl_events kept;
	struct abl_str lines;
	size_t points;
	char made[ABL_HASH_TEXT];
	double started; /* seconds of abl_clock_now() */
};

/* Events that pass on to `live` and keep what the sealed file wants. Both must outlive them. */
struct abl_events abl_seal_events(struct abl_seal *s, const struct abl_events *live);
/* Writes the file of that folder, and ends `s`. */
int abl_seal_write(struct abl_seal *s, const char *folder, const char *key, int64_t attempt,
		   struct abl_err *err) ABL_MUST_USE;
void abl_seal_finish(struct abl_seal *s); /* null-safe */

/* What a sealed file says of itself, once read. */
struct abl_sealed {
	size_t points;
	double seconds;           /* that the attempt had taken */
	char made[ABL_HASH_TEXT]; /* hash of the folder's seal (made.h); "" = it has none */
	struct abl_str text;      /* of the file */
	size_t lines_at;          /* where its lines begin */
};

/* Reads the file of that folder. 1 = it is that attempt's, and whole; 0 = there is none such. */
int abl_sealed_read(struct abl_sealed *out, const char *folder, const char *key, int64_t attempt);
/* Tells what its stage told: metrics, results and predictions, in their order. */
void abl_sealed_tell(const struct abl_sealed *s, const struct abl_events *hooks);
/* Whether `folder`, wherever it is by now, holds all files as the stage had made them. */
bool abl_sealed_holds(const struct abl_sealed *s, const char *folder);
void abl_sealed_finish(struct abl_sealed *s); /* null-safe */

#endif
