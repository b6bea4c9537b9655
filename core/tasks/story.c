/* SPDX-License-Identifier: Apache-2.0 */
/* story.c - a question about a story, as the bAbI tasks ask them: question, [SEP], what was told;
 * one answer among those seen in training. */
#include "babi.h"
#include "class_labels.h"
#include "class_scores.h"
#include "split_rows.h"
#include "str.h"
#include "submission.h"
#include "task_notes.h"
#include "text_items.h"

#include <stdlib.h>
#include <string.h>

struct item {
	const struct abl_babi_question *question;
	size_t a; /* first token of the question, into ids */
	uint32_t a_length;
};

struct abl_task {
	struct abl_babi stories;
	struct abl_class_labels answers;
	struct abl_ids ids;
	struct item *items; /* [count] */
	size_t count;
	size_t *fact; /* [facts + 1] first token of each, into ids: they lie end to end */
	struct abl_guesses guesses; /* of the items, in their order */
};

static void destroy(struct abl_task *t)
{
	if (!t)
		return;
	abl_babi_finish(&t->stories);
	abl_class_labels_finish(&t->answers);
	abl_ids_finish(&t->ids);
	free(t->items);
	free(t->fact);
	free(t->guesses.items);
	free(t->guesses.all);
	free(t);
}

static int encode(struct abl_task *t, const struct abl_tokenizer *tokenizer, const char *text,
		  struct abl_err *err)
{
	return abl_tokenizer_encode(tokenizer, text, strlen(text), &t->ids, err);
}

static int tokenize(struct abl_task *t, const struct abl_tokenizer *tokenizer, struct abl_err *err)
{
	t->fact = abl_calloc(t->stories.fact_count + 1, sizeof *t->fact);
	for (size_t i = 0; i < t->stories.fact_count; i++) {
		t->fact[i] = t->ids.count;
		if (encode(t, tokenizer, t->stories.facts[i], err))
			return ABL_EINPUT;
	}
	t->fact[t->stories.fact_count] = t->ids.count;
	t->items = abl_calloc(t->stories.count, sizeof *t->items);
	t->count = t->stories.count;
	for (size_t i = 0; i < t->count; i++) {
		struct item *x = &t->items[i];

		x->question = &t->stories.items[i];
		x->a = t->ids.count;
		if (encode(t, tokenizer, x->question->text, err))
			return ABL_EINPUT;
		x->a_length = (uint32_t)(t->ids.count - x->a);
	}
	return 0;
}

/* ---- answers ---- */

static const char *answer_at(size_t i, const void *data)
{
	return ((const struct abl_babi *)data)->items[i].answer;
}

/* The classes: training's, the spec's, or those of the questions at hand. */
static int find_answers(struct abl_class_labels *out, const struct abl_task_spec *spec,
			const struct abl_class_labels *train, const struct abl_babi *own,
			struct abl_err *err)
{
	if (train)
		abl_class_labels_copy(out, train->name, train->count);
	else if (spec->labels)
		abl_class_labels_split(out, spec->labels);
	else
		abl_class_labels_collect(out, own->count, answer_at, own);
	if (out->count > ABL_CLASSES_MAX)
		return abl_err_set(err, ABL_EINPUT, "%s: more than %d different answers", own->path,
				   ABL_CLASSES_MAX);
	if (!out->count)
		return abl_err_set(err, ABL_EINPUT, "%s: the answers to choose from are not known",
				   own->path);
	return 0;
}

static void begin_guesses(struct abl_task *t)
{
	struct abl_guesses *g = &t->guesses;

	g->labels = (const char *const *)t->answers.name;
	g->label_count = t->answers.count;
	g->count = t->count;
	if (!g->items)
		g->items = abl_calloc(t->count, sizeof *g->items);
	for (size_t i = 0; i < t->count; i++) {
		const struct abl_babi_question *q = t->items[i].question;
		int32_t gold =
			q->answer ? abl_class_labels_find(&t->answers, q->answer) : ABL_GOLD_NONE;

		g->items[i] =
			(struct abl_guess){.gold_text = q->answer,
					   .gold = q->answer && gold < 0 ? ABL_GOLD_UNSEEN : gold,
					   .line = q->line};
	}
}

