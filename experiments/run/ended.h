/* SPDX-License-Identifier: Apache-2.0 */
/* ended.h - what follows when an attempt has ended: its stage is committed, or kept until the store
 * can be written, and others learn of it; for supervisor.c. */
#ifndef ABL_ENDED_H
#define ABL_ENDED_H

#include "errors.h"

struct abl_supervisor;

/* Seconds for another program's lock: while children run, for what has to be done at one go, and at
 * the end. */
#define ABL_LOOP_WAITS .1
#define ABL_CHOICE_WAITS 600.0
#define ABL_LAST_WAITS 30.0

/* Commits what has ended, in that order, until the store cannot be written. */
void abl_ended_commit(struct abl_supervisor *s);
/* Chooses tuned values, where all is there for that. */
void abl_ended_choose(struct abl_supervisor *s);
/* When the run ends: what could not be committed so far is given a last while. It is not lost: its
 * sealed files are there. */
int abl_ended_last(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;
/* The same warning of many trials is one; NULL: none. */
void abl_ended_warn(struct abl_supervisor *s, const char *text);

#endif
