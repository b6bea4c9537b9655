/* SPDX-License-Identifier: Apache-2.0 */
/* first_program.h - the text of a first study for a program of the user's, by what it prints for
 * --help. Lines that want a look have a '# ?'. */
#ifndef ABL_FIRST_PROGRAM_H
#define ABL_FIRST_PROGRAM_H

#include "errors.h"
#include "program_help.h"

struct abl_first_program {
	const char *name;      /* of the study */
	const char *directory; /* where the program runs; NULL: the study file's own folder */
	const char *const *command;
	size_t words;
	const char
		*named; /* options to leave out, with commas between; NULL: those that look like it
			 */
	const struct abl_help *help;
};

/* Is there something that a study could pass, not --help alone? */
bool abl_first_program_fits(const struct abl_help *help);

/* Appends the study file. *options: how many options it declares. ABL_EINPUT: the program lists no
 * option of a name that is named, with the nearest one. */
int abl_first_program_write(const struct abl_first_program *f, struct abl_str *out, size_t *options,
			    struct abl_err *err) ABL_MUST_USE;

/* A name for the study by the program's: "train" for "python src/train.py". Caller frees. */
char *abl_first_program_name(const char *const *command, size_t words);

#endif
