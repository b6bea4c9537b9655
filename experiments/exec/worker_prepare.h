/* SPDX-License-Identifier: Apache-2.0 */
/* worker_prepare.h - what must be so on a worker before a stage can start: its trial file is seen,
 * has the paths of this machine, and the data that it reads are the head's. A file system that is
 * slow to show a new file and gigabytes to be hashed take their time, so each is done by a thread;
 * the worker goes on beating meanwhile. */
#ifndef ABL_WORKER_PREPARE_H
#define ABL_WORKER_PREPARE_H

#include "trial_roots.h"
#include "wire.h"

struct abl_preparer; /* what all preparations share */
struct abl_preparation;

/* `roots` of this machine must outlive it. ABL_EIO. */
int abl_preparer_create(struct abl_preparer **out, const struct abl_roots *roots,
			struct abl_err *err) ABL_MUST_USE;
void abl_preparer_destroy(struct abl_preparer *p); /* null-safe; no preparation is left */
/* Can be read when one has ended; abl_preparer_heard() empties it. */
int abl_preparer_descriptor(const struct abl_preparer *p);
void abl_preparer_heard(struct abl_preparer *p);

/* Begins; what it needs of the order is copied. `worker`: our number. */
int abl_preparation_begin(struct abl_preparation **out, struct abl_preparer *p,
			  const struct abl_start_order *order, int64_t worker,
			  struct abl_err *err) ABL_MUST_USE;
bool abl_preparation_is_done(struct abl_preparation *p);
/* Ends one; what is not done is not waited for, and is ABL_ESTOP. 0: *trial is the file to be
 * executed, the caller's. Else `why` says what a head is told. */
int abl_preparation_end(struct abl_preparation *p, char **trial, enum abl_refusal *why,
			struct abl_err *err);

#endif
