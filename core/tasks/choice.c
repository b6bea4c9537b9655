/* SPDX-License-Identifier: Apache-2.0 */
/* choice.c - multiple choice (SWAG, Devlin et al. 2019, section 4.4): each (text, choice) pair is a
 * sequence, one shared output layer gives it a number, a softmax runs over an item's choices. */
#include "choices.h"
#include "class_scores.h"
#include "rng.h"
#include "split_rows.h"
#include "str.h"
#include "submission.h"
#include "task_notes.h"
#include "text_items.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

struct item {
	const struct abl_choice_question *question;
	size_t text;    /* first token, into ids */
	size_t *choice; /* [choices + 1] first tokens; each ends where the next one begins */
};

struct abl_task {
	struct abl_choices choices;
	struct abl_ids ids;
	struct item *items; /* [count] */
	size_t count;
	size_t *starts;             /* [count, choices + 1] what the items' choices point into */
	float *predicted;           /* [count, choices] probabilities */
	struct abl_guesses guesses; /* of the items, in their order; a class is a choice's place */
	bool named;                 /* the spec says what the choices are called */
};

static void destroy(struct abl_task *t)
{
	if (!t)
		return;
	abl_choices_finish(&t->choices);
	abl_ids_finish(&t->ids);
	free(t->items);
	free(t->starts);
	free(t->predicted);
	free(t->guesses.items);
	free(t);
}

/* What is known of `n` questions before anybody has answered them. */
static void begin_guesses(struct abl_guesses *g, const struct abl_choices *c)
{
	g->labels = (const char *const *)c->names.name;
	g->label_count = c->choices;
	g->count = c->count;
	g->items = abl_calloc(g->count, sizeof *g->items);
	for (size_t i = 0; i < g->count; i++) {
		const struct abl_choice_question *q = &c->items[i];

		g->items[i] = (struct abl_guess){
			.gold_text = q->label < 0 ? NULL : c->names.name[q->label],
			.gold = q->label < 0                     ? ABL_GOLD_NONE
				: q->label < (int32_t)c->choices ? q->label
								 : ABL_GOLD_UNSEEN,
			.line = q->line};
	}
}

static int tokenize(struct abl_task *t, const struct abl_tokenizer *tokenizer, struct abl_err *err)
{
	size_t n = t->choices.choices;

	t->count = t->choices.count;
	t->items = abl_calloc(t->count, sizeof *t->items);
	t->starts = abl_calloc(t->count * (n + 1), sizeof *t->starts);
	t->predicted = abl_calloc(t->count * n, sizeof *t->predicted);
	for (size_t i = 0; i < t->count; i++) {
		const struct abl_choice_question *q = &t->choices.items[i];
		struct item *x = &t->items[i];

		*x = (struct item){
			.question = q, .text = t->ids.count, .choice = t->starts + i * (n + 1)};
		if (abl_tokenizer_encode(tokenizer, q->text, strlen(q->text), &t->ids, err))
			return ABL_EINPUT;
		for (size_t k = 0; k < n; k++) {
			x->choice[k] = t->ids.count;
			if (abl_tokenizer_encode(tokenizer, q->choice[k], strlen(q->choice[k]),
						 &t->ids, err))
				return ABL_EINPUT;
		}
		x->choice[n] = t->ids.count;
	}
	return 0;
}

/* The rest of load() and ask(), once the questions are there or `rc` says why not. */
static int finish_loading(struct abl_task **out, struct abl_task *t, int rc,
			  const struct abl_task_spec *spec, const struct abl_task_tools *tools,
			  struct abl_err *err)
{
	t->named = spec->labels != NULL;
	if (!rc) {
		begin_guesses(&t->guesses, &t->choices);
		rc = tokenize(t, tools->tokenizer, err);
	}
	if (rc)
		destroy(t);
	else
		*out = t;
	return rc;
}

static int load(struct abl_task **out, const struct abl_task_spec *spec, const char *split,
		const struct abl_task *train, const struct abl_task_tools *tools,
		struct abl_err *err)
{
	struct abl_task *t = abl_calloc(1, sizeof *t);

	return finish_loading(out, t, abl_choices_load(spec, split, &t->choices, err), spec, tools,
			      err);
}

static int ask(struct abl_task **out, const struct abl_task_spec *spec, const char *const *texts,
	       size_t count, const struct abl_task_tools *tools, struct abl_err *err)
{
	struct abl_task *t = abl_calloc(1, sizeof *t);

	return finish_loading(out, t, abl_choices_ask(spec, texts, count, &t->choices, err), spec,
			      tools, err);
}

static size_t left_out(const struct abl_task *t)
{
	return abl_left_out_count(&t->choices.left_out);
}

static size_t count(const struct abl_task *t)
{
	return t->count;
}

static size_t sequences(const struct abl_task *t)
{
	return t->choices.choices;
}

static void labels(const struct abl_task *t, struct abl_str *out)
{
	for (size_t i = 0; t->named && i < t->choices.choices; i++)
		abl_str_printf(out, "%s%s", i ? "\n" : "", t->choices.names.name[i]);
}

static void subset(struct abl_task *t, double fraction)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		if (abl_item_kept(t->items[i].question->id, fraction)) {
			t->guesses.items[n] = t->guesses.items[i];
			t->items[n++] = t->items[i];
		}
	t->count = t->guesses.count = n ? n : 1;
}

