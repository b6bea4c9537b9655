/* SPDX-License-Identifier: Apache-2.0 */
/* fig_effects.c - the difference of each variant to the baseline with its interval, sorted. */
#include "figure.h"

#include "chart.h"
#include "compare.h"
#include "facts.h"
#include "labels.h"
#include "lines.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_effects_gp[];

enum { ROWS = 30, ROW_HEIGHT = 26, NARROW_HEIGHT = 44, MARGIN = 14, SHARED = 8, NARROW_LABEL = 22 };

struct effects {
	struct abl_chart *chart;
	struct abl_facts facts;
	struct abl_lines lines;
	bool *drawn;        /* [variants] in some panel */
	size_t least, most; /* pairs of an effect */
	bool verdicts, no_verdicts, by_pretraining, diverged, fewer;
	bool left_out, lost, interim, by_rate;
	int verdict_from; /* pairs */
	size_t not_drawn; /* tasks, of which figure `tasks` has a map */
	double limit;     /* of the panel's axis */
	bool cut;         /* an effect is beyond it */
};

static int by_effect(const void *a, const void *b)
{
	const struct abl_effect *const *e = a, *const *f = b;

	return ((*e)->t.estimate > (*f)->t.estimate) - ((*e)->t.estimate < (*f)->t.estimate);
}

static int by_size(const void *a, const void *b)
{
	const struct abl_effect *const *e = a, *const *f = b;
	double x = fabs((*e)->t.estimate), y = fabs((*f)->t.estimate);

	return (x < y) - (x > y);
}

static bool has_estimate(const struct abl_effect *e)
{
	return isfinite(e->t.estimate);
}

/* Nothing came out, and nothing will: worth a row without a point. */
static bool is_lost(const struct abl_effect *e)
{
	return !has_estimate(e) && !e->arm.pending && e->arm.planned;
}

/* The rows of a table, the worst first; only the largest ones where there are too many. Then those
 * that came to nothing. */
static size_t sorted(const struct abl_comparison *c, const struct abl_effect **out, bool *left_out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		if (has_estimate(&c->effect[i]))
			out[n++] = &c->effect[i];
	if (n > ROWS) {
		qsort(out, n, sizeof *out, by_size);
		*left_out = true;
		n = ROWS;
	}
	qsort(out, n, sizeof *out, by_effect);
	for (size_t i = 0; c->lower_is_better && i < n / 2; i++) {
		const struct abl_effect *swap = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = swap;
	}
	for (size_t i = 0; i < c->count && n < 2 * ROWS; i++)
		if (is_lost(&c->effect[i]))
			out[n++] = &c->effect[i];
	return n;
}

/* Is its variant among them? Two primary rows may be of one, on two tasks. */
static bool is_among(const struct abl_effect *e, const struct abl_effect *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i]->arm.label, e->arm.label))
			return true;
	return false;
}

static bool is_drawn(const struct abl_effect *e)
{
	return has_estimate(e) || is_lost(e);
}

/* The rows of a task in the order of another table, so that a variant is looked for at the same
 * place; those that are not in it, which has no primary row of theirs, come last. */
static size_t ordered(const struct abl_comparison *c, const struct abl_effect *const *like,
		      size_t count, const struct abl_effect **out)
{
	size_t n = 0;

	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < c->count && !is_among(like[k], like, k); i++)
			if (!strcmp(c->effect[i].arm.label, like[k]->arm.label) &&
			    is_drawn(&c->effect[i]))
				out[n++] = &c->effect[i];
	for (size_t i = 0; i < c->count && n < ROWS; i++)
		if (!is_among(&c->effect[i], like, count) && is_drawn(&c->effect[i]))
			out[n++] = &c->effect[i];
	return n;
}

/* "-.061 [-.079, -.043]", with the number of pairs where others of the panel have more. */
static void note(const struct abl_comparison *k, const struct abl_effect *e, size_t most,
		 struct abl_str *out)
{
	const struct abl_digits digits = abl_effect_digits(k, e);
	char text[3][32];

