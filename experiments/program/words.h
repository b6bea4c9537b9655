/* SPDX-License-Identifier: Apache-2.0 */
/* words.h - an order's words with their {placeholders} filled in: exactly what is executed. An
 * option's value stays one word, whatever it contains; "{{" and "}}" are braces. A word that is
 * {flags} or {gpus} alone becomes as many words as it takes; others stay one. */
#ifndef ABL_WORDS_H
#define ABL_WORDS_H

#include "order.h"
#include "str.h"

struct abl_argv {    /* all the caller's; ends with abl_argv_finish() */
	char **word; /* NULL-terminated: wrap, then command, then the words of `resume` */
	size_t count, capacity;
	char **environment; /* NULL-terminated "NAME=value": what the order adds to the process's
			       own */
	size_t environment_count, environment_capacity;
	char *setup; /* a script for sh, or NULL */
};

/* What only whoever starts the program knows. */
struct abl_words_now {
	const char *options_file; /* path for {options}; NULL: it is shown as "{options}" */
	int port;                 /* a free one; 0: it is shown as "{port}" */
	bool resumes;             /* the words of `resume` are added */
};

/* ABL_EINPUT: an unknown placeholder, with the nearest name. */
int abl_words_fill(struct abl_argv *out, const struct abl_order *o, const struct abl_words_now *now,
		   struct abl_err *err) ABL_MUST_USE;
void abl_argv_finish(struct abl_argv *a); /* null-safe */
/* One text with its placeholders ("{out}/x: y"), appended. */
int abl_words_text(const struct abl_order *o, const char *text, struct abl_str *out,
		   struct abl_err *err) ABL_MUST_USE;
/* The options as the JSON object for {options} (caller's reference). */
json_t *abl_words_options(const struct abl_order *o);
/* Appends the command as sh takes it: `cd DIRECTORY && NAME=value ... word word`; for people. */
void abl_words_shell(const struct abl_order *o, const struct abl_argv *a, struct abl_str *out);

#endif
