/* SPDX-License-Identifier: Apache-2.0 */
/* placeholder.h - texts in pieces, {placeholders} and what is between them, and what each of those
 * stands for. */
#ifndef ABL_PLACEHOLDER_H
#define ABL_PLACEHOLDER_H

#include "words.h"

struct abl_piece {
	const char *text; /* without its braces */
	size_t length;
	bool named; /* a placeholder */
};

/* The piece at *at, which moves behind it. 1: there is one; 0: the end; -1: a brace is open. */
int abl_piece_next(const char **at, struct abl_piece *out);
bool abl_piece_is(const struct abl_piece *p, const char *name);
/* Appends what it stands for, all but {flags}. ABL_EINPUT: nothing, with the nearest name. */
int abl_placeholder_fill(const struct abl_order *o, const struct abl_words_now *now,
			 const struct abl_piece *p, struct abl_str *out,
			 struct abl_err *err) ABL_MUST_USE;
/* Does a word that decides the result name {name}? What none names is not part of it. */
bool abl_placeholder_used(const struct abl_order *o, const char *name);
/* Appends the names of the order's cards with commas. */
void abl_placeholder_cards(const struct abl_order *o, struct abl_str *out);

#endif
