/* SPDX-License-Identifier: Apache-2.0 */
/* labels.h - what the lines and rows of a figure are called: short, and no two alike.
 *
 * A label like "learning_rate=1e-3, dropout=0.1" loses what it is for when its middle is left out.
 * So what all of them have in common goes first, then the names become short, then what the values
 * of one name have in common, and only then a middle. */
#ifndef ABL_LABELS_H
#define ABL_LABELS_H

#include "str.h"

#include <stddef.h>

enum { ABL_LABEL_ROOM = 36 }; /* of a variant or a line, the same in all figures of a study */

/* Labels of at most `room` columns for the n texts, which differ from each other; what was done to
 * them is added to `legend` (may be NULL) in sentences: "All settings with dropout=0.1. lr =
 * learning_rate.". Caller frees with abl_labels_destroy(). */
char **abl_labels_shorten(const char *const *text, size_t n, size_t room, struct abl_str *legend);
void abl_labels_destroy(char **label, size_t n); /* null-safe */

#endif
