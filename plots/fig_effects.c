/* SPDX-License-Identifier: Apache-2.0 */
/* fig_effects.c - the difference of each variant to the baseline with its interval, sorted. */
#include "figure.h"

#include "chart.h"
#include "compare.h"
#include "facts.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_effects_gp[];

enum { ROWS = 30, ROW_HEIGHT = 26, LABEL = 40, MARGIN = 14 };

struct counts {
	size_t least, most; /* pairs of an effect */
	bool verdicts, no_verdicts, by_pretraining, diverged;
	size_t left_out;
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

/* The effects that there are, the worst first; only the largest ones where there are too many. */
static size_t sorted(const struct abl_comparison *c, const struct abl_effect **out,
		     size_t *left_out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		if (isfinite(c->effect[i].t.estimate))
			out[n++] = &c->effect[i];
	if (n > ROWS) {
		qsort(out, n, sizeof *out, by_size);
		*left_out = n - ROWS > *left_out ? n - ROWS : *left_out;
		n = ROWS;
	}
	qsort(out, n, sizeof *out, by_effect);
	for (size_t i = 0; c->lower_is_better && i < n / 2; i++) {
		const struct abl_effect *swap = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = swap;
	}
	return n;
}

/* "-.061 [-.079, -.043]" */
static void note(const struct abl_effect *e, struct abl_str *out)
{
	char text[3][32];

	abl_str_puts(out, abl_format_effect(e->t.estimate, text[0]));
	if (isfinite(e->t.low))
		abl_str_printf(out, " [%s, %s]", abl_format_effect(e->t.low, text[1]),
			       abl_format_effect(e->t.high, text[2]));
}

static int style_of(const struct abl_facts *f, const char *label)
{
	for (size_t i = 0; i < f->variants; i++)
		if (!strcmp(f->variant[i].label, label))
			return (int)i;
	return 0;
}

static void add_panel(struct abl_chart *c, const struct abl_comparison *k,
		      const struct abl_facts *f, const struct abl_effect **e, size_t n,
		      struct counts *seen)
{
	struct abl_str title = {0}, axis = {0}, right = {0};
	struct abl_chart_panel *p;
	char score[32];