/* In training every answer is one of the classes, and there are two of them. */
static int check_training(const struct abl_task *t, struct abl_err *err)
{
	bool differ = false;

	for (size_t i = 0; i < t->count; i++) {
		const struct abl_guess *x = &t->guesses.items[i];

		if (x->gold == ABL_GOLD_UNSEEN)
			return abl_class_labels_unknown(&t->answers, x->gold_text, t->stories.path,
							x->line, err);
		differ |= x->gold != t->guesses.items[0].gold;
	}
	if (differ)
		return 0;
	return abl_err_set(
		err, ABL_EINPUT,
		"%s: %s%zu question%s %s the answer '%s'; at least two answers are needed",
		t->stories.path, t->count == 1 ? "its " : "all ", t->count, abl_plural(t->count),
		t->count == 1 ? "has" : "have", t->guesses.items[0].gold_text);
}

/* ---- splits ---- */

static int load(struct abl_task **out, const struct abl_task_spec *spec, const char *split,
		const struct abl_task *train, const struct abl_task_tools *tools,
		struct abl_err *err)
{
	struct abl_task *t = abl_calloc(1, sizeof *t);
	bool trains = !strncmp(split, "train", 5);
	int rc = abl_babi_load(spec, split, &t->stories, err);

	if (!rc)
		rc = find_answers(&t->answers, spec, train ? &train->answers : NULL, &t->stories,
				  err);
	if (!rc)
		rc = tokenize(t, tools->tokenizer, err);
	if (!rc) {
		begin_guesses(t);
		rc = trains ? check_training(t, err) : 0;
	}
	if (rc)
		destroy(t);
	else
		*out = t;
	return rc;
}

/* A story of the command line: the question, then what was told, one text a fact. */
static void tell(struct abl_babi *b, const char *const *texts, size_t count)
{
	struct abl_str text = {0};
	const char *at;

	for (size_t i = 0; i < count; i++)
		abl_str_add(&text, texts[i], strlen(texts[i]) + 1);
	at = b->text = text.text;
	b->facts = abl_calloc(count, sizeof *b->facts);
	b->items = abl_calloc(1, sizeof *b->items);
	b->items[0] = (struct abl_babi_question){.text = at, .facts = count - 1, .line = 1};
	b->count = 1;
	for (; b->fact_count + 1 < count; b->facts[b->fact_count++] = at)
		at += strlen(at) + 1;
}

static int ask(struct abl_task **out, const struct abl_task_spec *spec, const char *const *texts,
	       size_t count, const struct abl_task_tools *tools, struct abl_err *err)
{
	struct abl_task *t;
	int rc;

	if (!spec->labels || !count)
		return abl_err_set(err, ABL_EINPUT,
				   count ? "the answers to choose from are not known"
					 : "no text: give a question, then the facts");
	t = abl_calloc(1, sizeof *t);
	tell(&t->stories, texts, count);
	abl_class_labels_split(&t->answers, spec->labels);
	rc = tokenize(t, tools->tokenizer, err);
	if (rc) {
		destroy(t);
		return rc;
	}
	begin_guesses(t);
	t->guesses.all =
		abl_calloc(t->guesses.count * t->guesses.label_count, sizeof *t->guesses.all);
	*out = t;
	return 0;
}

static size_t count(const struct abl_task *t)
{
	return t->count;
}

static size_t classes(const struct abl_task *t)
{
	return t->answers.count;
}

static void labels(const struct abl_task *t, struct abl_str *out)
{
	for (size_t i = 0; i < t->answers.count; i++)
		abl_str_printf(out, "%s%s", i ? "\n" : "", t->answers.name[i]);
}

static void subset(struct abl_task *t, double fraction)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		if (abl_item_kept(t->items[i].question->id, fraction))
			t->items[n++] = t->items[i];
	t->count = n ? n : 1;
	begin_guesses(t);
}

/* When not all fits, whole facts are dropped, the oldest first. The most recent one stays, cut if
 * need be: abl_batch_add() sees to that. */
static void put(const struct abl_task *t, size_t item, const struct abl_layout *layout,
		struct abl_batch *b)
{
	const struct item *x = &t->items[item];
	const struct abl_babi_question *q = x->question;
	size_t room = layout->max_length - abl_layout_specials(layout, true);
	size_t first = q->first, last = q->first + q->facts;

