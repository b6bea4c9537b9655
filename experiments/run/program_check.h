/* SPDX-License-Identifier: Apache-2.0 */
/* program_check.h - what a user's program runs on is what its key was made of. */
#ifndef ABL_PROGRAM_CHECK_H
#define ABL_PROGRAM_CHECK_H

#include "run_state.h"

/* Before an attempt: mends the copy of the code where somebody has changed it, a program of another
 * attempt for one. ABL_EINPUT: an input, or code that is used where it lies, has changed since the
 * plan was made. Where there are many files it is not asked each time. */
int abl_program_check(struct abl_run *run, size_t stage, struct abl_err *err) ABL_MUST_USE;
/* After it: the same of the inputs, which it may have read at any time. */
int abl_program_check_inputs(struct abl_run *run, size_t stage, struct abl_err *err) ABL_MUST_USE;

#endif
