/* SPDX-License-Identifier: Apache-2.0 */
/* world_truth.h - the whole texts of the built-in world (tags, stories, spans), taken apart without
 * the readers, and what their answers should be, told again from the words alone. */
#ifndef ABL_TEST_WORLD_TRUTH_H
#define ABL_TEST_WORLD_TRUTH_H

#include <stdbool.h>
#include <stddef.h>

enum { WORDS = 64, LINES = 8 };

/* Cuts a text in place at the characters of `gap` into at most WORDS pieces; returns how many. */
size_t world_cut(char *text, const char *gap, char *word[WORDS]);

/* Called for every example: what its text is, whether its answer is the true one, and which. */
typedef void take_item(void *data, const char *text, bool right, size_t answer);

enum { WORLD_TRUTHS = 4 };
extern const struct world_truth {
	const char *task;
	void (*take)(char *text, take_item *take, void *data);
	size_t per_example; /* answers of an example */
	size_t answers;     /* that are equally likely */
} world_truths[WORLD_TRUTHS];

#endif