	if (!has_estimate(e)) {
		const int failed = e->arm.failed + e->arm.diverged;

		if (failed == e->arm.planned)
			abl_str_printf(out, failed == 1 ? "its seed failed" : "all %d seeds failed",
				       failed);
		else
			abl_str_puts(out, "no seed in common with the baseline");
		return;
	}
	abl_str_puts(out, abl_format_signed(e->t.estimate, digits, text[0]));
	if (isfinite(e->t.low))
		abl_str_printf(out, " [%s, %s]", abl_format_signed(e->t.low, digits, text[1]),
			       abl_format_signed(e->t.high, digits, text[2]));
	if (e->n < most)
		abl_str_printf(out, "  n = %zu", e->n);
	if (e->arm.failed + e->arm.diverged)
		abl_str_printf(out, "  %d failed", e->arm.failed + e->arm.diverged);
	if (e->arm.collapsed)
		abl_str_printf(out, "  %d collapsed", e->arm.collapsed);
}

static int variant_of(const struct abl_facts *f, const char *label)
{
	for (size_t i = 0; i < f->variants; i++)
		if (!strcmp(f->variant[i].label, label))
			return (int)i;
	return 0;
}

static void make_room(int *room, int needed)
{
	*room = *room > needed ? *room : needed;
}

/* The row's numbers, again for each pair. */
static void add_pairs(struct effects *f, const struct abl_effect *e)
{
	struct abl_chart *c = f->chart;
	const bool decided = abl_is_decided(e);

	for (size_t i = 0; i < e->n || i == 0; i++) {
		const double row[] = {e->t.estimate, e->t.low,
				      e->t.high,     decided,
				      (double)e->n,  i < e->n ? e->difference[i] : NAN};

		abl_chart_add_row(c, row);
		for (int column = 0; column < 6; column = column == 2 ? 5 : column + 1)
			if (fabs(row[column]) <= f->limit)
				abl_chart_see(&c->panel[c->panels - 1].x, row[column]);
	}
}

/* Caller frees. */
static char *name_of(const struct abl_effect *e)
{
	struct abl_str out = {0};

	abl_compare_name_as(e->arm.label, e, &out);
	return out.text;
}

static void add_row(struct effects *f, const struct abl_comparison *k, const struct abl_effect *e,
		    double place, size_t most)
{
	const int at = variant_of(&f->facts, e->arm.label);
	const bool lost = e->arm.failed + e->arm.diverged + e->arm.collapsed > 0;
	struct abl_chart *c = f->chart;
	struct abl_chart_series *s;
	struct abl_str right = {0}, left = {0};

	if (isfinite(e->t.estimate) && fabs(e->t.estimate) > f->limit) {
		f->cut = true;
		abl_str_puts(&right, e->t.estimate > 0 ? "→ " : "← ");
	}
	note(k, e, most, &right);
	abl_compare_name_as(f->lines.label[at], e, &left);
	s = abl_chart_add_series(c, f->lines.style[at], left.text, right.text);
	s->at = place;
	s->name = name_of(e);
	s->end = lost ? ABL_END_CROSS : ABL_END_OPEN;
	add_pairs(f, e);
	if (!c->narrow) {
		make_room(&c->left, abl_chart_label_width(left.text) + MARGIN);
		make_room(&c->right, abl_chart_label_width(right.text));
	}
	f->drawn[at] = true;
	f->lost |= lost;
	abl_str_finish(&right), abl_str_finish(&left);
	if (!has_estimate(e))
		return;
	f->fewer |= e->n < most;
	f->least = !f->least || e->n < f->least ? e->n : f->least;
	f->most = e->n > f->most ? e->n : f->most;
	f->by_pretraining |= e->by_pretraining;
	f->diverged |= e->arm.diverged > 0 && k->majority_known;
	f->verdicts |= abl_has_verdict(e);
	f->no_verdicts |= e->decision == ABL_DECISION_VALUES;
}

