/* SPDX-License-Identifier: Apache-2.0 */
/* fig_curves.c - loss and dev metric by step, mean and spread over seeds per variant. */
#include "figure.h"

#include "chart.h"
#include "curves.h"
#include "facts.h"
#include "samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_curves_gp[];

enum { LINES = 8, POINTS = 120, LABEL = 32, HEIGHT = 210 };

struct curves {
	struct abl_chart *chart;
	struct abl_store *store;
	const struct abl_facts *facts;
	struct abl_curve_request from;
	size_t least, most; /* seeds of a line */
	size_t hidden;      /* lines left out of the fullest panel */
	bool shared;        /* some variants have no line of their own */
	bool binned;
	bool cut; /* a diverging line would have flattened the others */
};

static size_t count_seeds(const struct abl_samples *s)
{
	struct abl_spread p;
	size_t most = 0;

	for (size_t at = 0; abl_samples_next(s, &at, &p);)
		most = p.n > most ? p.n : most;
	return most;
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

static void add_line(struct curves *k, struct abl_samples *s, size_t variant)
{
	struct abl_chart *c = k->chart;
	struct abl_chart_panel *p = &c->panel[c->panels - 1];
	size_t seeds = count_seeds(s);
	double width = bin_width(s);
	struct abl_spread point;
	char *label;

	if (width > 0) {
		bin(s, width);
		k->binned = true;
	}
	label = abl_chart_shorten(k->facts->variant[variant].label, LABEL);
	abl_chart_add_series(c, (int)variant, label, "");
	if (abl_chart_label_width(label) > c->right)
		c->right = abl_chart_label_width(label);
	free(label);
	k->least = !k->least || seeds < k->least ? seeds : k->least;
	k->most = seeds > k->most ? seeds : k->most;
	for (size_t at = 0; abl_samples_next(s, &at, &point);) {
		double row[] = {point.x, point.mean, point.mean - point.sd, point.mean + point.sd,
				(double)point.n};

		abl_chart_add_row(c, row);
		abl_chart_see(&p->x, row[0]);
		for (int i = 1; i < 4; i++)
			abl_chart_see(&p->y, row[i]);
	}
}

/* A loss that explodes is not to hide the others: the panel ends at three times the first ones. */
static void cut_off(struct curves *k)
{
	struct abl_chart_panel *p = &k->chart->panel[k->chart->panels - 1];
	double first = 0;

	for (size_t i = p->first; i < p->last; i++)
		first = fmax(first, fabs(k->chart->series[i].row[0][1]));
	if (p->y.high <= 3 * first)
		return;
	p->y.high = 3 * first;
	k->cut = true;
}

struct panel {
	const struct abl_facts *facts;
	struct abl_samples *samples; /* [variants] */
};

static void add_point(void *data, const struct abl_curve_point *point)
{
	struct panel *p = data;
	const int at = abl_facts_variant(p->facts, point->variant);

	if (at >= 0)
		abl_samples_add(&p->samples[at], (double)point->step, point->seed, point->value);
}

static int add_panel(struct curves *k, const char *metric, const char *title, struct abl_err *err)
{
	size_t variants = k->facts->variants, lines = 0, beyond = 0;
	struct abl_samples *s = abl_calloc(variants, sizeof *s);
	bool missing = false;
	int rc = abl_read_curve(k->store, &k->from, metric, add_point, &(struct panel){k->facts, s},
				err);

	for (size_t v = 0; !rc && v < variants; v++) {
		abl_samples_sort(&s[v]);
		if (!s[v].count) {
			missing = true;
			continue;
		}
		if (lines == LINES) {
			beyond++;
			continue;
		}
		if (!lines++)
			abl_chart_add_panel(k->chart, title, "optimiser step", metric, HEIGHT);
		add_line(k, &s[v], v);
	}
	if (lines && strstr(metric, "loss"))
		cut_off(k);
	k->hidden = beyond > k->hidden ? beyond : k->hidden;
	k->shared |= lines && missing;
	for (size_t v = 0; v < variants; v++)
		abl_samples_finish(&s[v]);
	free(s);
	return rc;
}

struct second {
	const char *metric; /* of the task; NULL: none */
	struct abl_str *name;
	int rank; /* of the best name so far */
};

static void rank_name(void *data, const char *name)
{
	struct second *s = data;
	const size_t tail = s->metric ? strlen(s->metric) : 0, n = strlen(name);
	const bool held_out = !strncmp(name, "dev_", 4) || !strncmp(name, "held_out_", 9);
	const int rank =
		held_out + (held_out && tail && n > tail && !strcmp(name + n - tail, s->metric));

	if (rank <= s->rank)
		return;
	s->rank = rank;
	abl_str_clear(s->name);
	abl_str_puts(s->name, name);
}

/* The series beside the loss: the one that the task is scored by ("dev_accuracy"), else one that
 * was not measured on the training data either; empty where there is none. */
static int second_name(const struct curves *k, const char *metric, struct abl_str *out,
		       struct abl_err *err)
{
	abl_str_clear(out);
	return abl_read_curve_names(k->store, &k->from, rank_name, &(struct second){metric, out, 0},
				    err);
}

/* Loss on the left, the other series on the right. */
static int add_row(struct curves *k, const char *metric, const char *name, struct abl_err *err)
{
	struct abl_str second = {0}, title = {0};
	int rc;

	abl_str_printf(&title, "%s: training loss", name);
	if ((rc = second_name(k, metric, &second, err)) ||
	    (rc = add_panel(k, "loss", title.text, err)))
		goto fail;
	if (second.length) {
		abl_str_clear(&title);
		abl_str_printf(&title, "%s: %s", name, second.text);
		rc = add_panel(k, second.text, title.text, err);
	}
fail:
	abl_str_finish(&second), abl_str_finish(&title);
	return rc;
}

static void caption(const struct curves *k)
{
	struct abl_chart *c = k->chart;

	abl_chart_caption_n(c, k->least, k->most, "seed", " per line.");
	if (k->most > 1)
		abl_chart_caption(c, "Line: mean over seeds; band: one standard deviation on both "
				     "sides.");
	if (k->binned)
		abl_chart_caption(c, "Long series are averaged over neighbouring steps.");
	if (k->shared)
		abl_chart_caption(c, "A variant without a line in a panel shares that stage with "
				     "an earlier one or has not reported any step.");
	if (k->cut)
		abl_chart_caption(c, "Values far above the first ones are cut off.");
	if (k->hidden)
		abl_chart_caption(c, "%zu more variants are left out; curves.dat has those drawn.",
				  k->hidden);
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct abl_facts f = {0};
	struct curves k = {.chart = c, .store = store, .facts = &f, .from.role = "pretrain"};
	int rc;

	if ((rc = abl_facts_load(&f, store, r->study, r->metric, err)))
		return rc;
	k.from.study = f.study;
	c->columns = "step\tmean\tlow\thigh\tn";
	c->column_count = 5;
	c->grid = 2, c->panel_width = 310, c->left = 84, c->right = 60;
	abl_chart_title(c, "%s: training curves", r->study);
	if ((rc = add_row(&k, NULL, "pre-training", err)))
		goto fail;
	k.from.role = "finetune";
	for (size_t t = 0; t < f.tasks; t++) {
		k.from.task = f.task[t].name;
		if ((rc = add_row(&k, f.task[t].metric, k.from.task, err)))
			goto fail;
	}
	if (!c->panels)
		abl_str_puts(absent, "no stage of this study has reported a curve yet");
	for (size_t p = 0; p < c->panels; p++) {
		abl_chart_widen(&c->panel[p].y, .05);
		c->panel[p].x.low = 0;
		abl_chart_widen(&c->panel[p].x, 0);
	}
	abl_chart_place_labels(c, 16);
	caption(&k);
fail:
	abl_facts_finish(&f);
	return rc;
}

const struct abl_figure abl_figure_curves = {
	.name = "curves",
	.help = "loss and dev metric by step: mean and spread over seeds per variant",
	.template = abl_file_curves_gp,
	.collect = collect,
};
