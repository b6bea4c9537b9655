/* SPDX-License-Identifier: Apache-2.0 */
/* regress.c - one number for a text or for a pair of texts, as STS-B asks for it. */
#include "class_labels.h"
#include "files.h"
#include "number_metrics.h"
#include "str.h"
#include "submission.h"
#include "text_items.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct abl_task {
	struct abl_text_items texts;
	double *predicted; /* [count] */
	double low, high;  /* what a submission's numbers are kept within */
};

static void destroy(struct abl_task *t)
{
	if (!t)
		return;
	abl_text_items_finish(&t->texts);
	free(t->predicted);
	free(t);
}

/* The end of load() and ask(): rc is what became of the texts. */
static int begin(struct abl_task **out, struct abl_task *t, const struct abl_task_spec *spec,
		 int rc)
{
	if (rc) {
		destroy(t);
		return rc;
	}
	t->predicted = abl_calloc(t->texts.count, sizeof *t->predicted);
	(void)abl_class_labels_scale(spec->labels, &t->low, &t->high);
	*out = t;
	return 0;
}

static int load(struct abl_task **out, const struct abl_task_spec *spec, const char *split,
		const struct abl_task *train, const struct abl_task_tools *tools,
		struct abl_err *err)
{
	struct abl_task *t = abl_calloc(1, sizeof *t);

	return begin(out, t, spec,
		     abl_text_items_load(&t->texts, spec, split, train ? &train->texts : NULL,
					 tools, err));
}

static int ask(struct abl_task **out, const struct abl_task_spec *spec, const char *const *texts,
	       size_t count, const struct abl_task_tools *tools, struct abl_err *err)
{
	struct abl_task *t = abl_calloc(1, sizeof *t);

	return begin(out, t, spec, abl_text_items_ask(&t->texts, spec, texts, count, tools, err));
}

static size_t left_out(const struct abl_task *t)
{
	return abl_left_out_count(&t->texts.examples.left_out);
}

static size_t count(const struct abl_task *t)
{
	return t->texts.count;
}

static void labels(const struct abl_task *t, struct abl_str *out)
{
	abl_str_puts(out, "score");
}

static void subset(struct abl_task *t, double fraction)
{
	abl_text_items_subset(&t->texts, fraction);
}

static void put(const struct abl_task *t, size_t item, const struct abl_layout *layout,
		struct abl_batch *b)
{
	abl_text_items_put(&t->texts, item, layout, b);
	b->value[b->sequences - 1] = (real)t->texts.items[item].example->score;
}

static void collect(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
		    const real *scores)
{
	for (size_t i = 0; i < n; i++)
		t->predicted[first + i] = (double)scores[i];
}

static void emit_scores(const double *predicted, const double *gold, size_t n,
			abl_metric_hook *emit, void *data)
{
	if (n) {
		emit(data, "pearson", abl_pearson(predicted, gold, n));
		emit(data, "spearman", abl_spearman(predicted, gold, n));
		emit(data, "mse", abl_mse(predicted, gold, n));
	}
	emit(data, "examples", (double)n);
}

/* A constant prediction has no correlation: that is NaN, counted as 0 where runs are compared
 * (`..._majority`), and one different value (`predicted_classes`) says that the run collapsed. */
static void emit_constant(const double *predicted, const double *gold, size_t n,
			  abl_metric_hook *emit, void *data)
{
	if (!n)
		return;
	emit(data, "pearson_majority", 0);
	emit(data, "spearman_majority", 0);
	emit(data, "mse_majority", abl_mse_of_mean(gold, n));
	emit(data, "predicted_classes", (double)abl_count_different(predicted, n));
}