	abl_str_printf(&title, "%s: %s%s%s, baseline %s%s%s", k->task, k->metric,
		       k->split ? " on " : "", k->split ? k->split : "",
		       abl_format_score(k->baseline.mean, score), k->label ? ", " : "",
		       k->label ? k->label : "");
	abl_str_printf(&axis, "← %s     %s: variant − baseline     %s →",
		       k->lower_is_better ? "better" : "worse", k->metric,
		       k->lower_is_better ? "worse" : "better");
	p = abl_chart_add_panel(c, title.text, axis.text, "", (int)n * ROW_HEIGHT);
	p->y.low = 0, p->y.high = 1;
	abl_chart_see(&p->x, 0);
	for (size_t i = 0; i < n; i++) {
		bool apart =
			e[i]->verdict == ABL_VERDICT_HURTS || e[i]->verdict == ABL_VERDICT_HELPS;
		double row[] = {e[i]->t.estimate, e[i]->t.low, e[i]->t.high, apart,
				(double)e[i]->n};
		char *label = abl_chart_shorten(e[i]->arm.label, LABEL);

		abl_str_clear(&right);
		note(e[i], &right);
		abl_chart_add_series(c, style_of(f, e[i]->arm.label), label, right.text)->at =
			1 - ((double)i + .5) / (double)n;
		abl_chart_add_row(c, row);
		for (int column = 0; column < 3; column++)
			abl_chart_see(&p->x, row[column]);
		if (abl_chart_label_width(label) + MARGIN > c->left)
			c->left = abl_chart_label_width(label) + MARGIN;
		free(label);
		seen->least = !seen->least || e[i]->n < seen->least ? e[i]->n : seen->least;
		seen->most = e[i]->n > seen->most ? e[i]->n : seen->most;
		seen->by_pretraining |= e[i]->by_pretraining;
		seen->diverged |= e[i]->arm.diverged > 0;
		*(e[i]->verdict == ABL_VERDICT_NONE ? &seen->no_verdicts : &seen->verdicts) = true;
	}
	abl_str_finish(&title), abl_str_finish(&axis), abl_str_finish(&right);
}

/* Tasks scored alike share their axis: zero lines and lengths then compare at a glance. */
static void share_axes(struct abl_chart *c)
{
	for (size_t p = 0; p < c->panels; p++) {
		struct abl_chart_range *mine = &c->panel[p].x;

		for (size_t q = 0; q < c->panels; q++)
			if (!strcmp(c->panel[p].x_title, c->panel[q].x_title)) {
				abl_chart_see(mine, c->panel[q].x.low);
				abl_chart_see(mine, c->panel[q].x.high);
			}
	}
	for (size_t p = 0; p < c->panels; p++)
		abl_chart_widen(&c->panel[p].x, .06);
}

static void caption(struct abl_chart *c, const struct counts *n)
{
	abl_chart_caption_n(c, n->least, n->most, "pair",
			    n->by_pretraining ? " (of pre-trainings where the variant has its own)."
					      : " of seeds.");
	abl_chart_caption(c, n->most > 1 ? "Point: mean difference; bar: 95 %% t interval, paired."
					 : "Point: the difference; one pair has no interval.");
	if (n->verdicts)
		abl_chart_caption(c, "Filled: different from the baseline (paired t, Holm over the "
				     "comparisons of a task, p < .05); hollow: not resolved.");
	if (n->no_verdicts)
		abl_chart_caption(c, "Fewer than %d pairs: values only, hollow, no verdict.",
				  ABL_VERDICT_PAIRS);
	if (n->diverged)
		abl_chart_caption(c, "Diverged runs count as the majority predictor.");
	if (n->left_out)
		abl_chart_caption(c, "The %d largest effects are drawn, %zu are not.", ROWS,
				  n->left_out);
}

static const char *why_not(const struct abl_facts *f)
{
	if (!f->main_metric)
		return "effects are tested only on a task's main metric, which this is not";
	if (f->variants < 2)
		return "this study has no variant besides the baseline";
	return "no variant has a finished trial with the same seed as the baseline";
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	const struct abl_effect **order = NULL;
	struct abl_comparison *k = NULL;
	struct abl_facts f = {0};
	struct counts seen = {0};
	int rc;

	if ((rc = abl_facts_load(&f, store, r->study, r->metric, err)))
		return rc;
	c->columns = "effect\tlow\thigh\ttold apart\tn";
	c->column_count = 5;
	c->grid = 1, c->panel_width = 480, c->left = 120, c->right = 190;
	abl_chart_title(c, "%s: difference to the baseline", r->study);
	for (size_t t = 0; t < f.tasks; t++) {
		struct abl_compare_request request = {.task = f.task[t].name};
		size_t n;

		if ((rc = abl_compare(&k, store, f.study, &request, err)))
			goto fail;
		order = abl_calloc(k->count, sizeof *order);
		n = strcmp(k->metric, f.task[t].metric) ? 0 : sorted(k, order, &seen.left_out);
		if (n)
			add_panel(c, k, &f, order, n, &seen);
		free(order), order = NULL;
		abl_comparison_destroy(k), k = NULL;
	}
	share_axes(c);
	caption(c, &seen);
	if (!c->panels)
		abl_str_puts(absent, why_not(&f));
fail:
	abl_comparison_destroy(k);
	abl_facts_finish(&f);
	return rc;
}

const struct abl_figure abl_figure_effects = {
	.name = "effects",
	.help = "difference to the baseline with its 95 % interval, sorted",
	.template = abl_file_effects_gp,
	.collect = collect,
};
