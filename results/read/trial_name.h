/* SPDX-License-Identifier: Apache-2.0 */
/* trial_name.h - a trial as people name it: by its number, or as STUDY/VARIANT/TASK/SEED. */
#ifndef ABL_TRIAL_NAME_H
#define ABL_TRIAL_NAME_H

#include "errors.h"

#include <stdint.h>

struct abl_store;
struct abl_str;

struct abl_trial_name { /* texts last for the call */
	int64_t trial;  /* its number: the row of its study's plan, `trial` of listings */
	int64_t study_id, seed;
	const char *study, *variant, *task;
};

/* The trial that `text` (NFC) names: its number, or a part of "STUDY/VARIANT/TASK/SEED" that only
 * one trial of the last plans has, where any part may be left out: "no segments/3". A variant may
 * be called by what it removes. ABL_EINPUT: there is none (the nearest name is offered), or there
 * are several (the first ones are listed). */
int abl_trial_find(struct abl_store *store, const char *text, int64_t *trial,
		   struct abl_err *err) ABL_MUST_USE;

/* 1 = heard, 0 = there is no such trial. */
int abl_read_trial_name(struct abl_store *store, int64_t trial,
			void (*hear)(void *data, const struct abl_trial_name *name), void *data,
			struct abl_err *err) ABL_MUST_USE;
/* Appends "STUDY/VARIANT/TASK/SEED", which abl_trial_find() takes. */
void abl_trial_name_text(const struct abl_trial_name *name, struct abl_str *out);

#endif
