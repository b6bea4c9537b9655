/* SPDX-License-Identifier: Apache-2.0 */
/* program_record.h - for the record of a run: what its study's own program runs with. */
#ifndef ABL_PROGRAM_RECORD_H
#define ABL_PROGRAM_RECORD_H

#include "run_state.h"

/* Asks for interpreter, packages, image, GPUs and the commit of the code, and puts that to the
 * run's row. A study without a program has nothing of the kind. */
int abl_program_record(const struct abl_run *run, struct abl_err *err) ABL_MUST_USE;

#endif
