/* SPDX-License-Identifier: Apache-2.0 */
/* fig_pareto.c - quality against cost, a point per variant, with the front: what nothing cheaper is
 * as good as. */
#include "figure.h"

#include "chart.h"
#include "cost.h"
#include "facts.h"
#include "lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_pareto_gp[];

enum { MANY_TASKS = 4, HEIGHT = 230 };

static const struct axis {
	enum abl_cost cost;
	const char *title;
} axes[] = {
	{ABL_COST_PARAMETERS, "parameters"},
	{ABL_COST_FLOPS, "floating point operations of training"},
	{ABL_COST_CPU_SECONDS, "CPU seconds of training"},
	{ABL_COST_SECONDS, "seconds of training"},
};

struct pareto {
	struct abl_chart *chart;
	struct abl_facts facts;
	struct abl_lines lines;
	bool *drawn;        /* [variants] */
	size_t least, most; /* units of a point */
	double limit;       /* of the axis of quality */
	bool intervals, by_pretraining, cut;
};

static bool is_known(const struct abl_cost_row *r, enum abl_cost cost)
{
	return isfinite(r->quality.estimate) && isfinite(r->cost[cost].estimate);
}

/* Do at least two variants differ in it by more than a thousandth? */
static bool varies(const struct abl_cost_table *t, enum abl_cost cost)
{
	struct abl_chart_range r = {INFINITY, -INFINITY, false};

	for (size_t i = 0; i < t->count; i++)
		if (is_known(&t->row[i], cost))
			abl_chart_see(&r, t->row[i].cost[cost].estimate);
	return r.high > r.low * 1.001;
}

static size_t variant_of(const struct abl_facts *f, const char *label)
{
	for (size_t i = 0; i < f->variants; i++)
		if (!strcmp(f->variant[i].label, label))
			return i;
	return 0;
}

static void add_point(struct pareto *f, const struct abl_cost_row *r, enum abl_cost cost)
{
	const size_t at = variant_of(&f->facts, r->label);
	const bool named = f->lines.style[at] != ABL_LINES_GREY || r->pareto[cost];
	const double row[] = {r->cost[cost].estimate, r->quality.estimate, r->cost[cost].low,
			      r->cost[cost].high,     r->quality.low,      r->quality.high,
			      r->pareto[cost]};
	struct abl_chart *c = f->chart;
	struct abl_chart_panel *p = &c->panel[c->panels - 1];
	struct abl_chart_series *s =
		abl_chart_add_series(c, f->lines.style[at], named ? f->lines.label[at] : "", "");
	const int room = abl_chart_label_width(s->label);

	s->name = abl_strdup(r->label);
	abl_chart_add_row(c, row);
	for (int k = 0; k < 6; k++) /* no cost is below zero, whatever its interval */
		if (k == 0 || k == 2 || k == 3)
			abl_chart_see(&p->x, k == 2 ? fmax(row[k], 0) : row[k]);
		else if (fabs(row[k]) <= f->limit)
			abl_chart_see(&p->y, row[k]);
	f->cut |= fabs(row[1]) > f->limit;
	c->right = room > c->right ? room : c->right;
	f->drawn[at] = true;
	f->intervals |= isfinite(row[4]);
	f->least = !f->least || r->n < f->least ? r->n : f->least;
	f->most = r->n > f->most ? r->n : f->most;
}

static int by_cost(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (x[0] > y[0]) - (x[0] < y[0]);
}

/* A series without a name, from the cheapest to the dearest. */
static void add_front(struct pareto *f, const struct abl_cost_table *t, enum abl_cost cost)
{
	double(*row)[ABL_CHART_COLUMNS] = abl_calloc(t->count, sizeof *row);
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		if (is_known(&t->row[i], cost) && t->row[i].pareto[cost]) {
			for (int k = 2; k < ABL_CHART_COLUMNS; k++)
				row[n][k] = NAN;
			row[n][0] = t->row[i].cost[cost].estimate;
			row[n++][1] = t->row[i].quality.estimate;
		}
	qsort(row, n, sizeof *row, by_cost);
	abl_chart_add_series(f->chart, ABL_LINES_GREY, "", "")->thin = true;
	f->chart->series[f->chart->series_count - 1].name = abl_strdup("front");
	for (size_t i = 0; i < n; i++)
		abl_chart_add_row(f->chart, row[i]);
	free(row);
}

