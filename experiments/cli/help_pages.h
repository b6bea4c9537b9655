/* SPDX-License-Identifier: Apache-2.0 */
/* help_pages.h - help, man pages and completions of shells, made from the rows of the commands. */
#ifndef ABL_HELP_PAGES_H
#define ABL_HELP_PAGES_H

#include "args.h"

/* What `--help` prints: 80 columns wide. */
void abl_help_text(const struct abl_command *c, FILE *out);
/* `c` NULL: the page ablate(1), which lists the commands. */
void abl_man_page(const struct abl_command *c, FILE *out);
/* "bash", "zsh" or "fish"; false: no such shell. */
bool abl_completion(const char *shell, FILE *out);

#endif