static double limit_of(const struct abl_comparison *k, const struct abl_effect *const *e, size_t n)
{
	double *mean = abl_calloc(n + 1, sizeof *mean), limit;

	for (size_t i = 0; i < n; i++)
		mean[i] = e[i]->arm.mean;
	mean[n] = k->baseline.mean;
	limit = abl_chart_limit(mean, n + 1);
	free(mean);
	return limit;
}

static void add_panel(struct effects *f, const struct abl_comparison *k,
		      const struct abl_effect **e, size_t n)
{
	struct abl_str title = {0}, axis = {0};
	const char *gap = f->chart->narrow ? "  " : "     ";
	struct abl_chart_panel *p;
	size_t most = 0;
	char score[32];

	abl_compare_subject(k, &title);
	abl_str_printf(&title, ": %s%s%s, baseline %s%s%s", k->metric, k->split ? " on " : "",
		       k->split ? k->split : "",
		       abl_format_digits(k->baseline.mean, abl_baseline_digits(k), score),
		       k->label ? ", " : "", k->label ? k->label : "");
	abl_str_printf(&axis, "← %s%s%s: variant − baseline%s%s →",
		       k->lower_is_better ? "better" : "worse", gap, k->metric, gap,
		       k->lower_is_better ? "worse" : "better");
	p = abl_chart_add_panel(f->chart, title.text, axis.text, "",
				(int)n * (f->chart->narrow ? NARROW_HEIGHT : ROW_HEIGHT));
	p->y.low = 0, p->y.high = 1;
	abl_chart_see(&p->x, 0);
	for (size_t i = 0; i < n; i++)
		most = e[i]->n > most ? e[i]->n : most;
	f->limit = limit_of(k, e, n);
	for (size_t i = 0; i < n; i++)
		add_row(f, k, e[i], 1 - ((double)i + (f->chart->narrow ? .75 : .5)) / (double)n,
			most);
	abl_str_finish(&title), abl_str_finish(&axis);
}

static bool is_shared(const struct abl_chart_panel *a, const struct abl_chart_panel *b)
{
	const double mine = a->x.high - a->x.low, its = b->x.high - b->x.low;

	return !strcmp(a->x_title, b->x_title) && mine < SHARED * its && its < SHARED * mine;
}

/* Tasks scored alike share their axis, so that zero lines and lengths compare at a glance, unless
 * that of one would flatten the other. */
static void share_axes(struct abl_chart *c)
{
	struct abl_chart_range *own = abl_calloc(c->panels, sizeof *own);

	for (size_t p = 0; p < c->panels; p++) {
		own[p] = c->panel[p].x;
		for (size_t q = 0; q < c->panels; q++)
			if (is_shared(&c->panel[p], &c->panel[q])) {
				abl_chart_see(&own[p], c->panel[q].x.low);
				abl_chart_see(&own[p], c->panel[q].x.high);
			}
	}
	for (size_t p = 0; p < c->panels; p++) {
		c->panel[p].x = own[p];
		abl_chart_widen(&c->panel[p].x, .06);
	}
	free(own);
}

