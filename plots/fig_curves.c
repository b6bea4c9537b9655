/* SPDX-License-Identifier: Apache-2.0 */
/* fig_curves.c - loss and dev metric by step, mean and spread over seeds per variant: which panels
 * there are. curve_panel.c draws one. */
#include "figure.h"

#include "chart.h"
#include "curve_panel.h"
#include "curves.h"
#include "facts.h"
#include "scores.h"
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_curves_gp[];

/* Scores while training, and the series that say on how much they stand: so many of so many. NULL:
 * on all of a split that the final score is not of. */
static const struct watched {
	const char *prefix, *some, *all, *what;
} watched[] = {
	{"dev_", "dev_watched", "dev_examples", "examples"},
	{"held_out_", "held_out_watched", "held_out_pairs", "sequences"},
	{"held_back_", NULL, NULL, NULL},
};
enum { WATCHED = sizeof watched / sizeof *watched, MOST_SERIES = 8 };

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static bool ends(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);

	return n >= m && !strcmp(text + n - m, tail);
}

static const struct watched *watched_of(const char *series)
{
	for (size_t i = 0; i < WATCHED; i++)
		if (begins(series, watched[i].prefix))
			return &watched[i];
	return NULL;
}

/* ---- the names of the series that a stage told ---- */

struct names {
	char **name;
	size_t count, capacity;
};

static void add_name(struct names *n, const char *name)
{
	abl_grow(&n->name, &n->capacity, n->count + 1, sizeof *n->name);
	n->name[n->count++] = abl_strdup(name);
}

static void hear_name(void *data, const char *name)
{
	for (size_t i = 0; i < WATCHED; i++)
		if (watched[i].some &&
		    (!strcmp(name, watched[i].some) || !strcmp(name, watched[i].all)))
			return;
	add_name(data, name);
}

static bool has_name(const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (!strcmp(n->name[i], name))
			return true;
	return false;
}

static void finish_names(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->name[i]);
	free(n->name);
}

/* ---- one series ---- */

struct bounds {
	double low, high;
};

static void widen(void *data, const struct abl_curve_point *p)
{
	struct bounds *b = data;

	b->low = fmin(b->low, p->value);
	b->high = fmax(b->high, p->value);
}

static void add_count(struct abl_str *out, double value)
{
	char text[32];

	abl_str_puts(out, abl_format_count((int64_t)value, text));
}

/* " on 100 of 1,000 dev examples", where that is known and true. A question about a long passage is
 * several sequences, which is what a stage counts. */
static int say_watched(struct abl_curves *k, const char *series, const char *split,
		       struct abl_str *title, struct abl_err *err)
{
	const struct watched *w = watched_of(series);
	struct bounds some = {INFINITY, -INFINITY}, all = some;
	int rc;

	if (!w || !w->some)
		k->metric = NULL;
	if (!k->metric) /* the split's full score is not known either */
		return 0;
	if ((rc = abl_read_curve(k->store, &k->from, w->some, widen, &some, err)) ||
	    (rc = abl_read_curve(k->store, &k->from, w->all, widen, &all, err)))
		return rc;
	if (some.low > some.high || all.low > all.high) {
		k->unsaid = true;
		return 0;
	}
	if (some.low >= all.high) { /* the last score may be of other weights than the final one */
		k->metric = NULL;
		return 0;
	}
	k->partly = true;
	abl_str_puts(title, " on ");
	add_count(title, some.low);
	if (some.high > some.low) {
		abl_str_puts(title, " to ");
		add_count(title, some.high);
	}
	abl_str_puts(title, " of ");
	add_count(title, all.high);
	abl_str_printf(title, " %s%s%s", split ? split : "", split ? " " : "",
		       all.high > k->examples ? "sequences" : w->what);
	return 0;
}

/* A panel of `series`; `metric` is the final score that it comes to, NULL: none. */
static int add_series(struct abl_curves *k, const char *stage, const char *what, const char *series,
		      const char *metric, const char *split, struct abl_err *err)
{
	struct abl_str title = {0};
	int rc;

	k->metric = metric;
	k->noisy = ends(series, "loss") && !watched_of(series);
	abl_str_printf(&title, "%s: %s", stage, what);
	if (!(rc = say_watched(k, series, split, &title, err)))
		rc = abl_curves_add_panel(k, series, title.text, err);
	abl_str_finish(&title);
	return rc;
}

/* ---- pre-training: a row of panels per objective ---- */

/* "mlm" of "mlm_loss" or "held_out_mlm_loss"; "" = the series is no objective's loss. */
static void objective_of(const char *series, struct abl_str *out)
{
	const char *from = begins(series, "held_out_") ? series + strlen("held_out_") : series;
	size_t n = strlen(from), tail = strlen("_loss");

	abl_str_clear(out);
	abl_str_puts(out, "");
	if (ends(from, "_loss") && n > tail)
		abl_str_add(out, from, n - tail);
}

/* Loss in training on the left, on held-out documents on the right. Stages of earlier versions told
 * the sum over objectives only: it is drawn where there is one objective. */
