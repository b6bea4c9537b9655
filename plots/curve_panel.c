/* SPDX-License-Identifier: Apache-2.0 */
#include "curve_panel.h"

#include "chart.h"
#include "facts.h"
#include "labels.h"
#include "samples.h"
#include "scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	POINTS = 120,
	HEIGHT = 210,
	SMOOTH_FROM = 30,
	REACH_SHARE = 20,
	FAR = 3 /* times the first loss */
};

struct seed_of {
	int64_t variant, seed;
};

struct panel {
	struct abl_curves *k;
	struct abl_samples *samples; /* [variants] */
	struct abl_samples *wild;    /* [variants] of seeds that are in no mean */
	bool *full;                  /* [variants] its last point is the final score */
	struct seed_of *diverged;
	size_t diverged_count, diverged_capacity;
};

int abl_curves_init(struct abl_curves *k, struct abl_err *err)
{
	k->from.study = k->facts->study;
	k->drawn = abl_calloc(k->facts->variants, sizeof *k->drawn);
	return abl_lines_load(&k->lines, k->store, k->facts, abl_chart_label_room(k->chart), err);
}

void abl_curves_finish(struct abl_curves *k)
{
	abl_lines_finish(&k->lines);
	free(k->drawn);
}

/* ---- the numbers ---- */

static void take_point(void *data, const struct abl_curve_point *point)
{
	struct panel *p = data;
	const int at = abl_facts_variant(p->k->facts, point->variant);
	const struct seed_of *last = p->diverged_count ? p->diverged + p->diverged_count - 1 : NULL;

	if (at < 0)
		return;
	abl_samples_add(&p->samples[at], (double)point->step, point->seed, point->value);
	if (!point->diverged || (last && last->variant == at && last->seed == point->seed))
		return;
	abl_grow(&p->diverged, &p->diverged_capacity, p->diverged_count + 1, sizeof *p->diverged);
	p->diverged[p->diverged_count++] = (struct seed_of){at, point->seed};
}

/* The last point of a seed that is done becomes its final score, on all examples. */
static void take_score(void *data, const struct abl_score *score)
{
	struct panel *p = data;
	const int at = abl_facts_variant(p->k->facts, score->variant);
	struct abl_samples *s = at < 0 ? NULL : &p->samples[at];

	for (size_t i = s && isfinite(score->value) ? s->count : 0; i-- > 0;)
		if (s->item[i].seed == score->seed) {
			s->item[i].value = score->value;
			p->full[at] = true;
			return;
		}
}

static int load(struct panel *p, const char *series, struct abl_err *err)
{
	struct abl_curves *k = p->k;
	int rc = abl_read_curve(k->store, &k->from, series, take_point, p, err);

	for (size_t v = 0; v < k->facts->variants; v++)
		abl_samples_sort(&p->samples[v]);
	if (!rc && k->metric)
		rc = k->from.task ? abl_read_scores(k->store, k->facts->study, k->from.task,
						    k->metric, take_score, p, err)
				  : abl_read_pretraining_scores(k->store, k->facts->study,
								k->metric, take_score, p, err);
	return rc;
}

static bool is_drawn(const struct panel *p, size_t v)
{
	return p->k->lines.style[v] != ABL_LINES_GREY && (p->samples[v].count || p->wild[v].count);
}

/* Where the losses begin: the largest over variants of the median over seeds. */
static double first_loss(const struct panel *p)
{
	double first = 0;

	for (size_t v = 0; v < p->k->facts->variants; v++) {
		const struct abl_samples *s = &p->samples[v];
		size_t n = 0, below, i;

		if (!is_drawn(p, v))
			continue;
		while (n < s->count && s->item[n].x == s->item[0].x)
			n++;
		for (i = 0; i < n; i++) { /* few: the one with half of them below it */
			below = 0;
			for (size_t j = 0; j < n; j++)
				below += s->item[j].value < s->item[i].value ||
					 (j < i && s->item[j].value == s->item[i].value);
			if (below == (n - 1) / 2)
				break;
		}
		if (i < n)
			first = fmax(first, fabs(s->item[i].value));
	}
	return first;
}

