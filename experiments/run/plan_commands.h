/* SPDX-License-Identifier: Apache-2.0 */
/* plan_commands.h - the command lines of a user's program, as they will be executed. */
#ifndef ABL_PLAN_COMMANDS_H
#define ABL_PLAN_COMMANDS_H

#include "run_state.h"
#include "str.h"

/* Appends a line for each stage of the plan, below a comment that says of which trial it is; each
 * works in a shell as it stands. ABL_EINPUT: the study has no program. */
int abl_plan_commands(const struct abl_run *run, struct abl_str *out,
		      struct abl_err *err) ABL_MUST_USE;

struct abl_trial_name;
/* The lines of one trial alone. ABL_EINPUT: the plan has no such trial, too. */
int abl_plan_commands_of(const struct abl_run *run, const struct abl_trial_name *trial,
			 struct abl_str *out, struct abl_err *err) ABL_MUST_USE;

#endif
