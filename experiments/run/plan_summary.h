/* SPDX-License-Identifier: Apache-2.0 */
/* plan_summary.h - what a plan comes to: counts for people and rows for machines. */
#ifndef ABL_PLAN_SUMMARY_H
#define ABL_PLAN_SUMMARY_H

#include "run_state.h"
#include "table.h"

/* "special-tokens: 5 variants x 2 tasks x 8 seeds = 80 trials" and a line each for what was
 * dropped, what is implied, shared, tuned, done, still to run, and how long it takes. `s` has its
 * nodes loaded; its store may be NULL (nothing was ever run). Appends. */
void abl_plan_summary(const struct abl_run *run, struct abl_str *out);

/* One row for each variant: its label, how it came to be, what it changes. Caller's. */
struct abl_table *abl_plan_variants(const struct abl_study *study);
/* One row for each stage: kind, key, whose it is, how many trials it serves, how it stands,
 * seconds. `whole`: what it will take besides, too. Caller's. */
struct abl_table *abl_plan_stages(const struct abl_run *run, bool whole);

#endif
