/* SPDX-License-Identifier: Apache-2.0 */
#include "example_values.h"

#include "crossed.h"
#include "example_tags.h"
#include "hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scoring { /* one file */
	struct abl_example_scorer *s;
	const struct abl_predicted_file *f;
	double told;
	float *out;
	struct abl_err *err;
};

static bool same(struct abl_slice a, struct abl_slice b)
{
	return a.length == b.length && !memcmp(a.text, b.text, a.length);
}

static double mean_of(const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i];
	return sum / (double)n;
}

static float *room_for_counts(struct scoring *g, size_t width)
{
	abl_grow(&g->s->own.counts, &g->s->own.count_room, g->f->count * width,
		 sizeof *g->s->own.counts);
	memset(g->s->own.counts, 0, g->f->count * width * sizeof *g->s->own.counts);
	return g->s->own.counts;
}

/* Values whose mean is the metric itself: a jackknife's is a little beside it. */
static double pseudo_values(struct scoring *g, size_t width, abl_metric_of_sums *metric, void *data)
{
	const size_t m = g->f->count;
	const double score = abl_pseudo_values(g->s->own.counts, m, width, metric, data, g->out);
	const double shift = score - mean_of(g->out, m);

	for (size_t i = 0; i < m; i++)
		g->out[i] = (float)((double)g->out[i] + shift);
	return score;
}

static int no_values(const struct scoring *g)
{
	return abl_err_set(g->err, ABL_EINPUT,
			   "stored predictions do not say what each example adds to '%s'",
			   g->s->metric);
}

/* ---- means ---- */

static int of_right(struct scoring *g, double *score)
{
	for (size_t i = 0; i < g->f->count; i++)
		g->out[i] = same(g->f->row[i].gold, g->f->row[i].said);
	*score = mean_of(g->out, g->f->count);
	return 0;
}

static int read_numbers(struct scoring *g)
{
	double value;

	for (size_t i = 0; i < g->f->count; i++) {
		int rc = abl_predicted_number(g->f, i, g->f->row[i].said, &value, g->err);

		if (rc)
			return rc;
		g->out[i] = (float)value;
	}
	return 0;
}

static int of_numbers(struct scoring *g, double *score)
{
	int rc = read_numbers(g);

	*score = mean_of(g->out, g->f->count);
	return rc;
}

static int read_pair(struct scoring *g, size_t i, double *gold, double *said)
{
	int rc = abl_predicted_number(g->f, i, g->f->row[i].gold, gold, g->err);

	return rc ? rc : abl_predicted_number(g->f, i, g->f->row[i].said, said, g->err);
}

static int of_squares(struct scoring *g, double *score)
{
	double gold, said;

	for (size_t i = 0; i < g->f->count; i++) {
		int rc = read_pair(g, i, &gold, &said);

		if (rc)
			return rc;
		g->out[i] = (float)((said - gold) * (said - gold));
	}
	*score = mean_of(g->out, g->f->count);
	return 0;
}

/* What a program says of an example need not be what its metric is a mean of; in percent or not,
 * and rounded when it was printed. */
static int of_marks(struct scoring *g, double *score)
{
	static const double scales[] = {1, 100};
	int rc = of_numbers(g, score);
	double scale = g->s->own.scale;

	if (rc)
		return rc;
	for (size_t i = 0; !(scale > 0) && i < sizeof scales / sizeof *scales; i++)
		if (fabs(g->told - scales[i] * *score) <=
		    scales[i] * fmax(.0051, 1e-3 * fabs(*score)))
			scale = scales[i];
	if (!(scale > 0))
		return 0; /* said by the caller, who compares */
	if (*score != 0)
		g->s->own.scale = scale;
	for (size_t i = 0; i < g->f->count; i++)
		g->out[i] = (float)(scale * (double)g->out[i]);
	*score *= scale;
	return 0;
}

/* ---- classes ---- */

