/* SPDX-License-Identifier: Apache-2.0 */
/* args.h - reading a command line by a command's option rows. */
#ifndef ABL_ARGS_H
#define ABL_ARGS_H

#include "command.h"

/* argv[0] is the command's name. ABL_EINPUT with what is wrong and the nearest option name. */
int abl_args_parse(struct abl_args *out, const struct abl_command *command, int argc, char **argv,
		   struct abl_err *err) ABL_MUST_USE;
/* The value of an option that the command need not have, or NULL. */
const char *abl_args_given(const struct abl_args *a, const char *name);
bool abl_command_takes(const struct abl_command *command, const char *option);
/* main's table of them, which ends with NULL; called once, before anything is looked for. */
void abl_commands_are(const struct abl_command *const *all);
/* NULL: behind the last. */
const struct abl_command *abl_command_at(size_t i);
const struct abl_command *abl_command_find(const char *name); /* NULL: there is none */

#endif
