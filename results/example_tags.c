/* SPDX-License-Identifier: Apache-2.0 */
#include "example_tags.h"

#include "entity_f1.h"

#include <stdlib.h>
#include <string.h>

struct tags { /* all words of one column, sentence after sentence */
	char *text;
	const char **word;
	size_t *offset; /* [sentences + 1] */
	size_t words, room;
};

/* Divided by blanks, as the task writes them. What the model has not seen is "-" there. */
static struct tags take_apart(const struct abl_predicted_file *f, bool gold)
{
	struct tags t = {.offset = abl_calloc(f->count + 1, sizeof *t.offset)};
	size_t length = 0;
	char *at;

	for (size_t i = 0; i < f->count; i++)
		length += (gold ? f->row[i].gold.length : f->row[i].said.length) + 1;
	at = t.text = abl_malloc(length + 1);
	for (size_t i = 0; i < f->count; i++) {
		const struct abl_slice cell = gold ? f->row[i].gold : f->row[i].said;
		char *end = at + cell.length;

		memcpy(at, cell.text, cell.length);
		*end = '\0';
		while (at && at <= end) {
			char *blank = memchr(at, ' ', (size_t)(end - at));

			abl_grow(&t.word, &t.room, t.words + 1, sizeof *t.word);
			t.word[t.words++] = at;
			if (blank)
				*blank = '\0';
			at = blank ? blank + 1 : NULL;
		}
		at = end + 1;
		t.offset[i + 1] = t.words;
	}
	return t;
}

static void finish(struct tags *t)
{
	free(t->text);
	free(t->word);
	free(t->offset);
}

static void count_words(const struct tags *gold, const struct tags *said, size_t sentences,
			float *counts)
{
	for (size_t i = 0; i < sentences; i++) {
		size_t right = 0, words = gold->offset[i + 1] - gold->offset[i];

		for (size_t w = gold->offset[i]; w < gold->offset[i + 1]; w++)
			right += !strcmp(gold->word[w], said->word[w]);
		counts[3 * i] = (float)right;
		counts[3 * i + 1] = counts[3 * i + 2] = (float)words;
	}
}

static void count_entities(const struct tags *gold, const struct tags *said, size_t sentences,
			   enum abl_entity_rule rule, float *counts)
{
	struct abl_entity_count *own = abl_calloc(sentences, sizeof *own);
	const struct abl_taggings t = {.gold = gold->word,
				       .predicted = said->word,
				       .offset = gold->offset,
				       .sentences = sentences};

	for (size_t w = 0; w < said->words; w++)
		if (!strcmp(said->word[w], "-"))
			said->word[w] = "";
	abl_entity_count(&t, rule, own);
	for (size_t i = 0; i < sentences; i++) {
		counts[3 * i] = (float)own[i].correct;
		counts[3 * i + 1] = (float)own[i].gold;
		counts[3 * i + 2] = (float)own[i].predicted;
	}
	free(own);
}

int abl_example_tags(const struct abl_predicted_file *f, enum abl_tag_unit unit, float *counts,
		     struct abl_err *err)
{
	struct tags gold = take_apart(f, true), said = take_apart(f, false);
	int rc = 0;

	for (size_t i = 0; i < f->count && !rc; i++)
		if (gold.offset[i + 1] != said.offset[i + 1])
			rc = abl_err_set(
				err, ABL_EINPUT, "%s:%zu: %zu words in gold, %zu in the prediction",
				f->path, f->row[i].line, gold.offset[i + 1] - gold.offset[i],
				said.offset[i + 1] - said.offset[i]);
	if (!rc && unit == ABL_TAG_WORDS)
		count_words(&gold, &said, f->count, counts);
	else if (!rc)
		count_entities(&gold, &said, f->count,
			       unit == ABL_TAG_ENTITIES ? ABL_ENTITY_LENIENT : ABL_ENTITY_IOB2,
			       counts);
	finish(&gold);
	finish(&said);
	return rc;
}