static void caption(const struct effects *f)
{
	struct abl_chart *c = f->chart;

	if (f->most) {
		abl_chart_caption_n(c, f->least, f->most, "pair",
				    f->by_pretraining
					    ? " (of pre-trainings where the variant has its own)."
					    : " of seeds.");
		abl_chart_caption(
			c, f->most > 1 ? "Point: mean difference, faint: each pair; bar: 95 %% "
					 "t interval, paired."
				       : "Point: the difference; one pair has no interval.");
	}
	if (f->fewer)
		abl_chart_caption(c, "A row with fewer pairs than others says how many.");
	if (f->verdicts)
		abl_chart_caption(c, "Filled: different from the baseline (paired t, corrected, "
				     "p < .05); hollow: not resolved or no verdict.");
	if (f->no_verdicts)
		abl_chart_caption(c, "Fewer than %d pairs: values only, hollow, no verdict.",
				  f->verdict_from);
	if (f->interim)
		abl_chart_caption(c, "Interim: planned seeds are missing.");
	if (f->lost)
		abl_chart_caption(c, "×: some of its runs failed, diverged or collapsed.");
	if (f->not_drawn)
		abl_chart_caption(c, "Figure `tasks` has the %zu tasks one by one.", f->not_drawn);
	if (f->cut)
		abl_chart_caption(c, "An arrow: the effect lies far beyond the axis.");
	if (f->diverged)
		abl_chart_caption(c, "Diverged runs count as the majority predictor.");
	if (f->lines.left_out)
		abl_chart_caption(c,
				  "Grey: there are %d colours, for the baseline and the "
				  "variants farthest from it.",
				  ABL_LINES_MAX);
	if (f->lines.legend.length)
		abl_chart_caption(c, "%s", f->lines.legend.text);
	if (f->left_out)
		abl_chart_caption(c, "The %d largest effects of a task are drawn.", ROWS);
	abl_lines_caption_left_out(c, f->left_out ? "variant" : "unfinished variant",
				   f->lines.label, f->drawn, f->lines.count);
}

static const char *why_not(const struct effects *f)
{
	if (f->facts.variants < 2)
		return "this study has no variant besides the baseline";
	if (f->lost)
		return "all runs of every variant, or of the baseline, failed";
	return "no variant has a score of a seed that the baseline has one of";
}

/* Primary rows first, then task by task where those are few. */
static void add_tables(struct effects *f, const struct abl_analysis *a)
{
	const struct abl_effect **all = abl_calloc(a->all->count + 1, sizeof *all), **own;
	const size_t n = sorted(a->all, all, &f->left_out);

	if (n)
		add_panel(f, a->all, all, n);
	for (size_t t = 0; t < a->tasks && a->all->by_task && a->tasks <= ABL_FIGURE_TASKS; t++) {
		size_t of_task;

		own = abl_calloc(a->task[t]->count + 1, sizeof *own);
		of_task = ordered(a->task[t], all, n, own);
		if (of_task)
			add_panel(f, a->task[t], own, of_task);
		free(own);
	}
	f->not_drawn = a->tasks > ABL_FIGURE_TASKS ? a->tasks : 0;
	f->interim = a->interim;
	f->verdict_from = a->all->verdict_from;
	free(all);
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct effects f = {.chart = c};
	struct abl_analysis *a = NULL;
	int rc;

	if ((rc = abl_facts_load(&f.facts, store, r->study, r->metric, err)) ||
	    (rc = abl_lines_load(&f.lines, store, &f.facts,
				 c->narrow ? NARROW_LABEL : ABL_LABEL_ROOM, err)) ||
	    (rc = abl_lines_analyse(&a, store, f.facts.study, r->metric, absent, err)) ||
	    absent->length)
		goto fail;
	f.drawn = abl_calloc(f.facts.variants, sizeof *f.drawn);
	f.drawn[0] = true; /* the baseline is the line at 0 */
	c->columns = "effect\tlow\thigh\ttold apart\tn\tpair";
	c->column_count = 6;
	c->kind = ABL_CHART_ROWS;
	c->grid = 1, c->left = c->narrow ? MARGIN : 120, c->right = c->narrow ? 4 : 190;
	abl_chart_title(c, "%s: difference to the baseline", r->study);
	add_tables(&f, a);
	share_axes(c);
	abl_chart_fit(c);
	abl_chart_add_tics(c);
	caption(&f);
	if (!f.most)
		abl_str_puts(absent, why_not(&f));
fail:
	abl_analysis_destroy(a);
	free(f.drawn);
	abl_lines_finish(&f.lines);
	abl_facts_finish(&f.facts);
	return rc;
}

const struct abl_figure abl_figure_effects = {
	.name = "effects",
	.help = "difference to the baseline with its 95 % interval and its pairs, sorted",
	.template = abl_file_effects_gp,
	.in_text = true,
	.collect = collect,
};
