/* SPDX-License-Identifier: Apache-2.0 */
/* hint.h - words that people type first, and what is meant (hints.def). */
#ifndef ABL_HINT_H
#define ABL_HINT_H

#include "str.h"

#include <stddef.h>

enum abl_hint_of {
	ABL_HINT_COMMAND,
	ABL_HINT_OPTION,
	ABL_HINT_KEY,        /* of a configuration; also behind "pretrain_" */
	ABL_HINT_STUDY_KEY,  /* of the study file itself */
	ABL_HINT_TASK_FIELD, /* of a task in a study */
	ABL_HINT_VALUE,
	ABL_HINT_TABLE, /* of the results database */
};

/* The hint for a word, or NULL. */
const char *abl_hint(enum abl_hint_of what, const char *word);

/* The candidate that a word stands for: the one of the same letters without case, the one that
 * hints.def names, or the nearest (abl_nearest). */
const char *abl_hint_nearest(enum abl_hint_of what, const char *word, size_t count,
			     const char *(*at)(size_t, const void *), const void *data);

/* Appends the candidates for a message, in quotes: the first ones, and how many more; "none". */
void abl_hint_names(struct abl_str *out, size_t count, const char *(*at)(size_t, const void *),
		    const void *data);

#endif
