/* SPDX-License-Identifier: Apache-2.0 */
/* study_run.h - what `plan` and `run` begin with alike: the study, its plan, the machine. */
#ifndef ABL_STUDY_RUN_H
#define ABL_STUDY_RUN_H

#include "command.h"
#include "estimate.h"
#include "supervisor.h"

struct abl_study_run {
	struct abl_study *study;
	struct abl_plan *plan;
	struct abl_store *store;
	struct abl_record record;
	struct abl_supervisor supervisor;
	struct abl_speed speed;
};

/* Loads and plans the study args->word[0]. No store is opened and nothing is written. */
int abl_study_run_plan(struct abl_study_run *r, const struct abl_args *args,
		       struct abl_err *err) ABL_MUST_USE;
/* How its stages stand in the store: opened for reading where there is one, or (`write`) made,
 * locked and told of the plan. */
int abl_study_run_open(struct abl_study_run *r, const char *folder, bool write,
		       struct abl_err *err) ABL_MUST_USE;
void abl_study_run_finish(struct abl_study_run *r); /* null-safe */

#define ABL_OPTION_WORKERS                                                                       \
	{                                                                                        \
		.name = "workers", .letter = 'j', .type = ABL_ARG_INT, .value = "N",             \
		.help = "stages at a time (default: the study's limits, else one for each core)" \
	}

#endif