static size_t find_slot(const struct abl_example_scorer *s, struct abl_slice name)
{
	size_t i = (size_t)abl_hash64(name.text, name.length) & (s->own.slots - 1);

	for (; s->own.slot[i]; i = (i + 1) & (s->own.slots - 1)) {
		const char *known = s->own.names.text + s->own.name[s->own.slot[i] - 1];

		if (!strncmp(known, name.text, name.length) && !known[name.length])
			break;
	}
	return i;
}

static void grow_slots(struct abl_example_scorer *s)
{
	if (2 * s->own.classes < s->own.slots)
		return;
	free(s->own.slot);
	s->own.slots = s->own.slots ? 2 * s->own.slots : 64;
	s->own.slot = abl_calloc(s->own.slots, sizeof *s->own.slot);
	for (size_t c = 0; c < s->own.classes; c++) {
		const char *name = s->own.names.text + s->own.name[c];

		s->own.slot[find_slot(s, (struct abl_slice){name, strlen(name)})] = (uint32_t)c + 1;
	}
}

static size_t class_of(struct abl_example_scorer *s, struct abl_slice name)
{
	size_t i;

	grow_slots(s);
	i = find_slot(s, name);
	if (!s->own.slot[i]) {
		abl_grow(&s->own.name, &s->own.name_room, s->own.classes + 1, sizeof *s->own.name);
		s->own.name[s->own.classes++] = s->own.names.length;
		abl_str_add(&s->own.names, name.text, name.length);
		abl_str_add(&s->own.names, "", 1);
		s->own.slot[i] = (uint32_t)s->own.classes;
	}
	return s->own.slot[i] - 1;
}

static double f1_of(double both, double gold, double said)
{
	return gold + said > 0 ? 2 * both / (gold + said) : 0;
}

static double f1_of_sums(const double *sums, size_t width, size_t examples, void *data)
{
	return f1_of(sums[0], sums[1], sums[2]);
}

/* Three sums a class: right, gold, said. */
static double f1_macro_of_sums(const double *sums, size_t width, size_t examples, void *data)
{
	double sum = 0, there = 0;

	for (size_t k = 0; k < width; k += 3) {
		sum += f1_of(sums[k], sums[k + 1], sums[k + 2]);
		there += sums[k + 1] + sums[k + 2] > 0;
	}
	return sum / there;
}

static double matthews_of_sums(const double *sums, size_t width, size_t examples, void *data)
{
	double n = (double)examples, right = 0, cross = 0, gold = 0, said = 0, root;

	for (size_t k = 0; k < width; k += 3) {
		right += sums[k];
		cross += sums[k + 1] * sums[k + 2];
		gold += sums[k + 1] * sums[k + 1];
		said += sums[k + 2] * sums[k + 2];
	}
	root = sqrt((n * n - gold) * (n * n - said));
	return root > 0 ? (right * n - cross) / root : 0;
}

/* [examples, classes, 3] */
static size_t count_classes(struct scoring *g)
{
	size_t width;
	float *counts;

	for (size_t i = 0; i < g->f->count; i++) {
		class_of(g->s, g->f->row[i].gold);
		class_of(g->s, g->f->row[i].said);
	}
	width = 3 * g->s->own.classes;
	counts = room_for_counts(g, width);
	for (size_t i = 0; i < g->f->count; i++) {
		size_t gold = class_of(g->s, g->f->row[i].gold);
		size_t said = class_of(g->s, g->f->row[i].said);

		counts[i * width + 3 * gold] = gold == said;
		counts[i * width + 3 * gold + 1] = 1;
		counts[i * width + 3 * said + 2] = 1;
	}
	return width;
}

static int of_macro(struct scoring *g, double *score)
{
	*score = pseudo_values(g, count_classes(g), f1_macro_of_sums, NULL);
	return 0;
}

static int of_matthews(struct scoring *g, double *score)
{
	*score = pseudo_values(g, count_classes(g), matthews_of_sums, NULL);
	return 0;
}

