/* SPDX-License-Identifier: Apache-2.0 */
/* tag.c - a tag for each word of a sentence (parts of speech, entities): a word is cut into tokens
 * on its own, its first token carries the tag, the others none (Devlin et al. 2019, 5.3). */
#include "class_labels.h"
#include "clean.h"
#include "conll.h"
#include "files.h"
#include "tag_score.h"
#include "task_notes.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

#define OUTSIDE "O" /* the tag of words that are part of nothing */

struct item {
	size_t word, words;   /* first of the sentence, and how many */
	size_t piece, pieces; /* likewise, into ids */
	uint64_t id;
};

struct abl_task {
	struct abl_tagged text;
	struct abl_ids ids;
	struct item *items; /* [count] */
	size_t count;
	/* the classes as train has them, then tags that only this split has: always wrong */
	struct abl_class_labels names;
	size_t classes;
	bool entities;      /* some of them are of the form B-type */
	bool has_outside;   /* one of them is OUTSIDE */
	size_t *piece;      /* [words] the first of each word */
	int32_t *gold;      /* [words] index into names; -1: none given */
	int32_t *predicted; /* [words] class; -1: cut off by the length limit */
	float *probability; /* [words] of what is predicted */
};

static void destroy(struct abl_task *t)
{
	if (!t)
		return;
	abl_tagged_finish(&t->text);
	abl_ids_finish(&t->ids);
	abl_class_labels_finish(&t->names);
	free(t->items), free(t->piece), free(t->gold), free(t->predicted), free(t->probability);
	free(t);
}

/* ---- loading ---- */

/* A word of which nothing is left (it is empty, or invisible) is [UNK]: each has a first token. */
static int tokenize(struct abl_task *t, const struct abl_tokenizer *tokenizer, struct abl_err *err)
{
	int32_t unknown = abl_vocab_special(abl_tokenizer_vocab(tokenizer), ABL_UNK);

	t->count = t->text.sentence_count;
	t->items = abl_calloc(t->count, sizeof *t->items);
	t->piece = abl_calloc(t->text.word_count, sizeof *t->piece);
	t->predicted = abl_calloc(t->text.word_count, sizeof *t->predicted);
	t->probability = abl_calloc(t->text.word_count, sizeof *t->probability);
	for (size_t i = 0; i < t->count; i++) {
		const struct abl_tagged_sentence *s = &t->text.sentences[i];
		struct item *x = &t->items[i];

		*x = (struct item){s->first, s->count, t->ids.count, 0, s->id};
		for (size_t w = s->first; w < s->first + s->count; w++) {
			const char *word = t->text.words[w].text;

			t->piece[w] = t->ids.count;
			if (abl_tokenizer_encode(tokenizer, word, strlen(word), &t->ids, err))
				return ABL_EINPUT;
			if (t->ids.count == t->piece[w])
				abl_ids_add(&t->ids, unknown);
		}
		x->pieces = t->ids.count - x->piece;
	}
	return 0;
}

static const char *tag_at(size_t i, const void *data)
{
	return ((const struct abl_tagged *)data)->words[i].tag;
}

static int collect_names(struct abl_task *t, const struct abl_task_spec *spec, bool is_train,
			 const struct abl_task *train, struct abl_err *err)
{
	if (train)
		abl_class_labels_copy(&t->names, train->names.name, train->classes);
	else if (spec->labels)
		abl_class_labels_split(&t->names, spec->labels);
	else if (is_train)
		abl_class_labels_collect(&t->names, t->text.word_count, tag_at, &t->text);
	t->classes = t->names.count;
	t->has_outside = abl_class_labels_find(&t->names, OUTSIDE) >= 0;
	if (t->classes > ABL_CLASSES_MAX)
		return abl_err_set(err, ABL_EINPUT,
				   "%s: more than %d different tags: name their column in `label`",
				   t->text.path, ABL_CLASSES_MAX);
	if (is_train && t->classes < 2)
		return abl_err_set(err, ABL_EINPUT,
				   "%s: all %zu word%s have the tag '%s'; at least two tags are "
				   "needed: name their column in `label`",
				   t->text.path, t->text.word_count, abl_plural(t->text.word_count),
				   t->names.name[0]);
	if (!t->classes)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s': the tags are not known: load train first",
				   spec->name);
	return 0;
}

