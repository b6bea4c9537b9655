/* SPDX-License-Identifier: Apache-2.0 */
/* word_list.h - a line taken apart into words, as a shell does it, but without anything that a
 * shell would do with them. */
#ifndef ABL_WORD_LIST_H
#define ABL_WORD_LIST_H

#include "errors.h"

#include <stddef.h>

struct abl_word_list { /* Zero-initialise. */
	char **word;   /* [count], and NULL behind them; NULL while there are none */
	size_t count, capacity;
};

void abl_word_list_add(struct abl_word_list *w, const char *word);
/* Appends the words of a line: blanks part them, 'quotes', "quotes" and \ keep what they would be.
 * ABL_EINPUT: a quote is open. */
int abl_word_list_split(struct abl_word_list *w, const char *line,
			struct abl_err *err) ABL_MUST_USE;
void abl_word_list_finish(struct abl_word_list *w); /* null-safe; the struct can be used again */

#endif
