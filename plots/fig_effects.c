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

enum { ROWS = 30, ROW_HEIGHT = 26, MARGIN = 14, SHARED = 8 };

struct effects {
	struct abl_chart *chart;
	struct abl_facts facts;
	struct abl_lines lines;
	bool *drawn;        /* [variants] in some panel */
	size_t least, most; /* pairs of an effect */
	bool verdicts, no_verdicts, by_pretraining, diverged, fewer;
	bool left_out;
	double limit; /* of the panel's axis */
	bool cut;     /* an effect is beyond it */
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

/* The effects that there are, the worst first; only the largest ones where there are too many. Then
 * those that came to nothing. */
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
	for (size_t i = 0; i < c->count; i++)
		if (is_lost(&c->effect[i]))
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

static void add_row(struct effects *f, const struct abl_comparison *k, const struct abl_effect *e,
		    double place, size_t most)
{
	const bool apart = abl_is_decided(e);
	const double row[] = {e->t.estimate, e->t.low, e->t.high, apart, (double)e->n};
	const int at = variant_of(&f->facts, e->arm.label);
	struct abl_chart *c = f->chart;
	struct abl_str right = {0};

	if (isfinite(row[0]) && fabs(row[0]) > f->limit) {
		f->cut = true;
		abl_str_puts(&right, row[0] > 0 ? "→ " : "← ");
	}
	note(k, e, most, &right);
	abl_chart_add_series(c, f->lines.style[at], f->lines.label[at], right.text)->at = place;
	abl_chart_add_row(c, row);
	for (int column = 0; column < 3; column++)
		if (fabs(row[column]) <= f->limit)
			abl_chart_see(&c->panel[c->panels - 1].x, row[column]);
	make_room(&c->left, abl_chart_label_width(f->lines.label[at]) + MARGIN);
	make_room(&c->right, abl_chart_label_width(right.text));
	f->drawn[at] = true;
	abl_str_finish(&right);
	if (!has_estimate(e))
		return;
	f->fewer |= e->n < most;
	f->least = !f->least || e->n < f->least ? e->n : f->least;
	f->most = e->n > f->most ? e->n : f->most;
	f->by_pretraining |= e->by_pretraining;
	f->diverged |= e->arm.diverged > 0 && !isnan(k->majority);
	*(abl_has_verdict(e) ? &f->verdicts : &f->no_verdicts) = true;
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
	struct abl_chart_panel *p;
	size_t most = 0;
	char score[32];

	abl_str_printf(&title, "%s: %s%s%s, baseline %s%s%s",
		       !k->primary ? k->task
		       : k->only   ? k->only
				   : "mean over tasks",
		       k->metric, k->split ? " on " : "", k->split ? k->split : "",
		       abl_format_digits(k->baseline.mean, abl_baseline_digits(k), score),
		       k->label ? ", " : "", k->label ? k->label : "");
	abl_str_printf(&axis, "← %s     %s: variant − baseline     %s →",
		       k->lower_is_better ? "better" : "worse", k->metric,
		       k->lower_is_better ? "worse" : "better");
	p = abl_chart_add_panel(f->chart, title.text, axis.text, "", (int)n * ROW_HEIGHT);
	p->y.low = 0, p->y.high = 1;
	abl_chart_see(&p->x, 0);
	for (size_t i = 0; i < n; i++)
		most = e[i]->n > most ? e[i]->n : most;
	f->limit = limit_of(k, e, n);
	for (size_t i = 0; i < n; i++)
		add_row(f, k, e[i], 1 - ((double)i + .5) / (double)n, most);
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
			c, f->most > 1 ? "Point: mean difference; bar: 95 %% t interval, paired."
				       : "Point: the difference; one pair has no interval.");
	}
	if (f->fewer)
		abl_chart_caption(c, "A row with fewer pairs than others says how many.");
	if (f->verdicts)
		abl_chart_caption(c, "Filled: different from the baseline (paired t, corrected, "
				     "p < .05); hollow: not resolved.");
	if (f->no_verdicts)
		abl_chart_caption(c, "Fewer than %d pairs: values only, hollow, no verdict.",
				  ABL_VERDICT_PAIRS);
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

static const char *why_not(const struct abl_facts *f)
{
	if (f->variants < 2)
		return "this study has no variant besides the baseline";
	return "no variant has a score of a seed that the baseline has one of";
}

static void add_table(struct effects *f, const struct abl_comparison *k)
{
	const struct abl_effect **order = abl_calloc(k->count + 1, sizeof *order);
	const size_t n = sorted(k, order, &f->left_out);

	if (n)
		add_panel(f, k, order, n);
	free(order);
}

/* Primary rows first, then task by task. */
static int add_tables(struct effects *f, struct abl_store *store,
		      const struct abl_figure_request *r, struct abl_err *err)
{
	const struct abl_compare_request request = {.metric = r->metric};
	struct abl_analysis *a = NULL;
	int rc = abl_analyse(&a, store, f->facts.study, &request, err);

	if (rc)
		return rc;
	add_table(f, a->all);
	for (size_t t = 0; t < a->tasks && a->tasks > 1; t++)
		add_table(f, a->task[t]);
	abl_analysis_destroy(a);
	return 0;
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct effects f = {.chart = c};
	int rc;

	if ((rc = abl_facts_load(&f.facts, store, r->study, r->metric, err)) ||
	    (rc = abl_lines_load(&f.lines, store, &f.facts, ABL_LABEL_ROOM, err)))
		goto fail;
	f.drawn = abl_calloc(f.facts.variants, sizeof *f.drawn);
	f.drawn[0] = true; /* the baseline is the line at 0 */
	c->columns = "effect\tlow\thigh\ttold apart\tn";
	c->column_count = 5;
	c->kind = ABL_CHART_ROWS;
	c->grid = 1, c->left = 120, c->right = 190;
	abl_chart_title(c, "%s: difference to the baseline", r->study);
	if ((rc = add_tables(&f, store, r, err)))
		goto fail;
	share_axes(c);
	caption(&f);
	if (!f.most)
		abl_str_puts(absent, why_not(&f.facts));
fail:
	free(f.drawn);
	abl_lines_finish(&f.lines);
	abl_facts_finish(&f.facts);
	return rc;
}

const struct abl_figure abl_figure_effects = {
	.name = "effects",
	.help = "difference to the baseline with its 95 % interval, sorted",
	.template = abl_file_effects_gp,
	.in_text = true,
	.collect = collect,
};
