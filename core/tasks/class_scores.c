/* SPDX-License-Identifier: Apache-2.0 */
#include "class_scores.h"

#include "files.h"
#include "metrics.h"
#include "str.h"
#include "task_notes.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

void abl_guesses_collect(struct abl_guesses *g, size_t first, size_t n, const real *scores)
{
	for (size_t i = 0; i < n; i++) {
		const real *row = scores + i * g->label_count;
		size_t best = 0;

		for (size_t c = 1; c < g->label_count; c++)
			if (row[c] > row[best])
				best = c;
		for (size_t c = 0; g->all && c < g->label_count; c++)
			g->all[(first + i) * g->label_count + c] = (float)row[c];
		g->items[first + i].predicted = (int32_t)best;
		g->items[first + i].probability = (float)row[best];
	}
}

long abl_positive_class(const char *const *labels, size_t count, const char *wanted)
{
	if (!wanted && count > 2)
		return ABL_POSITIVE_MANY;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(labels[i], wanted ? wanted : "1"))
			return (long)i;
	return wanted ? ABL_POSITIVE_NONE : (long)count - 1;
}

void abl_guesses_score(const struct abl_guesses *g, long positive, bool of_run,
		       abl_metric_hook *emit, void *data)
{
	size_t classes = g->label_count + g->other_count, scored = 0, seen = 0, predicted = 0;
	uint64_t *counts = abl_calloc(classes * classes, sizeof *counts);
	bool *was_predicted = abl_calloc(classes, sizeof *was_predicted);
	bool has_f1 = positive != ABL_POSITIVE_NONE;
	double share;

	for (size_t i = 0; i < g->count; i++) {
		const struct abl_guess *x = &g->items[i];

		if (x->gold == ABL_GOLD_NONE)
			continue;
		scored++;
		predicted += !was_predicted[x->predicted];
		was_predicted[x->predicted] = true;
		if (x->gold == ABL_GOLD_UNSEEN)
			continue;
		seen++;
		counts[(size_t)x->gold * classes + (size_t)x->predicted]++;
	}
	share = seen < scored ? (double)seen / (double)scored : 1;
	if (scored)
		emit(data, "accuracy", seen ? share * abl_accuracy(counts, classes) : 0);
	if (scored && has_f1) {
		if (positive >= 0)
			emit(data, "f1", abl_f1(counts, classes, (size_t)positive));
		emit(data, "f1_macro", abl_f1_macro(counts, classes));
		emit(data, "matthews", abl_matthews(counts, classes));
	}
	if (scored && of_run) {
		emit(data, "majority", seen ? share * abl_majority(counts, classes) : 0);
		if (has_f1) {
			if (positive >= 0)
				emit(data, "f1_majority",
				     abl_f1_majority(counts, classes, (size_t)positive));
			emit(data, "f1_macro_majority", abl_f1_macro_majority(counts, classes));
		}
		emit(data, "predicted_classes", (double)predicted);
	}
	emit(data, "examples", (double)scored);
	free(counts);
	free(was_predicted);
}

int abl_guesses_read(struct abl_guesses *g, const struct abl_submission *s,
		     struct abl_class_labels *names, size_t known, const char *path,
		     struct abl_err *err)
{
	const struct abl_class_labels closed = {.name = names->name, .count = known};

	for (size_t i = 0; i < g->count; i++) {
		const struct abl_prediction *p = &s->items[i];
		int32_t at;

		if (!p->text) /* of a row that is not scored */
			continue;
		at = known ? abl_class_labels_find_folded(&closed, p->text)
			   : abl_class_labels_find(names, p->text);

		if (at < 0 && known)
			return abl_class_labels_unknown(&closed, p->text, path, p->line, err);
		if (at < 0 && names->count >= ABL_CLASSES_MAX)
			return abl_err_set(err, ABL_EINPUT,
					   "%s:%u: more than %d different predictions: are these "
					   "classes?",
					   path, p->line, ABL_CLASSES_MAX);
		if (at < 0)
			at = abl_class_labels_add(names, p->text);
		g->items[i].predicted = at;
	}
	g->labels = (const char *const *)names->name;
	g->label_count = names->count;
	g->other_count = 0;
	return 0;
}

int abl_guesses_write(const struct abl_guesses *g, const char *path, struct abl_err *err)
{
	struct abl_str out = {0};
	int rc;

	abl_str_puts(&out, "line\tgold\tprediction\tprobability\n");
	for (size_t i = 0; i < g->count; i++) {
		const struct abl_guess *x = &g->items[i];

		abl_str_printf(&out, "%u\t%s\t%s\t%.5f\n", x->line,
			       x->gold_text ? x->gold_text : "", g->labels[x->predicted],
			       (double)x->probability);
	}
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out);
	return rc;
}

int abl_guesses_submit(const struct abl_guesses *g, const char *path, struct abl_err *err)
{
	struct abl_str out = {0};
	int rc;

	abl_submission_begin(&out);
	for (size_t i = 0; i < g->count; i++)
		abl_submission_add(&out, i, g->labels[g->items[i].predicted]);
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out);
	return rc;
}

static const char *gold_at(size_t i, const void *data)
{
	return ((const struct abl_guesses *)data)->items[i].gold_text;
}

void abl_guesses_note(const struct abl_guesses *g, const char *what, struct abl_str *notes)
{
	abl_note_unknown(notes, &(struct abl_noted){what, g->count, gold_at, g}, g->labels,
			 g->label_count, "the checkpoint", "cannot be right");
}

static const char *predicted_at(size_t i, const void *data)
{
	const struct abl_guesses *g = data;

	return g->labels[g->items[i].predicted];
}

void abl_guesses_note_marked(const struct abl_guesses *g, size_t classes, struct abl_str *notes)
{
	const struct abl_noted gold = {"rows", g->count, gold_at, g};

	abl_note_unknown(notes, &gold, g->labels, classes, "the task", "are counted as wrong");
	abl_note_strangers(notes, &(struct abl_noted){"rows", g->count, predicted_at, g}, &gold);
}

/* The likeliest class that is not among the `n` of `told`; the first of equals. */
static size_t likeliest(const float *of, size_t classes, const size_t *told, size_t n)
{
	size_t best = classes;

	for (size_t c = 0; c < classes; c++) {
		bool was_told = false;

		for (size_t k = 0; k < n; k++)
			was_told |= told[k] == c;
		if (!was_told && (best == classes || of[c] > of[best]))
			best = c;
	}
	return best;
}

void abl_guesses_answer(const struct abl_guesses *g, struct abl_str *out)
{
	for (size_t i = 0; i < g->count; i++) {
		const float *of = g->all + i * g->label_count;
		size_t told[ABL_ANSWERS];
		char share[32];

		for (size_t n = 0; n < ABL_ANSWERS && n < g->label_count; n++) {
			told[n] = likeliest(of, g->label_count, told, n);
			abl_str_printf(out, "%s (probability %s)\n", g->labels[told[n]],
				       abl_format_share((double)of[told[n]], share));
		}
	}
}