static double limit_of(const struct abl_cost_table *t)
{
	double *value = abl_calloc(t->count, sizeof *value), limit;

	for (size_t i = 0; i < t->count; i++)
		value[i] = t->row[i].quality.estimate;
	limit = abl_chart_limit(value, t->count);
	free(value);
	return limit;
}

static void add_panel(struct pareto *f, const struct abl_cost_table *t, const struct axis *axis)
{
	struct abl_str title = {0}, y_title = {0};
	struct abl_chart_panel *p;

	abl_str_printf(&title, "%s: %s", t->task, axis->title);
	abl_str_printf(&y_title, "%s%s%s", t->metric, t->split ? " on " : "",
		       t->split ? t->split : "");
	abl_chart_add_panel(f->chart, title.text, axis->title, y_title.text, HEIGHT);
	f->limit = limit_of(t);
	add_front(f, t, axis->cost);
	for (size_t i = 0; i < t->count; i++)
		if (is_known(&t->row[i], axis->cost))
			add_point(f, &t->row[i], axis->cost);
	p = &f->chart->panel[f->chart->panels - 1];
	p->x.log = p->x.low > 0 && p->x.high / p->x.low >= 5;
	abl_chart_widen(&p->x, .08);
	p->x.low = p->x.log ? p->x.low : fmax(p->x.low, 0);
	abl_chart_widen(&p->y, .08);
	abl_str_finish(&title), abl_str_finish(&y_title);
}

static int add_task(struct pareto *f, struct abl_store *store, const char *task,
		    struct abl_err *err)
{
	struct abl_cost_table *t = NULL;
	bool cpu = false;
	int rc = abl_costs(&t, store, f->facts.study, task, err);

	for (size_t i = 0; !rc && i < sizeof axes / sizeof *axes; i++) {
		const bool main = f->facts.tasks <= MANY_TASKS || axes[i].cost == t->main;

		/* wall seconds say less than CPU seconds */
		if (!main || !varies(t, axes[i].cost) || (axes[i].cost == ABL_COST_SECONDS && cpu))
			continue;
		cpu |= axes[i].cost == ABL_COST_CPU_SECONDS;
		add_panel(f, t, &axes[i]);
		f->by_pretraining |= t->by_pretraining;
	}
	abl_cost_table_destroy(t);
	return rc;
}

static void caption(const struct pareto *f)
{
	struct abl_chart *c = f->chart;

	abl_chart_caption_n(c, f->least, f->most, f->by_pretraining ? "pre-training" : "seed",
			    " per point.");
	abl_chart_caption(c, "Point: mean%s.",
			  f->intervals ? "; bars: 95 % t intervals of the means" : "");
	abl_chart_caption(c, "Stepped line: the front; nothing on its cheaper side is as good, by "
			     "the means. Filled: on the front.");
	if (f->cut)
		abl_chart_caption(c, "What is a hundred times as large as the others is cut off.");
	if (f->lines.legend.length)
		abl_chart_caption(c, "%s", f->lines.legend.text);
	abl_lines_caption_left_out(c, "variant", f->lines.label, f->drawn, f->lines.count);
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct pareto f = {.chart = c};
	int rc;

	if ((rc = abl_facts_load(&f.facts, store, r->study, r->metric, err)) ||
	    (rc = abl_lines_load(&f.lines, store, &f.facts, abl_chart_label_room(c), err)))
		goto fail;
	f.drawn = abl_calloc(f.facts.variants, sizeof *f.drawn);
	c->kind = ABL_CHART_POINTS;
	c->columns = "cost\tmean\tcost low\tcost high\tlow\thigh\tfront";
	c->column_count = 7;
	c->grid = 3, c->left = 60, c->right = 30;
	abl_chart_title(c, "%s: quality against cost", r->study);
	for (size_t t = 0; f.facts.main_metric && t < f.facts.tasks && !rc; t++)
		rc = add_task(&f, store, f.facts.task[t].name, err);
	abl_chart_make_left(c);
	abl_chart_fit(c);
	abl_chart_add_tics(c);
	abl_chart_place_labels(c, 16);
	caption(&f);
	if (!f.facts.main_metric)
		abl_str_puts(absent, "costs stand beside a task's main metric, which this is not");
	else if (!rc && !c->panels)
		abl_str_puts(absent, "no two finished variants differ in what they cost");
fail:
	free(f.drawn);
	abl_lines_finish(&f.lines);
	abl_facts_finish(&f.facts);
	return rc;
}

const struct abl_figure abl_figure_pareto = {
	.name = "pareto",
	.help = "quality against parameters, operations and seconds, with the front",
	.template = abl_file_pareto_gp,
	.collect = collect,
};
