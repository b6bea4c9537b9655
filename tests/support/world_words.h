/* SPDX-License-Identifier: Apache-2.0 */
/* world_words.h - what a word of the built-in world means, found by going through all of them. */
#ifndef ABL_TEST_WORLD_WORDS_H
#define ABL_TEST_WORLD_WORDS_H

#include "world_grammar.h"

#include <string.h>

static const uint64_t world_class_sizes[ABL_WORLD_CLASSES] = {
	ABL_WORLD_NAMES, ABL_WORLD_NAMES, ABL_WORLD_ADJECTIVES, ABL_WORLD_ADJECTIVES};

/* The class of a word, -1 for the words of English. */
static inline int world_word_class(const char *word)
{
	char other[ABL_WORLD_WORD];

	for (int c = 0; c < ABL_WORLD_CLASSES; c++)
		for (uint64_t i = 0; i < world_class_sizes[c]; i++)
			if (!strcmp(abl_world_word((enum abl_world_class)c, i, other), word))
				return c;
	return -1;
}

#endif
