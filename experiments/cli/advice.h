/* SPDX-License-Identifier: Apache-2.0 */
/* advice.h - the commands that messages name, such that they work as printed.
 *
 * Messages are written as "'ablate compare NAME' shows more", wherever they come from; words that a
 * shell would take apart are quoted (shell.h). Before they are printed, each such command gets the
 * program as it can be called from here, and the --store, --data, --workers, --on and --here of
 * this command line where it takes them; the same command once more also its --only and --seed. */
#ifndef ABL_ADVICE_H
#define ABL_ADVICE_H

#include "command.h"
#include "str.h"

/* How the program was called: argv[0]. */
void abl_advice_program(const char *called);
/* The command line whose options are repeated; it must outlive the calls below. */
void abl_advice_given(const struct abl_args *args);

/* Appends a message with its commands completed. */
void abl_advice_complete(struct abl_str *out, const char *message);
/* Appends one command completed, without quotes: "ablate logs 31" for "logs 31". */
void abl_advice_command(struct abl_str *out, const char *words);
/* Prints a message with its commands completed. */
void abl_advice_print(FILE *out, const char *fmt, ...) ABL_PRINTF(2, 3);

#endif