/* Parts the seeds that diverged or went beyond the limit from the others. */
static void part_wild(struct panel *p, double limit)
{
	for (size_t i = 0; i < p->diverged_count; i++)
		abl_samples_move_seed(&p->samples[p->diverged[i].variant], p->diverged[i].seed,
				      &p->wild[p->diverged[i].variant]);
	for (size_t v = 0; v < p->k->facts->variants; v++)
		for (size_t i = 0; i < p->samples[v].count; i++)
			if (fabs(p->samples[v].item[i].value) > limit) {
				abl_samples_move_seed(&p->samples[v], p->samples[v].item[i].seed,
						      &p->wild[v]);
				i = (size_t)-1;
			}
}

/* Long series are thinned: values of one seed within `width` steps become their mean. */
static double bin_width(const struct abl_samples *s)
{
	double steps = s->count ? s->item[s->count - 1].x : 0;
	size_t distinct = 0;
	struct abl_spread p;

	for (size_t at = 0; abl_samples_next(s, &at, &p);)
		distinct++;
	return distinct > 2 * POINTS ? ceil(steps / POINTS) : 0;
}

static void bin(struct abl_samples *s, double width)
{
	for (size_t i = 0; i < s->count; i++)
		s->item[i].x = (floor((s->item[i].x - 1) / width) + .5) * width;
	abl_samples_sort(s);
}

/* ---- the lines ---- */

static size_t count_seeds(const struct abl_samples *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++) {
		size_t j = 0;

		while (j < i && s->item[j].seed != s->item[i].seed)
			j++;
		n += j == i;
	}
	return n;
}

static void add_label(struct panel *p, size_t v, bool thin, size_t seeds, size_t lost)
{
	struct abl_curves *k = p->k;
	struct abl_chart_series *s;
	struct abl_str label = {0};

	abl_str_puts(&label, thin && seeds ? "" : k->lines.label[v]);
	if (lost && label.length)
		abl_str_printf(&label, " (%zu of %zu)", seeds, seeds + lost);
	if (abl_chart_label_width(label.text) > k->chart->right)
		k->chart->right = abl_chart_label_width(label.text);
	s = abl_chart_add_series(k->chart, k->lines.style[v], label.text, "");
	s->thin = thin;
	s->end = thin ? ABL_END_CROSS : p->full[v] && k->metric ? ABL_END_DOT : ABL_END_OPEN;
	abl_str_finish(&label);
}

/* What is smoothed keeps its own mean over seeds, which is drawn behind; the caller's. */
static double *smooth(struct panel *p, size_t v)
{
	struct abl_samples *s = &p->samples[v];
	double *raw = abl_calloc(s->count, sizeof *raw);
	struct abl_spread point;
	size_t points = 0;

	for (size_t at = 0; abl_samples_next(s, &at, &point);)
		raw[points++] = point.mean;
	if (p->k->noisy && points >= SMOOTH_FROM) {
		abl_samples_smooth(s, points / REACH_SHARE);
		p->k->smoothed = true;
	} else {
		for (size_t i = 0; i < points; i++)
			raw[i] = NAN;
	}
	return raw;
}

static void add_mean(struct panel *p, size_t v, size_t seeds, size_t lost)
{
	struct abl_curves *k = p->k;
	struct abl_chart *c = k->chart;
	struct abl_chart_panel *panel = &c->panel[c->panels - 1];
	double width = bin_width(&p->samples[v]), *raw;
	struct abl_spread point;
	size_t i = 0;

	if (width > 0) {
		bin(&p->samples[v], width);
		k->binned = true;
	}
	raw = smooth(p, v);
	add_label(p, v, false, seeds, lost);
	for (size_t at = 0; abl_samples_next(&p->samples[v], &at, &point); i++) {
		double row[] = {point.x,
				point.mean,
				point.mean - point.half,
				point.mean + point.half,
				(double)point.n,
				raw[i]};

		abl_chart_add_row(c, row);
		abl_chart_see(&panel->x, row[0]);
		abl_chart_see(&panel->y, row[1]);
		abl_chart_see(&panel->y, row[5]);
		k->least = !k->least || point.n < k->least ? point.n : k->least;
		k->most = point.n > k->most ? point.n : k->most;
	}
	free(raw);
}

