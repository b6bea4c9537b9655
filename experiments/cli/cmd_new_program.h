/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_new_program.h - `ablate new -- python train.py`: a first study for a program. */
#ifndef ABL_CMD_NEW_PROGRAM_H
#define ABL_CMD_NEW_PROGRAM_H

#include "command.h"

/* Are the words a program's, not a table? They come after "--". */
bool abl_new_is_program(const struct abl_args *a);
/* Runs the program for its --help, and writes the study file. */
int abl_new_program(const struct abl_args *a, struct abl_err *err) ABL_MUST_USE;

#endif
