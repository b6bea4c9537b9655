/* SPDX-License-Identifier: Apache-2.0 */
/* compare_guards.h - for compare.c. */
#ifndef ABL_COMPARE_GUARDS_H
#define ABL_COMPARE_GUARDS_H

#include "compare.h"

/* Fills c->guards, once the rest of it is there. */
int abl_compare_guards(struct abl_comparison *c, struct abl_store *store, int64_t study,
		       struct abl_err *err) ABL_MUST_USE;

/* The lines of the tasks' tables for that of their means: each said once, with its task where
 * others do not have it. */
void abl_compare_join_guards(struct abl_comparison *all, struct abl_comparison *const *tasks,
			     size_t count);

#endif
