/* SPDX-License-Identifier: Apache-2.0 */
/* tag_mark.c - a file of predicted tags against gold. */
#include "conll.h"
#include "tag_score.h"
#include "task_notes.h"

#include <stdlib.h>
#include <string.h>

/* The predictions as a spec of their own, whose texts are borrowed. CoNLL-U is known by the file's
 * name; what else comes is a word and its tag, the last column. */
static struct abl_task_spec predictions_spec(const struct abl_mark_request *r)
{
	static char conll[] = "conll";
	const struct abl_task_spec *gold = r->spec;
	bool conllu = gold->format && !strcmp(gold->format, "conllu") &&
		      strstr(r->predictions, ".conllu");

	return (struct abl_task_spec){.name = gold->name,
				      .test = (char *)(uintptr_t)r->predictions,
				      .format = conllu ? gold->format : conll,
				      .text = conllu ? gold->text : NULL,
				      .label = conllu ? gold->label : NULL};
}

static int no_tag(const struct abl_tagged *t, struct abl_err *err)
{
	size_t w = 0;

	while (t->words[w].tag)
		w++;
	return abl_err_set(err, ABL_EINPUT, "%s:%u: the word '%.60s' has no tag", t->path,
			   t->words[w].line, t->words[w].text);
}

static int another_word(const struct abl_tagged *gold, const struct abl_tagged *predicted, size_t w,
			struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT,
			   "%s:%u: the word is '%.60s', in gold it is '%.60s' (%s:%u): the words "
			   "of both files must be the same, one a line",
			   predicted->path, predicted->words[w].line, predicted->words[w].text,
			   gold->words[w].text, gold->path, gold->words[w].line);
}

static int another_count(const struct abl_tagged *gold, const struct abl_tagged *predicted,
			 struct abl_err *err)
{
	const struct abl_tagged *more = gold->word_count > predicted->word_count ? gold : predicted;
	size_t w = more == gold ? predicted->word_count : gold->word_count;

	return abl_err_set(err, ABL_EINPUT,
			   "%s: %zu word%s, gold has %zu: the first one too %s is '%.60s' (%s:%u)",
			   predicted->path, predicted->word_count,
			   abl_plural(predicted->word_count), gold->word_count,
			   more == gold ? "few" : "many", more->words[w].text, more->path,
			   more->words[w].line);
}

/* The first word of sentence s; behind the last one: none of any text. */
static size_t first_word(const struct abl_tagged *t, size_t s)
{
	return s < t->sentence_count ? t->sentences[s].first : SIZE_MAX;
}

static int check_sentences(const struct abl_tagged *gold, const struct abl_tagged *predicted,
			   struct abl_err *err)
{
	size_t s = 0, in_gold, here, w;

	do {
		in_gold = first_word(gold, s);
		here = first_word(predicted, s++);
	} while (in_gold == here && here < SIZE_MAX);
	if (in_gold == here)
		return 0;
	w = here < in_gold ? here : in_gold;
	return abl_err_set(err, ABL_EINPUT,
			   "%s:%u: %s sentence begins with '%.60s', in gold (%s:%u) %s does: "
			   "a blank line ends a sentence",
			   predicted->path, predicted->words[w].line, here < in_gold ? "a" : "no",
			   predicted->words[w].text, gold->path, gold->words[w].line,
			   here < in_gold ? "none" : "one");
}

/* The same words in the same sentences, all with a tag. */
static int check(const struct abl_tagged *gold, const struct abl_tagged *predicted,
		 struct abl_err *err)
{
	size_t n =
		gold->word_count < predicted->word_count ? gold->word_count : predicted->word_count;

	if (!gold->labelled)
		return no_tag(gold, err);
	for (size_t w = 0; w < n; w++)
		if (strcmp(gold->words[w].text, predicted->words[w].text) != 0)
			return another_word(gold, predicted, w, err);
	if (gold->word_count != predicted->word_count)
		return another_count(gold, predicted, err);
	if (!predicted->labelled)
		return no_tag(predicted, err);
	return check_sentences(gold, predicted, err);
}

static void score(const struct abl_task_spec *spec, const struct abl_tagged *gold,
		  const struct abl_tagged *predicted, abl_metric_hook *emit, void *data)
{
	size_t n = gold->word_count;
	const char **texts = abl_calloc(3 * n, sizeof *texts);
	const char **words = texts, **tags = texts + n, **guesses = texts + 2 * n;
	size_t *offset = abl_calloc(gold->sentence_count + 1, sizeof *offset);
	bool entities = spec->metric && strcmp(spec->metric, "accuracy") != 0;

	for (size_t w = 0; w < n; w++) {
		words[w] = gold->words[w].text;
		tags[w] = gold->words[w].tag;
		guesses[w] = predicted->words[w].tag;
		entities = entities || abl_entity_tag(tags[w]) || abl_entity_tag(guesses[w]);
	}
	for (size_t s = 0; s < gold->sentence_count; s++)
		offset[s] = gold->sentences[s].first;
	offset[gold->sentence_count] = n;
	abl_tag_score(&(struct abl_taggings){.words = words,
					     .gold = tags,
					     .predicted = guesses,
					     .offset = offset,
					     .sentences = gold->sentence_count},
		      entities, emit, data);
	free(texts);
	free(offset);
}

static const char *tag_at(size_t i, const void *data)
{
	return ((const struct abl_tagged *)data)->words[i].tag;
}

int abl_tag_mark(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		 struct abl_err *err)
{
	struct abl_task_spec spec = predictions_spec(r);
	struct abl_tagged gold = {0}, predicted = {0};
	int rc = abl_conll_load(r->spec, "test", &gold, err);

	if (!rc)
		rc = abl_conll_load(&spec, "test", &predicted, err);
	if (!rc)
		rc = check(&gold, &predicted, err);
	if (!rc) {
		abl_note_strangers(
			r->notes,
			&(struct abl_noted){"words", predicted.word_count, tag_at, &predicted},
			&(struct abl_noted){"words", gold.word_count, tag_at, &gold});
		score(r->spec, &gold, &predicted, emit, data);
	}
	abl_tagged_finish(&gold);
	abl_tagged_finish(&predicted);
	return rc;
}
