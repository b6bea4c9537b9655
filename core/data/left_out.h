/* SPDX-License-Identifier: Apache-2.0 */
/* left_out.h - what a reader of task files left out: why, how much, and where the first was. */
#ifndef ABL_LEFT_OUT_H
#define ABL_LEFT_OUT_H

#include "str.h"

#include <stddef.h>

enum abl_left_why {
	ABL_LEFT_SHORT,     /* a row with too few columns */
	ABL_LEFT_LONG,      /* a row with more columns than the header */
	ABL_LEFT_NO_LABEL,  /* nobody agreed on a gold label, or there is none */
	ABL_LEFT_VALUE,     /* a gold value that the task does not have */
	ABL_LEFT_NO_ANSWER, /* a question of train without an answer */
	ABL_LEFT_MISPLACED, /* an answer that is not where its file says */
	ABL_LEFT_WHYS,
};

struct abl_left_out {
	size_t count[ABL_LEFT_WHYS]; /* rows, questions, sentences */
	size_t line[ABL_LEFT_WHYS];  /* of the first; 0: the format has no lines */
};

void abl_left_out_add(struct abl_left_out *l, enum abl_left_why why, size_t line);
size_t abl_left_out_count(const struct abl_left_out *l); /* for whatever reason */
const char *abl_left_out_why(enum abl_left_why why);     /* "no gold label" */
/* "785 left out: no gold label (the first in line 12), 3 left out: ..."; nothing where nothing
 * was. */
void abl_left_out_text(const struct abl_left_out *l, struct abl_str *out);

#endif
