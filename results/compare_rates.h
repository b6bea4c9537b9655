/* SPDX-License-Identifier: Apache-2.0 */
/* compare_rates.h - failures and collapses as outcomes: rates of units, and whether an arm has more
 * of them than the baseline. */
#ifndef ABL_COMPARE_RATES_H
#define ABL_COMPARE_RATES_H

#include "compare_pairs.h"

/* The rates of an arm over these tasks: a unit that something befell on one of them counts once, as
 * does a pre-training that failed for all its seeds. Adds to what is there: for arms of one
 * baseline. */
void abl_rates_add(struct abl_arm *out, const struct abl_loaded_arm *const *arms, size_t tasks);
void abl_rates_finish(struct abl_arm *out); /* the intervals, once all is added */

/* Fisher's exact test, two-sided, of both rates of every row against the baseline's; all tests of
 * the tables are one family, corrected by Holm over those that can decide (Tarone 1990). */
void abl_rates_decide(struct abl_comparison **tables, size_t count);

#endif
