/* SPDX-License-Identifier: Apache-2.0 */
/* shell.h - words of a command line as a shell reads them back. */
#ifndef ABL_SHELL_H
#define ABL_SHELL_H

#include "str.h"

/* Appends the word, in quotes where a shell needs them, after a blank where `out` has text. */
void abl_shell_add(struct abl_str *out, const char *word);
/* Appends the word alone. */
void abl_shell_word(struct abl_str *out, const char *word);
/* The same as a permanent text (abl_intern): for the few words that messages name. */
const char *abl_shell_quoted(const char *word);
/* Length of the word that `text` begins with, its quotes included; ends at a blank, at the end, or
 * at a single quote that opens nothing: the one that closes a quoted command. */
size_t abl_shell_span(const char *text);

#endif