static int add_objective(struct abl_curves *k, const struct names *told, const char *name,
			 bool alone, struct abl_err *err)
{
	struct abl_str own = {0}, held_out = {0}, what = {0};
	int rc = 0;

	abl_str_printf(&own, "%s_loss", name);
	abl_str_printf(&held_out, "held_out_%s_loss", name);
	if (has_name(told, own.text)) {
		abl_str_printf(&what, "%s, training loss", name);
		rc = add_series(k, "pre-training", what.text, own.text, NULL, NULL, err);
	} else if (alone) {
		rc = add_series(k, "pre-training", "training loss", "loss", NULL, NULL, err);
	} else {
		k->summed = true;
	}
	abl_str_clear(&what);
	abl_str_printf(&what, "%s, held-out loss", name);
	if (!rc && has_name(told, held_out.text))
		rc = add_series(k, "pre-training", what.text, held_out.text, own.text, NULL, err);
	abl_str_finish(&own), abl_str_finish(&held_out), abl_str_finish(&what);
	return rc;
}

static int add_pretraining(struct abl_curves *k, struct abl_err *err)
{
	struct names told = {0}, objectives = {0};
	struct abl_str name = {0};
	int rc;

	k->from.role = "pretrain", k->from.task = NULL;
	rc = abl_read_curve_names(k->store, &k->from, hear_name, &told, err);
	for (size_t i = 0; i < told.count; i++) {
		objective_of(told.name[i], &name);
		if (name.length && !has_name(&objectives, name.text))
			add_name(&objectives, name.text);
	}
	for (size_t i = 0; !rc && i < objectives.count; i++)
		rc = add_objective(k, &told, objectives.name[i], objectives.count == 1, err);
	if (!rc && !objectives.count && has_name(&told, "loss"))
		rc = add_series(k, "pre-training", "training loss", "loss", NULL, NULL, err);
	abl_str_finish(&name);
	finish_names(&told), finish_names(&objectives);
	return rc;
}

/* ---- fine-tuning: loss, and what the task is scored by ---- */

/* The series beside the loss: the one that the task is scored by ("dev_accuracy"), else one that
 * was not measured on the training data either; NULL where there is none. */
static const char *second_of(const struct names *told, const char *metric)
{
	const char *best = NULL;

	for (size_t i = 0; i < told->count; i++) {
		const char *name = told->name[i];
		const struct watched *w = watched_of(name);

		if (w && !strcmp(name + strlen(w->prefix), metric))
			return name;
		best = w && !best ? name : best;
	}
	return best;
}

/* A user's program: the series that its study declares. */
static int add_program(struct abl_curves *k, const struct abl_fact_task *task, struct abl_err *err)
{
	struct names told = {0};
	int rc;

	k->from.role = "evaluate";
	rc = abl_read_curve_names(k->store, &k->from, hear_name, &told, err);
	for (size_t i = 0; !rc && i < told.count && i < MOST_SERIES; i++)
		rc = add_series(k, task->name, told.name[i], told.name[i], NULL, NULL, err);
	finish_names(&told);
	return rc;
}

struct scored {
	double majority; /* sum */
	size_t n;
	double examples; /* the most; NaN: not known */
};

static void take(void *data, const struct abl_read_trial *trial)
{
	struct scored *s = data;

	if (isfinite(trial->majority))
		s->majority += trial->majority, s->n++;
	s->examples = fmax(s->examples, trial->examples); /* NaN: the other */
}

/* What the task's metric is watched by, with what guessing gets of it. */
static int add_scores(struct abl_curves *k, const struct abl_fact_task *task, const char *series,
		      struct abl_err *err)
{
	const bool main = ends(series, task->metric);
	struct scored scored = {.examples = NAN};
	int rc = main ? abl_read_task_trials(k->store, k->facts->study, task->name, task->metric,
					     false, take, &scored, err)
		      : 0;

	k->majority = scored.n ? scored.majority / (double)scored.n : NAN;
	k->examples = scored.examples;
	if (!rc)
		rc = add_series(k, task->name, series, series, main ? task->metric : NULL,
				task->split, err);
	k->majority = k->examples = NAN;
	return rc;
}

static int add_task(struct abl_curves *k, const struct abl_fact_task *task, struct abl_err *err)
{
	struct names told = {0};
	const char *second;
	int rc;

	k->from.role = "finetune", k->from.task = task->name;
	rc = abl_read_curve_names(k->store, &k->from, hear_name, &told, err);
	if (!rc && has_name(&told, "loss"))
		rc = add_series(k, task->name, "training loss", "loss", NULL, NULL, err);
	second = second_of(&told, task->metric);
	if (!rc && second)
		rc = add_scores(k, task, second, err);
	if (!rc && !told.count)
		rc = add_program(k, task, err);
	finish_names(&told);
	return rc;
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct abl_facts f = {0};
	struct abl_curves k = {
		.chart = c, .store = store, .facts = &f, .majority = NAN, .examples = NAN};
	int rc;

	if ((rc = abl_facts_load(&f, store, r->study, r->metric, err)) ||
	    (rc = abl_curves_init(&k, err)))
		goto fail;
	c->columns = "step\tmean\tlow\thigh\tn\tnot smoothed";
	c->column_count = 6;
	c->grid = 2, c->left = 60, c->right = 40;
	abl_chart_title(c, "%s: training curves", r->study);
	if ((rc = add_pretraining(&k, err)))
		goto fail;
	for (size_t t = 0; t < f.tasks; t++)
		if ((rc = add_task(&k, &f.task[t], err)))
			goto fail;
	if (!c->panels)
		abl_str_puts(absent, "no stage of this study has reported a curve yet");
	else
		rc = abl_curves_end(&k, err);
fail:
	abl_curves_finish(&k);
	abl_facts_finish(&f);
	return rc;
}

const struct abl_figure abl_figure_curves = {
	.name = "curves",
	.help = "loss and dev metric by step: mean and spread over seeds per variant",
	.template = abl_file_curves_gp,
	.in_text = true,
	.collect = collect,
};
