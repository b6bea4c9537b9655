/* SPDX-License-Identifier: Apache-2.0 */
/* lock_beat.h - the holder's record in the lock file, and the thread that renews its beat. */
#ifndef ABL_LOCK_BEAT_H
#define ABL_LOCK_BEAT_H

#include "errors.h"
#include "lock_record.h"

struct abl_beat;

/* Writes the record to `fd`, of the lock file of the store's `folder`, which both stay the
 * caller's, and goes on to do so every second, for as long as the claim there is `own`. */
int abl_beat_begin(struct abl_beat **out, const char *folder, int fd,
		   const struct abl_lock_record *own, struct abl_err *err) ABL_MUST_USE;
void abl_beat_end(struct abl_beat *b); /* null-safe */
/* A snapshot was made now. */
void abl_beat_note_snapshot(struct abl_beat *b);

#endif
