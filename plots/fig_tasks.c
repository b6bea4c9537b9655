/* SPDX-License-Identifier: Apache-2.0 */
/* fig_tasks.c - the effect of each variant on each task as a heat map, where the tasks are too many
 * for a panel each in `effects`. */
#include "figure.h"

#include "chart.h"
#include "compare.h"
#include "facts.h"
#include "labels.h"
#include "lines.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_tasks_gp[];

enum { ROWS = 40, ROW_HEIGHT = 24, LEAST_CELL = 52, LETTER = 7, SHADES = 3, HEADING = 24 };

struct map {
	struct abl_chart *chart;
	struct abl_facts facts;
	struct abl_lines lines;
	const struct abl_analysis *analysis;
	const struct abl_effect **row; /* [rows] of the primary rows, the worst first */
	size_t rows;
	bool *drawn;
	bool lost, told;
	size_t least, most;
};

static int by_size(const void *a, const void *b)
{
	const struct abl_effect *const *e = a, *const *f = b;
	const double x = fabs((*e)->t.estimate), y = fabs((*f)->t.estimate);

	return isnan(x) - isnan(y) ? isnan(x) - isnan(y) : (x < y) - (x > y);
}

static int by_effect(const void *a, const void *b)
{
	const struct abl_effect *const *e = a, *const *f = b;
	const double x = (*e)->t.estimate, y = (*f)->t.estimate;

	return isnan(x) - isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

/* Once for each variant, though it may have two primary rows, on two tasks, or none. */
static void add_rows(struct map *m, const struct abl_comparison *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		bool known = !isfinite(e->t.estimate) && e->arm.pending;

		for (size_t k = 0; k < m->rows && !known; k++)
			known = !strcmp(m->row[k]->arm.label, e->arm.label);
		if (!known)
			m->row[m->rows++] = e;
	}
}

static void sort_rows(struct map *m)
{
	const struct abl_comparison *all = m->analysis->all;
	size_t room = all->count + 1;

	for (size_t t = 0; t < m->analysis->tasks; t++)
		room += m->analysis->task[t]->count;
	m->row = abl_calloc(room, sizeof *m->row);
	add_rows(m, all);
	for (size_t t = 0; t < m->analysis->tasks; t++)
		add_rows(m, m->analysis->task[t]);
	qsort(m->row, m->rows, sizeof *m->row, by_size);
	m->rows = m->rows < ROWS ? m->rows : ROWS;
	qsort(m->row, m->rows, sizeof *m->row, by_effect);
	for (size_t i = 0; all->lower_is_better && i < m->rows / 2; i++) {
		const struct abl_effect *swap = m->row[i];

		m->row[i] = m->row[m->rows - 1 - i];
		m->row[m->rows - 1 - i] = swap;
	}
}

static const struct abl_effect *find(const struct abl_comparison *c, const char *label)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->effect[i].arm.label, label))
			return &c->effect[i];
	return NULL;
}

/* The effect of the darkest shade: the largest of all tasks, or of this one where they are not
 * scored alike. */
static double scale_of(const struct map *m, const struct abl_comparison *own)
{
	const bool alike = strcmp(m->analysis->all->metric, "points") != 0;
	double *value, limit, most = 0;
	size_t n = 0;

	value = abl_calloc(m->analysis->tasks * m->analysis->all->count + 1, sizeof *value);
	for (int pass = 0; pass < 2; pass++) {
		limit = pass ? abl_chart_limit(value, n) : INFINITY;
		for (size_t t = 0; t < m->analysis->tasks; t++) {
			const struct abl_comparison *c = m->analysis->task[t];

			for (size_t i = 0; i < c->count && (alike || c == own); i++)
				if (!pass && n < m->analysis->tasks * m->analysis->all->count)
					value[n++] = c->effect[i].t.estimate;
				else if (pass && fabs(c->effect[i].t.estimate) <= limit)
					most = fmax(most, fabs(c->effect[i].t.estimate));
		}
	}
	free(value);
	return most;
}

/* From -3, worse, to 3. */
static double shade_of(const struct abl_comparison *c, const struct abl_effect *e, double scale)
{
	const double share = e->t.estimate / scale * (c->lower_is_better ? -1 : 1);

	if (!isfinite(share) || fabs(share) < .08)
		return 0;
	return copysign(fmin(ceil(fabs(share) * SHADES), SHADES), share);
}

static void add_cell(struct map *m, const struct abl_comparison *c, const char *label,
		     size_t column)
{
	const struct abl_effect *e = find(c, label);
	struct abl_str text = {0};
	char number[32];

	if (!e || !isfinite(e->t.estimate)) {
		abl_chart_add_text(m->chart, e && !e->arm.pending ? "–" : "");
		abl_chart_add_row(m->chart, (double[]){(double)column, NAN, NAN, NAN, 0, 0, 0});
		return;
	}
	abl_str_puts(&text, abl_format_signed(e->t.estimate, abl_effect_digits(c, e), number));
	if (abl_is_decided(e))
		abl_str_puts(&text, "*"), m->told = true;
	if (e->arm.failed + e->arm.diverged + e->arm.collapsed)
		abl_str_puts(&text, "×"), m->lost = true;
	abl_chart_add_text(m->chart, text.text);
	abl_chart_add_row(m->chart, (double[]){(double)column, e->t.estimate, e->t.low, e->t.high,
					       abl_is_decided(e), (double)e->n,
					       shade_of(c, e, scale_of(m, c))});
	m->least = !m->least || e->n < m->least ? e->n : m->least;
	m->most = e->n > m->most ? e->n : m->most;
	abl_str_finish(&text);
}

