/* SPDX-License-Identifier: Apache-2.0 */
/* classify.c - one class of one text or of a pair of texts. */
#include "class_labels.h"
#include "class_scores.h"
#include "str.h"
#include "submission.h"
#include "text_items.h"

#include <stdlib.h>
#include <string.h>

struct abl_task {
	struct abl_text_items texts;
	struct abl_guesses guesses; /* of the texts' items, in their order */
	long positive;              /* class that F1 is of */
};

static void destroy(struct abl_task *t)
{
	if (!t)
		return;
	abl_text_items_finish(&t->texts);
	free(t->guesses.items);
	free(t->guesses.all);
	free(t);
}

static const char *gold_text(const struct abl_examples *e, const struct abl_example *x)
{
	return x->label < 0 ? NULL : e->labels[x->label];
}

/* What is known of the items before the model has predicted anything. */
static void begin_guesses(struct abl_task *t)
{
	const struct abl_examples *e = &t->texts.examples;
	struct abl_guesses *g = &t->guesses;

	g->labels = (const char *const *)e->labels;
	g->label_count = e->label_count;
	g->other_count = e->other_count;
	g->count = t->texts.count;
	if (!g->items)
		g->items = abl_calloc(g->count, sizeof *g->items);
	for (size_t i = 0; i < g->count; i++) {
		const struct abl_example *x = t->texts.items[i].example;

		g->items[i] = (struct abl_guess){.gold_text = gold_text(e, x),
						 .gold = x->label < 0 ? ABL_GOLD_NONE : x->label,
						 .line = x->line};
	}
}

static int find_positive(long *out, const char *const *labels, size_t count,
			 const struct abl_task_spec *spec, struct abl_err *err)
{
	*out = abl_positive_class(labels, count, spec->positive);
	if (*out == ABL_POSITIVE_NONE)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' has no label '%s', which 'positive' names",
				   spec->name ? spec->name : spec->type,
				   spec->positive ? spec->positive : "1");
	return 0;
}

/* The end of load() and ask(): rc is what became of the texts. */
static int begin(struct abl_task **out, struct abl_task *t, const struct abl_task_spec *spec,
		 int rc, struct abl_err *err)
{
	if (!rc) {
		begin_guesses(t);
		rc = find_positive(&t->positive, t->guesses.labels, t->guesses.label_count, spec,
				   err);
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
	int rc = abl_text_items_load(&t->texts, spec, split, train ? &train->texts : NULL, tools,
				     err);

	return begin(out, t, spec, rc, err);
}

static int ask(struct abl_task **out, const struct abl_task_spec *spec, const char *const *texts,
	       size_t count, const struct abl_task_tools *tools, struct abl_err *err)
{
	struct abl_task *t = abl_calloc(1, sizeof *t);
	int rc = spec->labels
			 ? abl_text_items_ask(&t->texts, spec, texts, count, tools, err)
			 : abl_err_set(err, ABL_EINPUT, "the names of the classes are not known");

	rc = begin(out, t, spec, rc, err);
	if (!rc)
		t->guesses.all = abl_calloc(t->guesses.count * t->guesses.label_count,
					    sizeof *t->guesses.all);
	return rc;
}

static size_t count(const struct abl_task *t)
{
	return t->texts.count;
}

static size_t left_out(const struct abl_task *t)
{
	return abl_left_out_count(&t->texts.examples.left_out);
}

static size_t classes(const struct abl_task *t)
{
	return t->guesses.label_count;
}

static void labels(const struct abl_task *t, struct abl_str *out)
{
	for (size_t i = 0; i < t->guesses.label_count; i++)
		abl_str_printf(out, "%s%s", i ? "\n" : "", t->guesses.labels[i]);
}

static void subset(struct abl_task *t, double fraction)
{
	abl_text_items_subset(&t->texts, fraction);
	begin_guesses(t);
}

static void put(const struct abl_task *t, size_t item, const struct abl_layout *layout,
		struct abl_batch *b)
{
	abl_text_items_put(&t->texts, item, layout, b);
}

static void collect(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
		    const real *scores)
{
	abl_guesses_collect(&t->guesses, first, n, scores);
}

static void score(const struct abl_task *t, abl_metric_hook *emit, void *data)
{
	abl_guesses_score(&t->guesses, t->positive, true, emit, data);
}

static void note(const struct abl_task *t, const struct abl_layout *layout, struct abl_str *notes)
{
	abl_text_items_note(&t->texts, layout, notes);
	abl_guesses_note(&t->guesses, "rows", notes);
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

/* ---- a predictions file ---- */

/* Gold with its classes: those of the spec, else of its training file, else its own. *closed: a
 * label that is none of them is an error. */
static int load_gold(const struct abl_task_spec *spec, struct abl_examples *gold, bool *closed,
		     struct abl_err *err)
{
	struct abl_examples train = {0};
	bool from_train = !spec->labels && spec->train;
	int rc = from_train ? abl_examples_load(spec, "train", NULL, &train, err) : 0;

	*closed = spec->labels || from_train;
	if (!rc)
		rc = abl_examples_load(spec, "gold", from_train ? &train : NULL, gold, err);
	abl_examples_finish(&train);
	return rc;
}

static int mark(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		struct abl_err *err)
{
	struct abl_examples gold = {0};
	struct abl_submission submission = {0};
	struct abl_class_labels names = {0};
	struct abl_guesses g = {0};
	bool closed;
	long positive;
	int rc = load_gold(r->spec, &gold, &closed, err);

	if (!rc)
		rc = abl_submission_load(&submission, r->predictions,
					 &(struct abl_gold_rows){abl_examples_rows(&gold),
								 gold.count, abl_example_row,
								 &gold},
					 r->notes, err);
	if (rc)
		goto fail;
	abl_class_labels_copy(&names, gold.labels, gold.label_count + gold.other_count);
	g.items = abl_calloc(gold.count, sizeof *g.items);
	g.count = gold.count;
	for (size_t i = 0; i < gold.count; i++)
		g.items[i] = (struct abl_guess){.gold = gold.items[i].label,
						.gold_text = gold_text(&gold, &gold.items[i])};
	rc = abl_guesses_read(&g, &submission, &names, closed ? gold.label_count : 0,
			      r->predictions, err);
	if (!rc)
		rc = find_positive(&positive, g.labels, closed ? gold.label_count : g.label_count,
				   r->spec, err);
	if (!rc) {
		abl_guesses_note_marked(&g, gold.label_count, r->notes);
		abl_guesses_score(&g, positive, false, emit, data);
	}
fail:
	free(g.items);
	abl_class_labels_finish(&names);
	abl_submission_finish(&submission);
	abl_examples_finish(&gold);
	return rc;
}

static const char *const metrics[] = {"accuracy", "f1", "f1_macro", "matthews", NULL};

const struct abl_task_type abl_task_classify = {
	.facts = &abl_facts_classify,
	.help = "one class of a text or of a pair of texts",
	.metrics = metrics,
	.load = load,
	.ask = ask,
	.destroy = destroy,
	.count = count,
	.left_out = left_out,
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
	.describe = abl_text_items_describe,
	.mark = mark,
};
