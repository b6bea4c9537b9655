/* SPDX-License-Identifier: Apache-2.0 */
/* planned.h - how many seeds a study's last plan has. */
#ifndef ABL_PLANNED_H
#define ABL_PLANNED_H

#include "errors.h"
#include "str.h"

#include <stdint.h>

struct abl_store;

struct abl_planned {
	int64_t seeds;
	int64_t open; /* trials that are waiting or running */
	int64_t done; /* trials */
};
int abl_read_planned(struct abl_store *store, int64_t study, struct abl_planned *out,
		     struct abl_err *err) ABL_MUST_USE;

struct abl_confirmation {
	struct abl_str of;   /* the name of the study that it confirms; empty: it confirms none */
	int64_t seeds_after; /* its seeds come after that */
};
/* The caller ends it with abl_str_finish(&out->of), after a failure too. */
int abl_read_confirmation(struct abl_store *store, int64_t study, struct abl_confirmation *out,
			  struct abl_err *err) ABL_MUST_USE;

/* The greatest seed that any of its plans has had, of pre-trainings where they are crossed; 0:
 * none.
 */
int abl_read_last_seed(struct abl_store *store, int64_t study, int64_t *out,
		       struct abl_err *err) ABL_MUST_USE;

#endif