/* Class order, then each word's class. Only train must keep to the classes. */
static int name_classes(struct abl_task *t, const struct abl_task_spec *spec, bool is_train,
			const struct abl_task *train, struct abl_err *err)
{
	int rc = collect_names(t, spec, is_train, train, err);

	if (rc)
		return rc;
	for (size_t c = 0; c < t->classes; c++)
		t->entities = t->entities || abl_entity_tag(t->names.name[c]);
	if (!t->entities && spec->metric && strcmp(spec->metric, abl_tag_metrics[0]) != 0) {
		if (is_train)
			return abl_err_set(
				err, ABL_EINPUT,
				"%s: metric '%s' of task '%s' counts entities, and no tag "
				"is like 'B-place': name the tags' column in `label`, or "
				"take '%s'",
				t->text.path, spec->metric, spec->name, abl_tag_metrics[0]);
		t->entities = true;
	}
	t->gold = abl_calloc(t->text.word_count, sizeof *t->gold);
	for (size_t w = 0; w < t->text.word_count; w++) {
		const struct abl_tagged_word *word = &t->text.words[w];

		t->gold[w] = word->tag ? abl_class_labels_find(&t->names, word->tag) : -1;
		if (t->gold[w] >= 0 || !word->tag)
			continue;
		if (is_train)
			return abl_class_labels_unknown(&t->names, word->tag, t->text.path,
							word->line, err);
		abl_class_labels_add(&t->names, word->tag);
		t->gold[w] = (int32_t)t->names.count - 1;
	}
	return 0;
}

static int load(struct abl_task **out, const struct abl_task_spec *spec, const char *split,
		const struct abl_task *train, const struct abl_task_tools *tools,
		struct abl_err *err)
{
	bool scored = !strcmp(split, "dev") || !strcmp(split, "test");
	bool held_back = !strcmp(split, "held-back"), rest = !strcmp(split, "train-rest");
	struct abl_task *t = abl_calloc(1, sizeof *t);
	int rc = abl_conll_load(spec, scored ? split : "train", &t->text, err);

	if (!rc)
		rc = name_classes(t, spec, !scored, train, err);
	if (!rc && (held_back || rest))
		rc = abl_tagged_divide(&t->text, held_back, err);
	if (!rc)
		rc = tokenize(t, tools->tokenizer, err);
	if (rc)
		destroy(t);
	else
		*out = t;
	return rc;
}

/* ---- a question from the command line ---- */

/* One text as a sentence in CoNLL columns: words end at white space and at punctuation. */
static int write_words(struct abl_tagged *t, const char *text, struct abl_err *err)
{
	struct abl_clean clean;
	struct abl_word word;
	int more;

	abl_clean_start(&clean, text, strlen(text), true);
	while ((more = abl_clean_next(&clean, &word, err)) > 0) {
		abl_grow(&t->words, &t->word_capacity, t->word_count + 1, sizeof *t->words);
		t->words[t->word_count++] = (struct abl_tagged_word){.line = 1};
		abl_str_add(&t->text, text + word.begin, word.end - word.begin);
		abl_str_add(&t->text, "", 1);
	}
	return more;
}

static int read_texts(struct abl_tagged *t, const char *const *texts, size_t count,
		      struct abl_err *err)
{
	const char *at;

	t->path = "text";
	for (size_t i = 0; i < count; i++) {
		size_t first = t->word_count;
		int rc = write_words(t, texts[i], err);

		if (rc)
			return rc;
		if (first == t->word_count)
			return abl_err_set(err, ABL_EINPUT,
					   "text %zu has no words: there is nothing to tag", i + 1);
		abl_grow(&t->sentences, &t->sentence_capacity, i + 1, sizeof *t->sentences);
		t->sentences[t->sentence_count++] = (struct abl_tagged_sentence){
			.first = first, .count = t->word_count - first, .id = i};
	}
	at = t->text.text; /* which no longer moves */
	for (size_t w = 0; w < t->word_count; w++, at += strlen(at) + 1)
		t->words[w].text = at;
	return 0;
}

