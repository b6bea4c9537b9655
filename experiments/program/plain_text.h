/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ABL_PLAIN_TEXT_H
#define ABL_PLAIN_TEXT_H

#include <stddef.h>

/* Takes a terminal's colours and other sequences out of a line, in place; the bytes that stay. */
size_t abl_plain_text(char *line, size_t length);

#endif
