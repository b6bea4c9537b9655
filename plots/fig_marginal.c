/* SPDX-License-Identifier: Apache-2.0 */
/* fig_marginal.c - which key mattered: the mean of each level of each key of a grid, over the
 * combinations of the others. The keys of a task share their axis. */
#include "figure.h"

#include "chart.h"
#include "facts.h"
#include "labels.h"
#include "marginal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_marginal_gp[];

enum { KEYS = 6, HEIGHT = 200, LEVEL_ROOM = 12 };

struct work {
	struct abl_chart *chart;
	size_t least, most;  /* units per level */
	size_t left_out;     /* keys */
	struct abl_str none; /* reasons why a key has no means */
	bool by_pretraining;
};

static void add_levels(struct work *w, const struct abl_marginal_key *k)
{
	const char **text = abl_calloc(k->levels, sizeof *text);
	struct abl_chart *c = w->chart;
	struct abl_chart_panel *p = &c->panel[c->panels - 1];
	char **label;

	for (size_t i = 0; i < k->levels; i++)
		text[i] = k->level[i].value;
	label = abl_labels_shorten(text, k->levels, LEVEL_ROOM, NULL);
	abl_chart_add_series(c, 1, "", "");
	c->series[c->series_count - 1].name = abl_strdup(k->name);
	for (size_t i = 0; i < k->levels; i++) {
		const struct abl_marginal_level *l = &k->level[i];

		abl_chart_add_row(c, (double[]){(double)i, l->mean.estimate, l->mean.low,
						l->mean.high, (double)l->n, l->number});
		abl_chart_add_cell(c, label[i]);
		abl_chart_see(&p->y, l->mean.estimate);
		abl_chart_see(&p->y, l->mean.low);
		abl_chart_see(&p->y, l->mean.high);
		if (!isfinite(l->mean.estimate))
			continue;
		w->least = !w->least || l->n < w->least ? l->n : w->least;
		w->most = l->n > w->most ? l->n : w->most;
	}
	p->x.low = -.5, p->x.high = (double)k->levels - .5;
	abl_labels_destroy(label, k->levels);
	free(text);
}

/* Each once, though every task has it. */
static void add_reason(struct work *w, const struct abl_marginal_key *k)
{
	struct abl_str reason = {0};

	abl_str_printf(&reason, "%s: %s", k->name, k->reason);
	abl_str_puts(&w->none, "");
	if (!strstr(w->none.text, reason.text))
		abl_str_printf(&w->none, "%s%s", w->none.length ? "; " : "", reason.text);
	abl_str_finish(&reason);
}

static void add_key(struct work *w, const struct abl_marginal *m, const struct abl_marginal_key *k)
{
	struct abl_str title = {0}, y_title = {0};

	if (k->combinations < 2 && !k->reason)
		return; /* combined with no other key */
	if (k->reason) {
		add_reason(w, k);
		return;
	}
	abl_str_printf(&title, "%s: %s", m->task, k->name);
	if (isfinite(k->share))
		abl_str_printf(&title, ", explains %.0f\u00a0%%", 100 * k->share);
	abl_str_printf(&y_title, "%s%s%s", m->metric, m->split ? " on " : "",
		       m->split ? m->split : "");
	abl_chart_add_panel(w->chart, title.text, k->name, y_title.text, HEIGHT);
	add_levels(w, k);
	abl_str_finish(&title), abl_str_finish(&y_title);
}

/* Keys that do little look as if: all of a task have one axis. */
static void share_axis(struct abl_chart *c, size_t first)
{
	struct abl_chart_range all = {INFINITY, -INFINITY, false};

	for (size_t p = first; p < c->panels; p++) {
		abl_chart_see(&all, c->panel[p].y.low);
		abl_chart_see(&all, c->panel[p].y.high);
	}
	abl_chart_widen(&all, .08);
	for (size_t p = first; p < c->panels; p++)
		c->panel[p].y = all;
}

static int add_task(struct work *w, struct abl_store *store, int64_t study, const char *task,
		    struct abl_str *absent, struct abl_err *err)
{
	const size_t first = w->chart->panels;
	struct abl_marginal *m = NULL;
	struct abl_err refused = {0};
	int rc = abl_marginal(&m, store, study, task, &refused);

	if (rc == ABL_EINPUT) {
		abl_str_clear(absent);
		abl_str_puts(absent, refused.text);
		return 0;
	}
	if (rc) {
		*err = refused;
		return rc;
	}
	for (size_t k = 0; k < m->keys && m->keys > 1; k++)
		if (w->chart->panels - first < KEYS)
			add_key(w, m, &m->key[k]);
		else
			w->left_out++;
	if (m->keys == 1 && !absent->length)
		abl_str_puts(absent, "one key alone varies, which is figure sensitivity");
	w->by_pretraining |= m->by_pretraining;
	share_axis(w->chart, first);
	abl_marginal_destroy(m);
	return 0;
}

static void caption(const struct work *w)
{
	struct abl_chart *c = w->chart;

	abl_chart_caption_n(c, w->least, w->most, w->by_pretraining ? "pre-training" : "seed",
			    " per level.");
	abl_chart_caption(c,
			  "Point: mean over the combinations of the other keys that every level "
			  "has; bar: 95 %% t interval over %ss. Exploratory: no verdict.",
			  w->by_pretraining ? "pre-training" : "seed");
	if (w->left_out)
		abl_chart_caption(c, "The %d keys that explain most are drawn, %zu left out.", KEYS,
				  w->left_out);
	if (w->none.length)
		abl_chart_caption(c, "Without means: %s.", w->none.text);
}

static void put_marks(struct abl_chart *c)
{
	for (size_t p = 0; p < c->panels; p++)
		for (size_t i = 0; i < c->panel[p].cells; i++)
			abl_chart_add_tic(c, &c->panel[p], (double)i, c->panel[p].cell[i]);
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct work w = {.chart = c};
	struct abl_facts f = {0};
	int rc;

	if ((rc = abl_facts_load(&f, store, r->study, r->metric, err)))
		return rc;
	c->columns = "level\tmean\tlow\thigh\tn\tvalue";
	c->column_count = 6;
	c->grid = 3, c->left = 60, c->right = 16;
	abl_chart_title(c, "%s: which key mattered", r->study);
	for (size_t t = 0; f.main_metric && t < f.tasks && !rc; t++)
		rc = add_task(&w, store, f.study, f.task[t].name, absent, err);
	abl_chart_make_left(c);
	abl_chart_fit(c);
	put_marks(c);
	caption(&w);
	if (c->panels)
		abl_str_clear(absent);
	else if (!rc && !absent->length)
		abl_str_printf(
			absent, "%s",
			!f.main_metric ? "it is drawn of a task's main metric, which this is not"
			: w.none.length
				? w.none.text
				: "no two keys vary together: it is for grids and random designs");
	abl_str_finish(&w.none);
	abl_facts_finish(&f);
	return rc;
}

const struct abl_figure abl_figure_marginal = {
	.name = "marginal",
	.help = "which key of a grid mattered: marginal means of each level with intervals",
	.template = abl_file_marginal_gp,
	.collect = collect,
};