/* A line of its own for each wild seed, as far as it stays below `top`. */
static void add_wild(struct panel *p, size_t v, double top, size_t seeds, size_t lost)
{
	struct abl_chart *c = p->k->chart;
	struct abl_chart_panel *panel = &c->panel[c->panels - 1];
	struct abl_samples rest = p->wild[v], one = {0};

	p->k->wild |= lost > 0;
	for (size_t k = 0; k < lost; k++) {
		abl_samples_clear(&one);
		abl_samples_move_seed(&rest, rest.item[0].seed, &one);
		add_label(p, v, true, seeds + k, lost);
		for (size_t i = 0; i < one.count; i++) {
			double value = fmin(one.item[i].value, top);

			abl_chart_add_row(c, (double[]){one.item[i].x, value, NAN, NAN, 1, NAN});
			abl_chart_see(&panel->x, one.item[i].x);
			abl_chart_see(&panel->y, value);
			if (one.item[i].value > top)
				break;
		}
	}
	p->wild[v].count = 0;
	abl_samples_finish(&one);
}

/* Means first: they decide how far up a loss is followed that leaves them. */
/* Wide intervals (of three seeds, one of them astray) and a far line of chance must not flatten the
 * means: both are followed for as far as the means themselves reach. */
static void see_intervals(struct abl_curves *k, struct abl_chart_panel *panel)
{
	const struct abl_chart_range means = panel->y;
	const double reach = fmax(means.high - means.low, 1e-9);

	if (!(means.low <= means.high))
		return;
	for (size_t s = panel->first; s < panel->last; s++) {
		const struct abl_chart_series *own = &k->chart->series[s];

		for (size_t i = 0; i < own->rows; i++) {
			if (isfinite(own->row[i][2]))
				abl_chart_see(&panel->y,
					      fmax(own->row[i][2], means.low - reach / 2));
			if (isfinite(own->row[i][3]))
				abl_chart_see(&panel->y,
					      fmin(own->row[i][3], means.high + reach / 2));
		}
	}
	if (k->majority > means.low - reach && k->majority < means.high + reach) {
		panel->chance = k->majority;
		k->chance = true;
		abl_chart_see(&panel->y, k->majority);
	}
}

static void add_lines(struct panel *p, const char *series, const char *title, double limit)
{
	struct abl_curves *k = p->k;
	struct abl_chart_panel *panel =
		abl_chart_add_panel(k->chart, title, "optimiser step", series, HEIGHT);
	size_t *seeds = abl_calloc(k->facts->variants, sizeof *seeds);
	double top;

	for (size_t v = 0; v < k->facts->variants; v++) {
		if (!is_drawn(p, v))
			continue;
		k->drawn[v] = true;
		seeds[v] = count_seeds(&p->samples[v]);
		if (seeds[v])
			add_mean(p, v, seeds[v], count_seeds(&p->wild[v]));
	}
	top = panel->y.low <= panel->y.high ? panel->y.high + .1 * fabs(panel->y.high) : limit;
	see_intervals(k, panel);
	for (size_t v = 0; v < k->facts->variants; v++)
		if (is_drawn(p, v) && p->wild[v].count)
			add_wild(p, v, top, seeds[v], count_seeds(&p->wild[v]));
	free(seeds);
}

