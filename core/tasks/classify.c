/* SPDX-License-Identifier: Apache-2.0 */
/* classify.c - one class of one text or of a pair of texts. */
#include "examples.h"
#include "files.h"
#include "metrics.h"
#include "str.h"
#include "task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct item {
	size_t a, b; /* first pieces, into ids */
	uint32_t a_length, b_length;
	bool pair;
	const struct abl_example *example;
	int32_t predicted;
	float probability;
};

struct abl_task {
	struct abl_examples examples;
	struct abl_ids ids;
	struct item *items; /* [count] */
	size_t count, positive;
};

static void destroy(struct abl_task *t)
{
	if (!t)
		return;
	abl_examples_finish(&t->examples);
	abl_ids_finish(&t->ids);
	free(t->items);
	free(t);
}

static int tokenize(struct abl_task *t, const struct abl_tokenizer *tokenizer, struct abl_err *err)
{
	t->items = abl_calloc(t->count, sizeof *t->items);
	for (size_t i = 0; i < t->count; i++) {
		struct item *x = &t->items[i];
		const struct abl_example *e = x->example = &t->examples.items[i];

		x->a = t->ids.count;
		if (abl_tokenizer_encode(tokenizer, e->a, strlen(e->a), &t->ids, err))
			return ABL_EINPUT;
		x->b = t->ids.count;
		x->a_length = (uint32_t)(x->b - x->a);
		x->pair = e->b != NULL;
		if (x->pair && abl_tokenizer_encode(tokenizer, e->b, strlen(e->b), &t->ids, err))
			return ABL_EINPUT;
		x->b_length = (uint32_t)(t->ids.count - x->b);
	}
	return 0;
}

/* The class that F1 is of: what the spec says, else "1", else the last one. */
static int find_positive(struct abl_task *t, const struct abl_task_spec *spec, struct abl_err *err)
{
	const char *wanted = spec->positive ? spec->positive : "1";

	t->positive = t->examples.label_count - 1;
	for (size_t i = 0; i < t->examples.label_count; i++)
		if (!strcmp(t->examples.labels[i], wanted)) {
			t->positive = i;
			return 0;
		}
	if (spec->positive)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' has no label '%s', which 'positive' names",
				   spec->name, wanted);
	return 0;
}

static int load(struct abl_task **out, const struct abl_task_spec *spec, const char *split,
		const struct abl_task *train, const struct abl_task_tools *tools,
		struct abl_err *err)
{
	struct abl_task *t = abl_calloc(1, sizeof *t);
	int rc = abl_examples_load(spec, split, train ? &train->examples : NULL, &t->examples, err);

	if (rc) {
		free(t);
		return rc;
	}
	t->count = t->examples.count;
	rc = find_positive(t, spec, err);
	if (!rc)
		rc = tokenize(t, tools->tokenizer, err);
	if (rc)
		destroy(t);
	else
		*out = t;
	return rc;
}

static size_t count(const struct abl_task *t)
{
	return t->count;
}

static struct abl_head_request head(const struct abl_task *t)
{
	return (struct abl_head_request){"classify", (int)t->examples.label_count};
}

static void labels(const struct abl_task *t, struct abl_str *out)
{
	for (size_t i = 0; i < t->examples.label_count; i++)
		abl_str_printf(out, "%s%s", i ? "\n" : "", t->examples.labels[i]);
}

static void keep(struct abl_task *t, double fraction)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		if ((double)t->items[i].example->id * 0x1p-64 < fraction)
			t->items[n++] = t->items[i];
	t->count = n ? n : 1;
}

static void put(const struct abl_task *t, size_t item, const struct abl_layout *layout,
		struct abl_batch *b)
{
	const struct item *x = &t->items[item];

	abl_batch_add(b, layout, t->ids.items + x->a, x->a_length,
		      x->pair ? t->ids.items + x->b : NULL, x->b_length, x->example->id,
		      x->example->label, NULL, NULL);
}

static void collect(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
		    const real *scores)
{
	size_t classes = t->examples.label_count;

	for (size_t i = 0; i < n; i++) {
		const real *row = scores + i * classes;
		size_t best = 0;

		for (size_t c = 1; c < classes; c++)
			if (row[c] > row[best])
				best = c;
		t->items[first + i].predicted = (int32_t)best;
		t->items[first + i].probability = (float)row[best];
	}
}

static void score(const struct abl_task *t, abl_metric_hook *emit, void *data)
{
	size_t classes = t->examples.label_count, scored = 0, predicted = 0;
	uint64_t *counts = abl_calloc(classes * classes, sizeof *counts);

	for (size_t i = 0; i < t->count; i++)
		if (t->items[i].example->label >= 0) {
			counts[(size_t)t->items[i].example->label * classes +
			       (size_t)t->items[i].predicted]++;
			scored++;
		}
	for (size_t c = 0; c < classes; c++) {
		uint64_t n = 0;

		for (size_t g = 0; g < classes; g++)
			n += counts[g * classes + c];
		predicted += n > 0;
	}
	if (scored) {
		emit(data, "accuracy", abl_accuracy(counts, classes));
		emit(data, "f1", abl_f1(counts, classes, t->positive));
		emit(data, "matthews", abl_matthews(counts, classes));
		emit(data, "majority", abl_majority(counts, classes));
		emit(data, "f1_majority", abl_f1_majority(counts, classes, t->positive));
		emit(data, "predicted_classes", (double)predicted);
	}
	emit(data, "examples", (double)scored);
	free(counts);
}

static int write_predictions(const struct abl_task *t, const char *path, struct abl_err *err)
{
	struct abl_str out = {0};
	int rc;

	abl_str_puts(&out, "line\tgold\tprediction\tprobability\n");
	for (size_t i = 0; i < t->count; i++) {
		const struct item *x = &t->items[i];

		abl_str_printf(&out, "%u\t%s\t%s\t%.5f\n", x->example->line,
			       x->example->label < 0 ? "" : t->examples.labels[x->example->label],
			       t->examples.labels[x->predicted], (double)x->probability);
	}
	rc = abl_file_write(path, out.text, out.length, err);
	abl_str_finish(&out);
	return rc;
}

static const char *const metrics[] = {"accuracy", "f1", "matthews", NULL};

const struct abl_task_type abl_task_classify = {
	.name = "classify",
	.help = "one class of a text or of a pair of texts",
	.metrics = metrics,
	.load = load,
	.destroy = destroy,
	.count = count,
	.head = head,
	.labels = labels,
	.keep = keep,
	.put = put,
	.collect = collect,
	.score = score,
	.write = write_predictions,
};
