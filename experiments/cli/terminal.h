/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.h - standard output to a terminal: what files and users have put into a text is shown,
 * never acted upon. */
#ifndef ABL_TERMINAL_H
#define ABL_TERMINAL_H

#include <stddef.h>

/* Before anything is printed. Where standard output is no terminal nothing is changed: what is
 * piped or kept is as it was. */
void abl_terminal_guard(void);

/* Of the terminal that standard output is; 0: it is none. */
size_t abl_terminal_columns(void);

#endif
