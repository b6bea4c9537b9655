/* SPDX-License-Identifier: Apache-2.0 */
/* argv.h - words and an environment to start a program with, as they grow. */
#ifndef ABL_ARGV_H
#define ABL_ARGV_H

#include "option.h"
#include "str.h"

struct abl_argv {    /* all the caller's; ends with abl_argv_finish() */
	char **word; /* NULL-terminated: wrap, then command, then the words of `resume` */
	size_t count, capacity;
	char **environment; /* NULL-terminated "NAME=value": what the order adds to the process's
			       own */
	size_t environment_count, environment_capacity;
	char *setup; /* a script for sh, or NULL */
};

void abl_argv_add(struct abl_argv *a, const char *word);
/* The value of that variable, or NULL. */
const char *abl_argv_get(const struct abl_argv *a, const char *name);
/* Puts NAME=value into the environment, in place of one of that name. ABL_EINPUT: no name. */
int abl_argv_set(struct abl_argv *a, const char *name, const char *value,
		 struct abl_err *err) ABL_MUST_USE;
void abl_argv_finish(struct abl_argv *a); /* null-safe */

/* Appends a value as a program reads it: a text as it is. */
void abl_argv_value(const struct abl_value *v, struct abl_str *out);

#endif
