/* SPDX-License-Identifier: Apache-2.0 */
/* growth.h - how many seeds a study with `seeds: {start, until, max}` is planned with. */
#ifndef ABL_GROWTH_H
#define ABL_GROWTH_H

#include "plan.h"
#include "seeds_look.h"

/* The seeds that the store has planned for the study of that name, or those that come next where
 * they are over and `more`; 0: none, it is to begin. A store that cannot be opened has none. */
int abl_growth_seeds(const struct abl_study *study, const char *folder, bool more, int64_t *seeds,
		     struct abl_err *err) ABL_MUST_USE;
/* Has the store done a trial as the plan has it? Else its settings are new, and so are its seeds.
 */
int abl_growth_is_same(const struct abl_plan *plan, const char *folder, bool *same,
		       struct abl_err *err) ABL_MUST_USE;

#endif
