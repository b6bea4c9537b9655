/* SPDX-License-Identifier: Apache-2.0 */
/* table_guess.h - which task a table most likely holds, for a first study of a file that nobody has
 * described: the names of its columns decide first, their values after them. */
#ifndef ABL_TABLE_GUESS_H
#define ABL_TABLE_GUESS_H

#include "errors.h"
#include "table_facts.h"

#include <stdbool.h>
#include <stddef.h>

#define ABL_GUESS_CHOICES 8 /* most columns of answers */

struct abl_table_named { /* columns that the user has named; NULL: to be guessed */
	const char *text, *text_b, *label;
};

struct abl_table_guess {
	bool header;      /* the first row names the columns */
	size_t rows;      /* without it */
	const char *type; /* a task's: "classify", "regress" or "choice" */
	size_t text, label;
	long text_b; /* -1: there is one text */
	size_t choice[ABL_GUESS_CHOICES];
	size_t choices; /* none but in a "choice" */
};

/* ABL_EINPUT: no such column (with the nearest name), nothing that can be the text or the label
 * (with the columns that there are). `path` is for messages. */
int abl_table_guess(struct abl_table_guess *out, const struct abl_table_facts *facts,
		    const char *path, const struct abl_table_named *named,
		    struct abl_err *err) ABL_MUST_USE;

#endif
