/* SPDX-License-Identifier: Apache-2.0 */
/* run_choice.h - which trials `ablate run` is to run: --only and --seed. */
#ifndef ABL_RUN_CHOICE_H
#define ABL_RUN_CHOICE_H

#include "command.h"
#include "study_run.h"

/* Marks them in r->supervisor.run.only, which stays NULL where all are wanted. r is planned.
 * --only: variants and tasks of the study, with commas between; --seed: "1,3-5". ABL_EINPUT says
 * what there is. */
int abl_run_choose(struct abl_study_run *r, const struct abl_args *args,
		   struct abl_err *err) ABL_MUST_USE;

#endif