static double f1_of_class(struct scoring *g, size_t class)
{
	double sums[3] = {0};

	for (size_t i = 0; i < g->f->count; i++) {
		bool gold = class_of(g->s, g->f->row[i].gold) == class;
		bool said = class_of(g->s, g->f->row[i].said) == class;

		sums[0] += gold && said;
		sums[1] += gold;
		sums[2] += said;
	}
	return f1_of(sums[0], sums[1], sums[2]);
}

/* The files do not say which class F1 is of: the one whose F1 is that of the store; of several the
 * one that a task takes for it, "1" or the last by name. */
static void find_positive(struct scoring *g)
{
	struct abl_example_scorer *s = g->s;
	size_t found = 0;

	if (s->own.fixed && s->own.positive)
		return;
	if (s->own.positive && fabs(f1_of_class(g, s->own.positive - 1) - g->told) < 1e-9)
		return;
	for (size_t i = 0; i < g->f->count; i++)
		class_of(s, g->f->row[i].gold);
	for (size_t c = 0; c < s->own.classes; c++) {
		const char *name = s->own.names.text + s->own.name[c];

		if (fabs(f1_of_class(g, c) - g->told) < 1e-9 &&
		    (!found || !strcmp(name, "1") ||
		     strcmp(name, s->own.names.text + s->own.name[found - 1]) > 0))
			found = c + 1;
		if (found == c + 1 && !strcmp(name, "1"))
			break;
	}
	if (!found)
		return;
	s->own.moved |= s->own.positive && s->own.positive != found;
	s->own.positive = found;
}

static int of_f1(struct scoring *g, double *score)
{
	float *counts = room_for_counts(g, 3);
	size_t positive;

	find_positive(g);
	positive = g->s->own.positive ? g->s->own.positive - 1 : 0;
	for (size_t i = 0; i < g->f->count; i++) {
		bool gold = class_of(g->s, g->f->row[i].gold) == positive;
		bool said = class_of(g->s, g->f->row[i].said) == positive;

		counts[3 * i] = gold && said;
		counts[3 * i + 1] = gold;
		counts[3 * i + 2] = said;
	}
	*score = pseudo_values(g, 3, f1_of_sums, NULL);
	return 0;
}

/* ---- numbers ---- */

