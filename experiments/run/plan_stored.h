/* SPDX-License-Identifier: Apache-2.0 */
/* plan_stored.h - what the store has of a plan already: work that other studies share, and what a
 * study of that name loses when this plan takes its place. */
#ifndef ABL_PLAN_STORED_H
#define ABL_PLAN_STORED_H

#include "code_change.h"
#include "run_state.h"
#include "str.h"

/* Stages that are done here and belong to other studies, too, by kind. */
struct abl_sharing {
	size_t count[ABL_KINDS_MAX];
	struct abl_str names[ABL_KINDS_MAX]; /* "'a', 'b'" */
};
/* A store that cannot answer has none. */
void abl_sharing_read(struct abl_sharing *s, const struct abl_run *run);
/* Appends " (same content as in 'a')", said of `count` stages of the kind; nothing where none of
 * them is shared. */
void abl_sharing_add(const struct abl_sharing *s, size_t kind, size_t count, struct abl_str *out);
void abl_sharing_finish(struct abl_sharing *s);

/* Appends lines of a plan's summary: what the study of this name has in the store and the plan has
 * not, and whose settings or data are others (not only the code, which is `change`). To be asked
 * before the plan is recorded. */
int abl_plan_leaving(const struct abl_plan *plan, const struct abl_code_change *change,
		     struct abl_store *store, struct abl_str *out,
		     struct abl_err *err) ABL_MUST_USE;

#endif