/* The letters that a heading may have, and the rows that headings take above the cells. */
static size_t put_headings(struct map *m, size_t first, size_t last)
{
	const size_t cell = (size_t)m->chart->panel_width / (last - first) / LETTER;
	const char **name = abl_calloc(last - first, sizeof *name);
	size_t longest = 0;
	char **label;

	for (size_t t = first; t < last; t++)
		name[t - first] = m->analysis->task[t]->task;
	label = abl_labels_shorten(name, last - first, HEADING, NULL);
	for (size_t t = first; t < last; t++) {
		const size_t letters = abl_utf8_cells(label[t - first]);

		longest = letters > longest ? letters : longest;
		abl_chart_add_cell(m->chart, label[t - first]);
	}
	abl_labels_destroy(label, last - first);
	free(name);
	/* one row where they fit side by side, else they are turned */
	return longest < cell ? 1 : (longest * LETTER + ROW_HEIGHT) / ROW_HEIGHT + 1;
}

static void add_panel(struct map *m, size_t first, size_t last)
{
	struct abl_chart *c = m->chart;
	struct abl_str title = {0};
	struct abl_chart_panel *p;
	size_t above;

	abl_str_printf(&title, "%s",
		       strcmp(m->analysis->all->metric, "points") ? m->analysis->all->metric
								  : "each task's own metric");
	if (first || last < m->analysis->tasks)
		abl_str_printf(&title, ", tasks %zu to %zu of %zu", first + 1, last,
			       m->analysis->tasks);
	abl_chart_add_panel(c, title.text, "", "", 0);
	above = put_headings(m, first, last);
	p = &c->panel[c->panels - 1];
	p->height = (int)(m->rows + above) * ROW_HEIGHT;
	p->x.low = -.5, p->x.high = (double)(last - first) - .5;
	p->y.low = 0, p->y.high = (double)(m->rows + above);
	for (size_t i = 0; i < m->rows; i++) {
		const char *label = m->row[i]->arm.label;
		size_t at = 0;

		while (at + 1 < m->facts.variants && strcmp(m->facts.variant[at].label, label))
			at++;
		abl_chart_add_series(c, 0, m->lines.label[at], "");
		c->series[c->series_count - 1].at = (double)(m->rows - i) - .5;
		c->series[c->series_count - 1].name = abl_strdup(label);
		m->drawn[at] = true;
		for (size_t t = first; t < last; t++)
			add_cell(m, m->analysis->task[t], label, t - first);
	}
	abl_str_finish(&title);
}

static void draw(struct map *m)
{
	struct abl_chart *c = m->chart;
	const size_t tasks = m->analysis->tasks;
	size_t room, panels, each;

	sort_rows(m);
	for (size_t v = 0; v < m->facts.variants; v++) {
		const int needed = abl_chart_label_width(m->lines.label[v]);

		c->left = needed > c->left ? needed : c->left;
	}
	c->panel_width = c->width - c->left - c->right - 18;
	room = c->panel_width > LEAST_CELL ? (size_t)c->panel_width / LEAST_CELL : 1;
	panels = (tasks + room - 1) / room;
	each = (tasks + panels - 1) / panels;
	for (size_t first = 0; first < tasks; first += each)
		add_panel(m, first, first + each < tasks ? first + each : tasks);
}

static void caption(const struct map *m)
{
	struct abl_chart *c = m->chart;

	abl_chart_caption_n(c, m->least, m->most, "pair", " per cell. Number: variant − baseline.");
	abl_chart_caption(c, "Blue: better, orange: worse; three shades up to the largest%s.",
			  strcmp(m->analysis->all->metric, "points") ? "" : " of a task");
	if (m->told)
		abl_chart_caption(
			c, "*: told apart from the baseline (paired t, %s over all cells).",
			m->analysis->task[0]->by_rate ? "Benjamini and Hochberg" : "Holm");
	if (m->lost)
		abl_chart_caption(c, "×: some of its runs failed, diverged or collapsed.");
	if (m->analysis->interim)
		abl_chart_caption(c, "Interim: planned seeds are missing.");
	if (m->lines.legend.length)
		abl_chart_caption(c, "%s", m->lines.legend.text);
	abl_lines_caption_left_out(c, "variant", m->lines.label, m->drawn, m->lines.count);
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct abl_analysis *a = NULL;
	struct map m = {.chart = c};
	int rc;

	if ((rc = abl_facts_load(&m.facts, store, r->study, r->metric, err)) ||
	    (rc = abl_lines_load(&m.lines, store, &m.facts, abl_chart_label_room(c), err)) ||
	    (rc = abl_lines_analyse(&a, store, m.facts.study, r->metric, absent, err)) ||
	    absent->length)
		goto fail;
	m.analysis = a;
	m.drawn = abl_calloc(m.facts.variants, sizeof *m.drawn);
	m.drawn[0] = true;
	c->kind = ABL_CHART_CELLS;
	c->columns = "task\teffect\tlow\thigh\ttold apart\tn\tshade";
	c->column_count = 7;
	c->grid = 1, c->left = 60, c->right = 10;
	abl_chart_title(c, "%s: effects by task", r->study);
	if (a->tasks <= ABL_FIGURE_TASKS)
		abl_str_printf(absent, "up to %d tasks are drawn by the figure effects",
			       ABL_FIGURE_TASKS);
	else
		draw(&m);
	if (!m.most && !absent->length)
		abl_str_puts(absent, "no variant has a score of a seed that the baseline has one "
				     "of");
	caption(&m);
fail:
	abl_analysis_destroy(a);
	free(m.row), free(m.drawn);
	abl_lines_finish(&m.lines);
	abl_facts_finish(&m.facts);
	return rc;
}

const struct abl_figure abl_figure_tasks = {
	.name = "tasks",
	.help = "effect of each variant on each task, as a heat map where there are many tasks",
	.template = abl_file_tasks_gp,
	.collect = collect,
};