static int ask(struct abl_task **out, const struct abl_task_spec *spec, const char *const *texts,
	       size_t count, const struct abl_task_tools *tools, struct abl_err *err)
{
	struct abl_task *t = abl_calloc(1, sizeof *t);
	int rc = read_texts(&t->text, texts, count, err);

	if (!rc)
		rc = name_classes(t, spec, false, NULL, err);
	if (!rc)
		rc = tokenize(t, tools->tokenizer, err);
	if (rc)
		destroy(t);
	else
		*out = t;
	return rc;
}

/* ---- what a model is given, and what it says ---- */

static size_t count(const struct abl_task *t)
{
	return t->count;
}

static size_t classes(const struct abl_task *t)
{
	return t->classes;
}

static void labels(const struct abl_task *t, struct abl_str *out)
{
	for (size_t c = 0; c < t->classes; c++)
		abl_str_printf(out, "%s%s", c ? "\n" : "", t->names.name[c]);
}

static void subset(struct abl_task *t, double fraction)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		if ((double)t->items[i].id * 0x1p-64 < fraction)
			t->items[n++] = t->items[i];
	t->count = n ? n : 1;
}

static void put(const struct abl_task *t, size_t item, const struct abl_layout *layout,
		struct abl_batch *b)
{
	const struct item *x = &t->items[item];
	size_t room = layout->max_length - abl_layout_specials(layout, false);
	const struct abl_sequence sentence = {
		.a = t->ids.items + x->piece, .a_length = x->pieces, .example = x->id};
	size_t at = abl_batch_add(b, layout, &sentence).a;

	for (size_t w = x->word; w < x->word + x->words; w++) {
		size_t piece = t->piece[w] - x->piece;
		bool known = t->gold[w] >= 0 && (size_t)t->gold[w] < t->classes;

		if (piece >= room)
			break;
		abl_batch_add_target(b, at + piece, known ? t->gold[w] : -1);
	}
}

static void collect(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
		    const real *scores)
{
	size_t target = 0;

	for (size_t i = 0; i < n; i++) {
		const struct item *x = &t->items[first + i];

		for (size_t w = x->word; w < x->word + x->words; w++) {
			const real *row = scores + target * t->classes;
			size_t best = 0;

			t->predicted[w] = -1;
			t->probability[w] = 0;
			if (target == b->targets || b->target_row[target] >= b->offset[i + 1])
				continue;
			for (size_t c = 1; c < t->classes; c++)
				if (row[c] > row[best])
					best = c;
			t->predicted[w] = (int32_t)best;
			t->probability[w] = (float)row[best];
			target++;
		}
	}
}

/* A word that was cut off is outside of everything; where there is no such tag it is wrong. */
static const char *predicted_tag(const struct abl_task *t, size_t word)
{
	if (t->predicted[word] >= 0)
		return t->names.name[t->predicted[word]];
	return t->has_outside ? OUTSIDE : "";
}

/* ---- scores and files ---- */

static void score(const struct abl_task *t, abl_metric_hook *emit, void *data)
{
	size_t *offset = abl_calloc(t->count + 1, sizeof *offset), n = 0;
	const char **texts = abl_calloc(3 * t->text.word_count, sizeof *texts);
	const char **words = texts, **gold = texts + t->text.word_count,
		   **predicted = gold + t->text.word_count;
	struct abl_taggings taggings = {.words = words,
					.gold = gold,
					.predicted = predicted,
					.offset = offset,
					.sentences = t->text.labelled ? t->count : 0};

	for (size_t i = 0; i < taggings.sentences; i++) {
		for (size_t w = t->items[i].word; w < t->items[i].word + t->items[i].words; w++) {
			words[n] = t->text.words[w].text;
			gold[n] = t->names.name[t->gold[w]];
			predicted[n++] = predicted_tag(t, w);
		}
		offset[i + 1] = n;
	}
	abl_tag_score(&taggings, t->entities, emit, data);
	if (t->entities)
		abl_tag_score_majority(&taggings, emit, data);
	free(texts);
	free(offset);
}

static const char *gold_tag(size_t i, const void *data)
{
	return ((const struct abl_task *)data)->text.words[i].tag;
}

/* The words that are behind what the model reads. */
static size_t words_cut(const struct abl_task *t, const struct item *x, size_t room)
{
	size_t n = 0;

	for (size_t w = x->word; w < x->word + x->words; w++)
		n += t->piece[w] - x->piece >= room;
	return n;
}