static void put(const struct abl_task *t, size_t item, const struct abl_layout *layout,
		struct abl_batch *b)
{
	const struct item *x = &t->items[item];
	const int32_t *ids = t->ids.items;

	for (size_t k = 0; k < t->choices.choices; k++) {
		size_t s = b->sequences;

		abl_batch_add(
			b, layout,
			&(struct abl_sequence){.a = ids + x->text,
					       .a_length = x->choice[0] - x->text,
					       .b = ids + x->choice[k],
					       .b_length = x->choice[k + 1] - x->choice[k],
					       .pair = true,
					       .example = abl_rng_derive(x->question->id, k),
					       .label = k ? -1 : t->guesses.items[item].gold});
		b->joined[s] = k > 0;
	}
}

static void collect(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
		    const real *scores)
{
	size_t choices = t->choices.choices;

	abl_guesses_collect(&t->guesses, first, n, scores);
	for (size_t i = 0; i < n * choices; i++)
		t->predicted[first * choices + i] = (float)scores[i];
}

static void score(const struct abl_task *t, abl_metric_hook *emit, void *data)
{
	abl_guesses_score(&t->guesses, ABL_POSITIVE_NONE, true, emit, data);
}

static void note(const struct abl_task *t, const struct abl_layout *layout, struct abl_str *notes)
{
	size_t room = layout->max_length - abl_layout_specials(layout, true), cut = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct item *x = &t->items[i];
		size_t text = x->choice[0] - x->text, longest = 0;

		for (size_t k = 0; k < t->choices.choices; k++)
			if (x->choice[k + 1] - x->choice[k] > longest)
				longest = x->choice[k + 1] - x->choice[k];
		cut += text + longest > room;
	}
	abl_note_cut(notes, layout->max_length, cut, t->count, "questions", "");
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

/* Best first; equals in their order. */
static void answer(const struct abl_task *t, struct abl_str *out)
{
	size_t n = t->choices.choices, order[ABL_CHOICES_MAX];

	for (size_t i = 0; i < t->count; i++) {
		const float *predicted = t->predicted + i * n;
		char share[32];

		for (size_t k = 0, at; k < n; k++) {
			for (at = k; at && predicted[order[at - 1]] < predicted[k]; at--)
				order[at] = order[at - 1];
			order[at] = k;
		}
		for (size_t k = 0; k < n; k++)
			abl_str_printf(out, "%s  %s  %s\n",
				       abl_format_share((double)predicted[order[k]], share),
				       t->choices.names.name[order[k]],
				       t->items[i].question->choice[order[k]]);
	}
}

static struct abl_gold_row gold_row(const void *choices, size_t i)
{
	const struct abl_choice_question *q = &((const struct abl_choices *)choices)->items[i];

	return (struct abl_gold_row){q->place, q->label >= 0};
}

static int mark(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		struct abl_err *err)
{
	struct abl_choices gold = {0};
	struct abl_submission submission = {0};
	struct abl_guesses guesses = {0};
	struct abl_class_labels names = {0};
	int rc = abl_choices_load(r->spec, "gold", &gold, err);

	if (!rc) {
		begin_guesses(&guesses, &gold);
		abl_class_labels_copy(&names, gold.names.name, gold.choices);
		rc = abl_submission_load(
			&submission, r->predictions,
			&(struct abl_gold_rows){gold.count + abl_left_out_count(&gold.left_out),
						gold.count, gold_row, &gold},
			r->notes, err);
	}
	if (!rc)
		rc = abl_guesses_read(&guesses, &submission, &names, gold.choices, r->predictions,
				      err);
	if (!rc) {
		abl_guesses_note_marked(&guesses, gold.choices, r->notes);
		abl_guesses_score(&guesses, ABL_POSITIVE_NONE, false, emit, data);
	}
	abl_class_labels_finish(&names);
	abl_submission_finish(&submission);
	free(guesses.items);
	abl_choices_finish(&gold);
	return rc;
}

static const char *right_choice(size_t i, const void *data)
{
	const struct abl_choices *c = data;

	return c->items[i].label < 0 ? NULL : c->names.name[c->items[i].label];
}

static uint64_t choice_group(size_t i, const void *data)
{
	return ((const struct abl_choices *)data)->items[i].group;
}

/* Of the text and its longest choice. */
static size_t choice_words(size_t i, const void *data)
{
	const struct abl_choices *c = data;
	struct abl_lengths choices = {0};

	for (size_t k = 0; k < c->choices; k++)
		abl_lengths_add(&choices, abl_count_words(c->items[i].choice[k]));
	return abl_count_words(c->items[i].text) + choices.longest;
}

/* Questions by the choice that is right. */
static int describe(struct abl_split_rows *d, const char *split, struct abl_err *err)
{
	struct abl_choices c;
	int rc = abl_choices_load(d->spec, split, &c, err);

	if (rc)
		return rc;
	(void)abl_split_rows_add_items(d, split,
				       &(struct abl_split_items){.count = c.count,
								 .left_out = &c.left_out,
								 .label = right_choice,
								 .group = choice_group,
								 .words = choice_words,
								 .data = &c},
				       NULL);
	abl_choices_finish(&c);
	return 0;
}

static const char *const metrics[] = {"accuracy", NULL};

const struct abl_task_type abl_task_choice = {
	.facts = &abl_facts_choice,
	.help = "the right one of several continuations of a text",
	.metrics = metrics,
	.load = load,
	.ask = ask,
	.destroy = destroy,
	.count = count,
	.left_out = left_out,
	.sequences = sequences,
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
