/* SPDX-License-Identifier: Apache-2.0 */
#include "size_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

const char *abl_size_name(enum abl_size size)
{
	static const char *const names[ABL_SIZES] = {
		[ABL_SIZE_PARAMETERS] = "parameters",
		[ABL_SIZE_BARE] = "parameters_without_embeddings",
		[ABL_SIZE_WORDS] = "words",
		[ABL_SIZE_TOKENS] = "tokens",
		[ABL_SIZE_FLOPS] = "flops",
	};

	return names[size];
}

/* What a word of a name says. */
enum part { THING, WITHOUT, EMBEDDINGS, NOTHING };

static const struct {
	const char *word;
	enum part part;
	enum abl_size size; /* of a thing */
} words[] = {
	{"parameters", THING, ABL_SIZE_PARAMETERS},
	{"parameter", THING, ABL_SIZE_PARAMETERS},
	{"params", THING, ABL_SIZE_PARAMETERS},
	{"param", THING, ABL_SIZE_PARAMETERS},
	{"words", THING, ABL_SIZE_WORDS},
	{"tokens", THING, ABL_SIZE_TOKENS},
	{"flops", THING, ABL_SIZE_FLOPS},
	{"flop", THING, ABL_SIZE_FLOPS},
	{"flos", THING, ABL_SIZE_FLOPS}, /* Trainer's total_flos */
	{"without", WITHOUT, 0},
	{"non", WITHOUT, 0},
	{"no", WITHOUT, 0},
	{"excluding", WITHOUT, 0},
	{"embeddings", EMBEDDINGS, 0},
	{"embedding", EMBEDDINGS, 0},
	{"embed", EMBEDDINGS, 0},
	{"emb", EMBEDDINGS, 0},
	{"n", NOTHING, 0},
	{"num", NOTHING, 0},
	{"number", NOTHING, 0},
	{"of", NOTHING, 0},
	{"count", NOTHING, 0},
	{"total", NOTHING, 0},
	{"model", NOTHING, 0},
	{"trainable", NOTHING, 0},
	{"train", NOTHING, 0},
	{"training", NOTHING, 0},
	{"pretraining", NOTHING, 0},
	{"input", NOTHING, 0},
	{"seen", NOTHING, 0},
};

enum abl_size abl_size_of_name(const char *name)
{
	enum abl_size size = ABL_SIZES;
	bool has[NOTHING + 1] = {false};

	while (*name) {
		size_t length = 0, i = 0;

		for (; *name && !isalpha((unsigned char)*name); name++)
			if (isdigit((unsigned char)*name))
				return ABL_SIZES;
		while (isalpha((unsigned char)name[length]))
			length++;
		if (!length)
			break;
		while (i < sizeof words / sizeof *words &&
		       (strncasecmp(words[i].word, name, length) || words[i].word[length]))
			i++;
		if (i == sizeof words / sizeof *words || (words[i].part == THING && has[THING]))
			return ABL_SIZES;
		has[words[i].part] = true;
		size = words[i].part == THING ? words[i].size : size;
		name += length;
	}
	if (has[EMBEDDINGS] != has[WITHOUT]) /* "embedding_params" are others */
		return ABL_SIZES;
	if (has[EMBEDDINGS])
		return size == ABL_SIZE_PARAMETERS ? ABL_SIZE_BARE : ABL_SIZES;
	return size;
}