static void note(const struct abl_task *t, const struct abl_layout *layout, struct abl_str *notes)
{
	size_t room = layout->max_length - abl_layout_specials(layout, false);
	size_t sentences = 0, words = 0;
	struct abl_str more = {0};
	char number[32];

	for (size_t i = 0; i < t->count; i++) {
		sentences += t->items[i].pieces > room;
		words += words_cut(t, &t->items[i], room);
	}
	abl_str_printf(&more, ", whose last %s words were not read: their tag is '%s'",
		       abl_format_count((int64_t)words, number), OUTSIDE);
	abl_note_cut(notes, layout->max_length, sentences, t->count, "sentences", more.text);
	abl_note_unknown(notes, &(struct abl_noted){"words", t->text.word_count, gold_tag, t},
			 (const char *const *)t->names.name, t->classes, "the checkpoint",
			 "cannot be right");
	abl_str_finish(&more);
}

/* One line a sentence: tags joined by blanks ("-" where one was cut off), the mean probability. */
static int write_predictions(const struct abl_task *t, const char *path, struct abl_err *err)
{
	struct abl_str out = {0}, tags = {0};
	int rc;

	abl_str_puts(&out, "line\tgold\tprediction\tprobability\n");
	for (size_t i = 0; i < t->count; i++) {
		const struct item *x = &t->items[i];
		double sum = 0;

		abl_str_printf(&out, "%u\t", t->text.words[x->word].line);
		abl_str_clear(&tags);
		for (size_t w = x->word; w < x->word + x->words; w++) {
			const char *gap = w > x->word ? " " : "", *tag = predicted_tag(t, w);

			if (t->gold[w] >= 0)
				abl_str_printf(&out, "%s%s", gap, t->names.name[t->gold[w]]);
			abl_str_printf(&tags, "%s%s", gap, *tag ? tag : "-");
			sum += (double)t->probability[w];
		}
		abl_str_printf(&out, "\t%s\t%.5f\n", tags.text, sum / (double)x->words);
	}
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&tags);
	abl_str_finish(&out);
	return rc;
}

/* CoNLL columns as conlleval.pl takes them, divided by TABs: the word, its tag in the file where
 * all have one, the predicted tag; a blank line behind each sentence. */
static int submit(const struct abl_task *t, const char *path, struct abl_err *err)
{
	struct abl_str out = {0};
	int rc;

	for (size_t i = 0; i < t->count; i++) {
		const struct item *x = &t->items[i];

		for (size_t w = x->word; w < x->word + x->words; w++) {
			const char *tag = predicted_tag(t, w);

			abl_str_printf(&out, "%s\t", t->text.words[w].text);
			if (t->text.labelled)
				abl_str_printf(&out, "%s\t", t->names.name[t->gold[w]]);
			abl_str_printf(&out, "%s\n", *tag ? tag : OUTSIDE);
		}
		abl_str_puts(&out, "\n");
	}
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out);
	return rc;
}

/* A line a word: the word, its tag, the tag's probability; a blank line between texts. */
static void answer(const struct abl_task *t, struct abl_str *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct item *x = &t->items[i];
		char share[32];

		abl_str_puts(out, i ? "\n" : "");
		for (size_t w = x->word; w < x->word + x->words; w++) {
			abl_str_printf(out, "%s\t", t->text.words[w].text);
			if (t->predicted[w] < 0)
				abl_str_puts(out, "not tagged: the text is too long\n");
			else
				abl_str_printf(out, "%s\t%s\n", predicted_tag(t, w),
					       abl_format_share((double)t->probability[w], share));
		}
	}
}

const struct abl_task_type abl_task_tag = {
	.facts = &abl_facts_tag,
	.help = "a tag for each word: parts of speech, entities",
	.metrics = abl_tag_metrics,
	.load = load,
	.ask = ask,
	.destroy = destroy,
	.count = count,
	.classes = classes,
	.labels = labels,
	.subset = subset,
	.put = put,
	.collect = collect,
	.score = score,
	.write = write_predictions,
	.submit = submit,
	.answer = answer,
	.note = note,
	.describe = abl_tag_describe,
	.mark = abl_tag_mark,
};