int abl_curves_add_panel(struct abl_curves *k, const char *series, const char *title,
			 struct abl_err *err)
{
	size_t variants = k->facts->variants;
	struct panel p = {.k = k,
			  .samples = abl_calloc(variants, sizeof *p.samples),
			  .wild = abl_calloc(variants, sizeof *p.wild),
			  .full = abl_calloc(variants, sizeof *p.full)};
	int rc = load(&p, series, err);
	bool any = false, missing = false;
	double limit = INFINITY;

	for (size_t v = 0; v < variants; v++) {
		any |= is_drawn(&p, v);
		missing |= !p.samples[v].count;
	}
	if (!rc && any) {
		if (strstr(series, "loss"))
			limit = FAR * first_loss(&p);
		part_wild(&p, limit);
		add_lines(&p, series, title, limit);
		k->shared |= missing;
	}
	for (size_t v = 0; v < variants; v++)
		abl_samples_finish(&p.samples[v]), abl_samples_finish(&p.wild[v]);
	free(p.samples), free(p.wild), free(p.full), free(p.diverged);
	return rc;
}

/* ---- the caption ---- */

static void caption(const struct abl_curves *k)
{
	struct abl_chart *c = k->chart;
	const struct {
		bool applies;
		const char *text;
	} said[] = {
		{k->most > 2, "Line: mean over seeds; band: 95 % t interval of the mean."},
		{k->most == 2, "Line: mean over seeds; an interval needs 3."},
		{k->smoothed,
		 "Training losses are smoothed seed by seed over a tenth of the steps; "
		 "faint: as they were."},
		{k->chance, "Dashed, across: what the majority predictor scores."},
		{k->binned, "Long series are averaged over neighbouring steps."},
		{k->partly, "While training, scores are of the same part of the examples for all; "
			    "the dot is the final score, on all of them."},
		{k->unsaid, "While training, scores may be of a part of the examples; the dot is "
			    "the final score, on all of them."},
		{k->summed, "The training loss of an objective is not known for runs of earlier "
			    "versions: they told the sum."},
		{k->wild, "Thin, with a cross: a seed that diverged or left the others upwards; it "
			  "is in no mean."},
		{k->shared, "A variant without a line in a panel shares that stage with an earlier "
			    "one or has not reported any step."},
	};

	if (k->most)
		abl_chart_caption_n(c, k->least, k->most, "seed", " per point of a line.");
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (said[i].applies)
			abl_chart_caption(c, "%s", said[i].text);
	if (k->lines.legend.length)
		abl_chart_caption(c, "%s", k->lines.legend.text);
}

/* A band may reach below zero where no mean does: the axis need not. */
static void lift(const struct abl_chart *c, struct abl_chart_panel *p)
{
	double low = INFINITY;

	for (size_t s = p->first; s < p->last; s++)
		for (size_t row = 0; row < c->series[s].rows; row++)
			low = fmin(low, c->series[s].row[row][1]);
	if (low >= 0 && p->y.low < 0)
		p->y.low = 0;
}

int abl_curves_end(struct abl_curves *k, struct abl_err *err)
{
	struct abl_chart *c = k->chart;

	for (size_t p = 0; p < c->panels; p++) {
		struct abl_chart_range *x = &c->panel[p].x;

		lift(c, &c->panel[p]);
		abl_chart_widen(&c->panel[p].y, .05);
		x->low = 0, x->high = fmax(x->high, 1);
		c->panel[p].whole = true;
	}
	abl_chart_make_left(c);
	abl_chart_fit(c);
	abl_chart_add_tics(c);
	abl_chart_place_labels(c, 16);
	caption(k);
	if (k->lines.left_out) {
		bool *drawn = abl_calloc(k->lines.count, sizeof *drawn);

		for (size_t v = 0; v < k->lines.count; v++)
			drawn[v] = k->lines.style[v] != ABL_LINES_GREY;
		abl_chart_caption(c, "Drawn: the baseline, the best and the worst variants.");
		abl_lines_caption_left_out(c, "variant", k->lines.label, drawn, k->lines.count);
		free(drawn);
	}
	return abl_lines_caption_failed(c, k->store, k->facts, err);
}
