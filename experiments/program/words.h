/* SPDX-License-Identifier: Apache-2.0 */
/* words.h - an order's words with their {placeholders} filled in: exactly what is executed. An
 * option's value stays one word, whatever it contains; "{{" and "}}" are braces. A word that is
 * {flags} alone becomes as many words as it takes; others stay one, and {flags} within one is
 * quoted for a shell. */
#ifndef ABL_WORDS_H
#define ABL_WORDS_H

#include "argv.h"
#include "order.h"

/* What only whoever starts the program knows. */
struct abl_words_now {
	const char *options_file; /* path for {options}; NULL: it is shown as "{options}" */
	int port;                 /* a free one; 0: it is shown as "{port}" */
	bool resumes;             /* the words of `resume` are added */
};

/* The environment: `pass`, `environment`, the options where the style says so, the seed's variable,
 * and the cards where there are any; a later one replaces an earlier one of its name. Lines of
 * `setup` go as they are: braces are the shell's own there.
 * ABL_EINPUT: an unknown placeholder, with the nearest name; two options in one variable. */
int abl_words_fill(struct abl_argv *out, const struct abl_order *o, const struct abl_words_now *now,
		   struct abl_err *err) ABL_MUST_USE;
/* One text with its placeholders ("{out}/x: y"), appended. */
int abl_words_text(const struct abl_order *o, const char *text, struct abl_str *out,
		   struct abl_err *err) ABL_MUST_USE;
/* The options as the JSON object for {options} (caller's reference). */
json_t *abl_words_options(const struct abl_order *o);
/* Appends the command as sh takes it: `cd DIRECTORY && NAME=value ... word word`; for people. */
void abl_words_shell(const struct abl_order *o, const struct abl_argv *a, struct abl_str *out);

#endif