static double pearson_of_sums(const double *sums, size_t width, size_t examples, void *data)
{
	double n = (double)examples, xy = sums[4] - sums[0] * sums[1] / n;
	double xx = sums[2] - sums[0] * sums[0] / n, yy = sums[3] - sums[1] * sums[1] / n;

	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

/* Five sums, of numbers that are centred first: squares would lose their digits. */
static int of_pearson(struct scoring *g, double *score)
{
	const size_t m = g->f->count;
	double *x = abl_calloc(2 * m, sizeof *x), *y = x + m, mean_x = 0, mean_y = 0;
	float *counts = room_for_counts(g, 5);
	int rc = 0;

	for (size_t i = 0; i < m && !rc; i++) {
		rc = read_pair(g, i, &x[i], &y[i]);
		mean_x += x[i] / (double)m;
		mean_y += y[i] / (double)m;
	}
	for (size_t i = 0; i < m && !rc; i++) {
		double a = x[i] - mean_x, b = y[i] - mean_y;
		float *c = counts + 5 * i;

		c[0] = (float)a, c[1] = (float)b;
		c[2] = (float)(a * a), c[3] = (float)(b * b), c[4] = (float)(a * b);
	}
	free(x);
	*score = rc ? NAN : pseudo_values(g, 5, pearson_of_sums, NULL);
	return rc;
}

/* ---- tags ---- */

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static double precision_of_sums(const double *sums, size_t width, size_t examples, void *data)
{
	return share(sums[0], sums[2]);
}

static double recall_of_sums(const double *sums, size_t width, size_t examples, void *data)
{
	return share(sums[0], sums[1]);
}

static const struct tag_metric {
	const char *name;
	enum abl_tag_unit unit;
	abl_metric_of_sums *metric;
} tag_metrics[] = {
	{"accuracy", ABL_TAG_WORDS, recall_of_sums},
	{"entity_f1", ABL_TAG_ENTITIES, f1_of_sums},
	{"precision", ABL_TAG_ENTITIES, precision_of_sums},
	{"recall", ABL_TAG_ENTITIES, recall_of_sums},
	{"entity_f1_strict", ABL_TAG_STRICT_ENTITIES, f1_of_sums},
};

static int of_tags(struct scoring *g, double *score)
{
	for (size_t i = 0; i < sizeof tag_metrics / sizeof *tag_metrics; i++) {
		const struct tag_metric *t = &tag_metrics[i];
		int rc;

		if (strcmp(t->name, g->s->metric) != 0)
			continue;
		rc = abl_example_tags(g->f, t->unit, room_for_counts(g, 3), g->err);
		*score = rc ? NAN : pseudo_values(g, 3, t->metric, NULL);
		return rc;
	}
	return no_values(g);
}

/* ---- which ---- */

static const struct metric {
	enum abl_predicted_form form;
	const char *name; /* NULL: any */
	bool tags, mark;  /* of words; each value is 0 or 1 */
	int (*values)(struct scoring *g, double *score);
	double digits; /* how far the file's numbers, and the store's, may be rounded */
} metrics[] = {
	{ABL_PREDICTED_CLASSES, "accuracy", false, true, of_right, 1e-9},
	{ABL_PREDICTED_CLASSES, "f1", false, false, of_f1, 1e-9},
	{ABL_PREDICTED_CLASSES, "f1_macro", false, false, of_macro, 1e-9},
	{ABL_PREDICTED_CLASSES, "matthews", false, false, of_matthews, 1e-9},
	{ABL_PREDICTED_CLASSES, NULL, true, false, of_tags, 1e-9},
	{ABL_PREDICTED_NUMBERS, "mse", false, false, of_squares, 1e-5},
	{ABL_PREDICTED_NUMBERS, "pearson", false, false, of_pearson, 1e-4},
	{ABL_PREDICTED_ANSWERS, "exact_match", false, true, of_numbers, 1e-5},
	{ABL_PREDICTED_ANSWERS, "exact", false, true, of_numbers, 1e-5},
	{ABL_PREDICTED_ANSWERS, "f1", false, false, of_numbers, 1e-5},
	{ABL_PREDICTED_MARKS, NULL, false, true, of_marks, .0051},
};

static const struct metric *find(const struct abl_example_scorer *s,
				 const struct abl_predicted_file *f)
{
	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
		if (metrics[i].form == f->form && metrics[i].tags == s->tags &&
		    (!metrics[i].name || !strcmp(metrics[i].name, s->metric)))
			return &metrics[i];
	return NULL;
}

bool abl_example_is_mark(const struct abl_example_scorer *s, const struct abl_predicted_file *f)
{
	const struct metric *m = find(s, f);

	return m && m->mark;
}

int abl_example_values(struct abl_example_scorer *s, const struct abl_predicted_file *f,
		       double told, float *out, struct abl_err *err)
{
	struct scoring g = {.s = s, .f = f, .told = told, .out = out, .err = err};
	const struct metric *m = find(s, f);
	char ours[32], theirs[32];
	double score, reach;
	int rc;

	if (!m)
		return no_values(&g);
	rc = m->values(&g, &score);
	if (rc)
		return rc;
	if (isnan(score))
		return abl_err_set(err, ABL_EINPUT, "%s: '%s' has no value without some example",
				   f->path, s->metric);
	reach = m->digits * fmax(1, s->own.scale > 0 ? s->own.scale : fabs(told));
	if (isnan(told) || fabs(score - told) <= reach)
		return 0;
	abl_format_real(score, ours);
	abl_format_real(told, theirs);
	return abl_err_set(err, ABL_EINPUT, "%s: its predictions give %s %s, the trial told %s",
			   f->path, s->metric, ours, theirs);
}

void abl_example_scorer_finish(struct abl_example_scorer *s)
{
	abl_str_finish(&s->own.names);
	free(s->own.name);
	free(s->own.slot);
	free(s->own.counts);
	*s = (struct abl_example_scorer){0};
}
