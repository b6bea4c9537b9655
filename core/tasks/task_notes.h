/* SPDX-License-Identifier: Apache-2.0 */
/* task_notes.h - what predictions leave out, or cannot get right, in lines for whoever asked for
 * them: a score of .000 is never the first that is heard of it. Each appends to `notes`. */
#ifndef ABL_TASK_NOTES_H
#define ABL_TASK_NOTES_H

#include "class_labels.h"
#include "str.h"

/* Texts of a file that `at` gives, one an item; NULL: that item has none. */
struct abl_noted {
	const char *what; /* an item, in the plural: "rows" */
	size_t count;
	const char *(*at)(size_t item, const void *data);
	const void *data;
};

/* "cut to 128 tokens: 3 of 120 rows", then `more`; nothing where none was cut. */
void abl_note_cut(struct abl_str *notes, size_t tokens, size_t cut, size_t count, const char *what,
		  const char *more);
/* Gold labels that are none of `classes`, which `whose` has: their names, how many items have one,
 * and that these `are` ("counted as wrong"). Nothing where there are none. */
void abl_note_unknown(struct abl_str *notes, const struct abl_noted *gold,
		      const char *const *classes, size_t class_count, const char *whose,
		      const char *are);
/* Predictions of which none is a label of gold ("O" aside). In these two `notes` may be NULL. */
void abl_note_strangers(struct abl_str *notes, const struct abl_noted *predicted,
			const struct abl_noted *gold);

#endif
