/* SPDX-License-Identifier: Apache-2.0 */
/* first_option.h - what an option in a program's --help is, as a study file declares it; for
 * first_program.c. */
#ifndef ABL_FIRST_OPTION_H
#define ABL_FIRST_OPTION_H

#include "program_help.h"

enum abl_first_role {
	ABL_FIRST_OPTION, /* of the recipe */
	ABL_FIRST_SEED,
	ABL_FIRST_OUT,  /* the folder that it writes to */
	ABL_FIRST_OTHER /* says nothing of the recipe: help, logging, machines */
};
enum abl_first_role abl_first_role(const struct abl_help_option *o);

/* Is its default said, so that it can be declared without a guess? */
bool abl_first_is_told(const struct abl_help_option *o);
/* Is it a part of the recipe by its name? */
bool abl_first_is_recipe(const struct abl_help_option *o);
/* ... of which one asks what it buys, and that is on by default? */
bool abl_first_is_part(const struct abl_help_option *o);

/* How a leave-one-out of it comes about. */
enum abl_first_removal {
	ABL_FIRST_REMOVED, /* it is on by default */
	ABL_FIRST_ADDED,   /* a truth value that is off by default: the other way around */
	ABL_FIRST_RAISED,  /* a number that is 0 by default: the baseline has to set it first */
	ABL_FIRST_UNKNOWN  /* nobody says what it is by default: none can be left out yet */
};
enum abl_first_removal abl_first_removal(const struct abl_help_option *o);
/* A value for the baseline then. */
const char *abl_first_raised(const struct abl_help_option *o);

/* The name that a study can give it; caller frees. */
char *abl_first_name(const struct abl_help_option *o);
/* Appends "  name: {type: ...}" with its line end. `value`: its default where that is known better;
 * NULL: as listed. `removed`: what stands for its removal is said, too. */
void abl_first_option_put(const struct abl_help_option *o, const char *value, bool removed,
			  struct abl_str *out);

#endif