	while (last - first > 1 && x->a_length + t->fact[last] - t->fact[first] > room)
		first++;
	abl_batch_add(b, layout,
		      &(struct abl_sequence){.a = t->ids.items + x->a,
					     .a_length = x->a_length,
					     .b = t->ids.items + t->fact[first],
					     .b_length = t->fact[last] - t->fact[first],
					     .pair = true,
					     .example = q->id,
					     .label = t->guesses.items[item].gold});
}

static void collect(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
		    const real *scores)
{
	abl_guesses_collect(&t->guesses, first, n, scores);
}

static void score(const struct abl_task *t, abl_metric_hook *emit, void *data)
{
	abl_guesses_score(&t->guesses, ABL_POSITIVE_NONE, true, emit, data);
}

static void note(const struct abl_task *t, const struct abl_layout *layout, struct abl_str *notes)
{
	size_t room = layout->max_length - abl_layout_specials(layout, true), cut = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct abl_babi_question *q = t->items[i].question;

		cut += t->items[i].a_length + t->fact[q->first + q->facts] - t->fact[q->first] >
		       room;
	}
	abl_note_cut(notes, layout->max_length, cut, t->count, "questions",
		     ", which lost the oldest that was told");
	abl_guesses_note(&t->guesses, "questions", notes);
}

static int write_predictions(const struct abl_task *t, const char *path, struct abl_err *err)
{
	return abl_guesses_write(&t->guesses, path, err);
}

static int submit(const struct abl_task *t, const char *path, struct abl_err *err)
{
	return abl_guesses_submit(&t->guesses, path, err);
}

static void answer(const struct abl_task *t, struct abl_str *out)
{
	abl_guesses_answer(&t->guesses, out);
}

static struct abl_gold_row gold_row(const void *data, size_t i)
{
	(void)data;
	return (struct abl_gold_row){i, true};
}

/* An answer that gold does not have is wrong, no mistake: other stories may have it. */
static int mark(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		struct abl_err *err)
{
	struct abl_babi gold;
	struct abl_submission submission = {0};
	struct abl_class_labels names = {0};
	struct abl_guesses g = {0};
	size_t answers;
	int rc = abl_babi_load(r->spec, "gold", &gold, err);

	if (rc)
		return rc;
	abl_class_labels_collect(&names, gold.count, answer_at, &gold);
	rc = abl_submission_load(&submission, r->predictions,
				 &(struct abl_gold_rows){gold.count, gold.count, gold_row, &gold},
				 r->notes, err);
	g.items = abl_calloc(gold.count, sizeof *g.items);
	g.count = gold.count;
	for (size_t i = 0; i < gold.count; i++)
		g.items[i] = (struct abl_guess){
			.gold = abl_class_labels_find(&names, gold.items[i].answer),
			.gold_text = gold.items[i].answer};
	answers = names.count;
	if (!rc)
		rc = abl_guesses_read(&g, &submission, &names, 0, r->predictions, err);
	if (!rc) {
		abl_guesses_note_marked(&g, answers, r->notes);
		abl_guesses_score(&g, ABL_POSITIVE_NONE, false, emit, data);
	}
	free(g.items);
	abl_class_labels_finish(&names);
	abl_submission_finish(&submission);
	abl_babi_finish(&gold);
	return rc;
}

static uint64_t story_group(size_t i, const void *data)
{
	return ((const struct abl_babi *)data)->items[i].group;
}

static size_t story_words(size_t i, const void *data)
{
	const struct abl_babi *b = data;
	const struct abl_babi_question *q = &b->items[i];
	size_t words = abl_count_words(q->text);

	for (size_t f = q->first; f < q->first + q->facts; f++)
		words += abl_count_words(b->facts[f]);
	return words;
}

/* Answers to questions about stories; a group is a story. */
static int describe(struct abl_split_rows *d, const char *split, struct abl_err *err)
{
	struct abl_babi b;
	int rc = abl_babi_load(d->spec, split, &b, err);

	if (rc)
		return rc;
	(void)abl_split_rows_add_items(d, split,
				       &(struct abl_split_items){.count = b.count,
								 .label = answer_at,
								 .group = story_group,
								 .words = story_words,
								 .data = &b},
				       NULL);
	abl_babi_finish(&b);
	return 0;
}

static const char *const metrics[] = {"accuracy", NULL};

const struct abl_task_type abl_task_story = {
	.facts = &abl_facts_story,
	.help = "a question about a story, one answer among those of training",
	.metrics = metrics,
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
	.describe = describe,
	.mark = mark,
};
