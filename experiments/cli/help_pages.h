/* SPDX-License-Identifier: Apache-2.0 */
/* help_pages.h - man pages and completions of shells, made from the rows of the commands. */
#ifndef ABL_HELP_PAGES_H
#define ABL_HELP_PAGES_H

#include "args.h"

/* What a word or the value of an option is, by what its usage calls it. */
enum abl_word_kind {
	ABL_WORD_ANY,
	ABL_WORD_FILE,
	ABL_WORD_FOLDER,
	ABL_WORD_STUDY,      /* a name in the store, or a study file */
	ABL_WORD_STUDY_FILE, /* *.yaml */
};
enum abl_word_kind abl_word_kind(const struct abl_command *c);
enum abl_word_kind abl_value_kind(const struct abl_command_option *o);

/* `c` NULL: the page ablate(1), which lists the commands. */
void abl_man_page(const struct abl_command *c, FILE *out);
/* "bash", "zsh" or "fish"; false: no such shell. */
bool abl_completion(const char *shell, FILE *out);

#endif
