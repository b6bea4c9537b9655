/* SPDX-License-Identifier: Apache-2.0 */
/* python_text.h - text as Python's str has it: the official scripts are written in it, so their
 * figures depend on what it takes for a lower case, a word character and white space. */
#ifndef ABL_PYTHON_TEXT_H
#define ABL_PYTHON_TEXT_H

#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* str.lower(): full lower case of Unicode (U+0130 becomes two code points, a final capital sigma
 * the final small one). Appended to *out. The text is valid UTF-8. */
void abl_python_lower(const char *text, size_t length, struct abl_str *out);
bool abl_python_space(int32_t point); /* str.split() cuts here */
/* Is nothing left of the text by str.strip()? */
bool abl_python_blank(const char *text, size_t length);
bool abl_python_word(int32_t point); /* \w of re: str.isalnum(), or "_" */

/* The code point that begins at text[*at] of valid UTF-8; *at moves behind it. */
int32_t abl_python_next(const char *text, size_t length, size_t *at);

#endif