static void score(const struct abl_task *t, abl_metric_hook *emit, void *data)
{
	size_t n = 0, count = t->texts.count;
	double *predicted = abl_calloc(count, sizeof *predicted),
	       *gold = abl_calloc(count, sizeof *gold);

	for (size_t i = 0; i < count; i++) {
		const struct abl_example *e = t->texts.items[i].example;

		if (e->label < 0)
			continue;
		predicted[n] = t->predicted[i];
		gold[n++] = e->score;
	}
	emit_scores(predicted, gold, n, emit, data);
	emit_constant(predicted, gold, n, emit, data);
	free(predicted);
	free(gold);
}

static void note(const struct abl_task *t, const struct abl_layout *layout, struct abl_str *notes)
{
	abl_text_items_note(&t->texts, layout, notes);
}

static int write_predictions(const struct abl_task *t, const char *path, struct abl_err *err)
{
	struct abl_str out = {0};
	char number[32];
	int rc;

	abl_str_puts(&out, "line\tgold\tprediction\n");
	for (size_t i = 0; i < t->texts.count; i++) {
		const struct abl_example *e = t->texts.items[i].example;

		abl_str_printf(&out, "%u\t%s\t%.6f\n", e->line,
			       e->label < 0 ? "" : abl_format_real(e->score, number),
			       t->predicted[i]);
	}
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out);
	return rc;
}

static double on_scale(const struct abl_task *t, double x)
{
	return fmin(fmax(x, t->low), t->high);
}

static int submit(const struct abl_task *t, const char *path, struct abl_err *err)
{
	struct abl_str out = {0};
	char number[32];
	int rc;

	abl_submission_begin(&out);
	for (size_t i = 0; i < t->texts.count; i++) {
		snprintf(number, sizeof number, "%.6f", on_scale(t, t->predicted[i]));
		abl_submission_add(&out, i, number);
	}
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out);
	return rc;
}

static void answer(const struct abl_task *t, struct abl_str *out)
{
	char text[32];

	for (size_t i = 0; i < t->texts.count; i++)
		abl_str_printf(out, "%s\n", abl_format_score(on_scale(t, t->predicted[i]), text));
}

/* ---- a predictions file ---- */

static int read_numbers(double *out, const struct abl_submission *s, const char *path,
			struct abl_err *err)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].text &&
		    (!abl_parse_real(s->items[i].text, &out[i]) || !isfinite(out[i])))
			return abl_err_set(err, ABL_EINPUT,
					   "%s:%u: the prediction '%.100s' is not a number", path,
					   s->items[i].line, s->items[i].text);
	return 0;
}

static int mark(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		struct abl_err *err)
{
	struct abl_examples gold = {0};
	struct abl_submission s = {0};
	double *x = NULL, *y = NULL;
	size_t scored = 0;
	int rc = abl_examples_load(r->spec, "gold", NULL, &gold, err);

	if (!rc)
		rc = abl_submission_load(&s, r->predictions,
					 &(struct abl_gold_rows){abl_examples_rows(&gold),
								 gold.count, abl_example_row,
								 &gold},
					 r->notes, err);
	if (rc)
		goto fail;
	x = abl_calloc(gold.count, sizeof *x);
	y = abl_calloc(gold.count, sizeof *y);
	rc = read_numbers(x, &s, r->predictions, err);
	for (size_t i = 0; i < gold.count; i++) {
		if (gold.items[i].label < 0) /* no gold: whatever is said is not scored */
			continue;
		x[scored] = x[i];
		y[scored++] = gold.items[i].score;
	}
	if (!rc)
		emit_scores(x, y, scored, emit, data);
fail:
	free(x);
	free(y);
	abl_submission_finish(&s);
	abl_examples_finish(&gold);
	return rc;
}

static const char *const metrics[] = {"pearson", "spearman", "mse", NULL};

const struct abl_task_type abl_task_regress = {
	.facts = &abl_facts_regress,
	.help = "a number for a text or for a pair of texts",
	.metrics = metrics,
	.load = load,
	.ask = ask,
	.destroy = destroy,
	.count = count,
	.left_out = left_out,
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
