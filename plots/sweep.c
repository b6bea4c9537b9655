/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include "options.h"
#include "samples.h"
#include "scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 8, LABEL = 32 };

void abl_sweep_finish(struct abl_sweep *s, const struct abl_facts *f)
{
	if (!s)
		return;
	for (size_t v = 0; s->group && v < f->variants; v++)
		free(s->group[v]);
	free(s->group), free(s->x);
	abl_str_finish(&s->along);
	*s = (struct abl_sweep){0};
}

/* ---- which variants belong on one line ---- */

struct option {
	char *name;
	char **value; /* [variants] NULL = inactive */
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Does it differ between variants that are on the axis and that nothing parts yet? */
static bool parts(const struct option *o, const struct abl_sweep *s, size_t variants)
{
	for (size_t v = 0; v < variants; v++)
		for (size_t w = 0; w < v && isfinite(s->x[v]); w++)
			if (isfinite(s->x[w]) && !strcmp(s->group[v], s->group[w]) &&
			    !same(o->value[v], o->value[w]))
				return true;
	return false;
}

/* Is its value the same wherever x is? (heads = hidden / 64 when hidden is on the axis) */
static bool moves_along(const struct option *o, const struct abl_sweep *s, size_t variants)
{
	for (size_t v = 0; v < variants; v++)
		for (size_t w = 0; w < v; w++)
			if (s->x[v] == s->x[w] && !same(o->value[v], o->value[w]))
				return false;
	return true;
}

static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = strstr(list, name); at; at = strstr(at + 1, name))
		if (at > list && at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

static void add_to_groups(struct abl_sweep *s, const struct option *o, size_t variants)
{
	for (size_t v = 0; v < variants; v++) {
		struct abl_str text = {0};

		if (!o->value[v])
			continue;
		abl_str_printf(&text, "%s%s%s=%s", s->group[v], *s->group[v] ? ", " : "", o->name,
			       o->value[v]);
		free(s->group[v]);
		s->group[v] = text.text;
	}
}

static void place_option(struct abl_sweep *s, const struct option *o, size_t variants)
{
	if (!parts(o, s, variants))
		return;
	if (s->measured || !moves_along(o, s, variants))
		add_to_groups(s, o, variants);
	else
		abl_str_printf(&s->along, "%s%s", s->along.length ? ", " : "", o->name);
}

static void finish_option(struct option *o, size_t variants)
{
	for (size_t v = 0; v < variants; v++)
		free(o->value[v]), o->value[v] = NULL;
	free(o->name), o->name = NULL;
}

/* A walk over the options, each of which is placed when all its values are there. */
struct walk {
	struct abl_sweep *sweep;
	const struct abl_facts *facts;
	const char *without;
	struct option option;
};

static void end_option(struct walk *w)
{
	if (w->option.name && !listed(w->without, w->option.name))
		place_option(w->sweep, &w->option, w->facts->variants);
	finish_option(&w->option, w->facts->variants);
}

static void take_value(void *data, const struct abl_option_value *value)
{
	struct walk *w = data;
	const int at = abl_facts_variant(w->facts, value->variant);

	if (w->option.name && strcmp(value->name, w->option.name))
		end_option(w);
	if (!w->option.name)
		w->option.name = abl_strdup(value->name);
	if (at >= 0 && !w->option.value[at])
		w->option.value[at] = abl_strdup(value->canonical);
}

/* One walk: every variant's group begins anew. Heads and ffn_size come last: they usually follow
 * from hidden, and then part nothing. */
static int group_once(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
		      const char *without, struct abl_err *err)
{
	struct walk w = {.sweep = s, .facts = f, .without = without};
	int rc;

	w.option.value = abl_calloc(f->variants, sizeof *w.option.value);
	abl_str_clear(&s->along);
	for (size_t v = 0; v < f->variants; v++) {
		free(s->group[v]);
		s->group[v] = abl_strdup("");
	}
	rc = abl_read_options(store, f->study, take_value, &w, err);
	if (!rc)
		end_option(&w);
	finish_option(&w.option, f->variants);
	free(w.option.value);
	return rc;
}

/* A variant that is alone at one x makes no line. */
static void drop_lonely(struct abl_sweep *s, size_t variants)
{
	bool *lonely = abl_calloc(variants, sizeof *lonely);

	for (size_t v = 0; v < variants; v++) {
		lonely[v] = true;
		for (size_t w = 0; w < variants && lonely[v]; w++)
			lonely[v] = !isfinite(s->x[w]) || s->x[w] == s->x[v] ||
				    strcmp(s->group[w], s->group[v]);
	}
	for (size_t v = 0; v < variants; v++)
		if (lonely[v])
			s->x[v] = NAN;
	free(lonely);
}

int abl_sweep_group(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
		    const char *without, struct abl_err *err)
{
	int rc;

	s->group = abl_calloc(f->variants, sizeof *s->group);
	if ((rc = group_once(s, store, f, without, err)))
		return rc;
	drop_lonely(s, f->variants); /* so that what they differ in is in no line's name */
	return group_once(s, store, f, without, err);
}

bool abl_sweep_has_lines(const struct abl_sweep *s, const struct abl_facts *f)
{
	for (size_t v = 0; v < f->variants; v++)
		if (isfinite(s->x[v]))
			return true;
	return false;
}

/* ---- the chart ---- */

struct work {
	struct abl_chart *chart;
	struct abl_store *store;
	const struct abl_facts *facts;
	const struct abl_sweep *sweep;
	const char **group; /* each once, in the order of listings */
	size_t groups;
	struct abl_samples samples; /* of one line */
	size_t least, most;         /* seeds per point */
	size_t left_out;            /* lines, of the fullest panel */
};

static void list_groups(struct work *w)
{
	const struct abl_sweep *s = w->sweep;

	w->group = abl_calloc(w->facts->variants, sizeof *w->group);
	for (size_t v = 0; v < w->facts->variants; v++) {
		size_t i = 0;

		if (!isfinite(s->x[v]))
			continue;
		while (i < w->groups && strcmp(w->group[i], s->group[v]))
			i++;
		if (i == w->groups)
			w->group[w->groups++] = s->group[v];
	}
}

struct line {
	struct work *work;
	const char *group;
};

static void add_sample(void *data, const struct abl_score *score)
{
	const struct line *l = data;
	const struct abl_sweep *s = l->work->sweep;
	const int at = abl_facts_variant(l->work->facts, score->variant);

	if (at >= 0 && !strcmp(s->group[at], l->group))
		abl_samples_add(&l->work->samples, s->x[at], score->seed, score->value);
}

/* The samples of one line; `task` NULL: of pre-training. */
static int collect(struct work *w, const char *task, const char *metric, const char *group,
		   struct abl_err *err)
{
	struct line l = {w, group};
	int rc;

	abl_samples_clear(&w->samples);
	rc = task ? abl_read_scores(w->store, w->facts->study, task, metric, add_sample, &l, err)
		  : abl_read_pretraining_scores(w->store, w->facts->study, metric, add_sample, &l,
						err);
	abl_samples_sort(&w->samples);
	return rc;
}

/* Two different values of x, and not the same shared stage at both. */
static bool is_line(const struct abl_samples *s, bool shared)
{
	struct abl_spread first, p;
	size_t at = 0;

	if (!abl_samples_next(s, &at, &first))
		return false;
	while (abl_samples_next(s, &at, &p))
		if (!shared || p.mean != first.mean)
			return true;
	return false;
}

static void add_panel(struct work *w, const struct abl_fact_task *task)
{
	struct abl_str title = {0}, y_title = {0};

	abl_str_printf(&title, "%s%s%s", task->name, task->label ? ", " : "",
		       task->label ? task->label : "");
	abl_str_printf(&y_title, "%s%s%s", task->metric, task->split ? " on " : "",
		       task->split ? task->split : "");
	abl_chart_add_panel(w->chart, title.text, w->sweep->x_title, y_title.text, 230);
	abl_str_finish(&title), abl_str_finish(&y_title);
}

/* The samples as a series: rows x, mean, low, high, value, seed. */
static void add_line(struct work *w, size_t group)
{
	char *label = abl_chart_shorten(w->group[group], LABEL);
	int room = abl_chart_label_width(label);
	struct abl_chart *c = w->chart;
	struct abl_spread p;

	c->right = room > c->right ? room : c->right;
	abl_chart_add_series(c, (int)group + 1, label, "");
	free(label);
	for (size_t at = 0; abl_samples_next(&w->samples, &at, &p);) {
		w->least = !w->least || p.n < w->least ? p.n : w->least;
		w->most = p.n > w->most ? p.n : w->most;
		for (size_t i = p.first; i < at; i++)
			abl_chart_add_row(c, (double[]){p.x, p.mean, p.mean - p.half,
							p.mean + p.half, w->samples.item[i].value,
							(double)w->samples.item[i].seed});
	}
}

/* The panel of a task, or of what stands in its place. */
static int add_task(struct work *w, const struct abl_fact_task *task, bool pretraining,
		    struct abl_err *err)
{
	size_t lines = 0, beyond = 0;
	int rc = 0;

	for (size_t g = 0; g < w->groups && !rc; g++) {
		if ((rc = collect(w, pretraining ? NULL : task->name, task->metric, w->group[g],
				  err)) ||
		    !is_line(&w->samples, pretraining) || (lines == LINES && ++beyond))
			continue;
		if (!lines++)
			add_panel(w, task);
		add_line(w, g);
	}
	w->left_out = beyond > w->left_out ? beyond : w->left_out;
	return rc;
}

static int add_pretraining(struct work *w, struct abl_err *err)
{
	struct abl_fact_task task = {.name = (char *)"pre-training",
				     .label = (char *)"held-out documents"};
	int rc = abl_read_objective(w->store, w->facts->study, &task.metric, err);

	if (!rc && task.metric)
		rc = add_task(w, &task, true, err);
	free(task.metric);
	return rc;
}

static void set_ranges(struct abl_chart *c, struct abl_chart_panel *p, const struct abl_sweep *s)
{
	double last = -INFINITY;
	char text[32];

	for (size_t i = p->first; i < p->last; i++)
		for (size_t row = 0; row < c->series[i].rows; row++) {
			const double *r = c->series[i].row[row];

			abl_chart_see(&p->x, r[0]);
			for (int k = 1; k < 5; k++)
				abl_chart_see(&p->y, r[k]);
		}
	p->x.log = p->x.low > 0 && p->x.high / p->x.low >= 5;
	abl_chart_widen(&p->x, .06);
	abl_chart_widen(&p->y, .06);
	for (;;) { /* a mark at every value there is, from the left */
		double next = INFINITY;

		for (size_t i = p->first; i < p->last; i++)
			for (size_t row = 0; row < c->series[i].rows; row++)
				if (c->series[i].row[row][0] > last)
					next = fmin(next, c->series[i].row[row][0]);
		if (!isfinite(next))
			break;
		s->tic(last = next, text);
		abl_chart_add_tic(c, p, next, text);
	}
}

static void caption(const struct work *w)
{
	struct abl_chart *c = w->chart;

	abl_chart_caption_n(c, w->least, w->most, "seed", " per point.");
	abl_chart_caption(c, "Small points: single seeds; line: their mean%s",
			  w->most > 2 ? "; band: 95 % t interval of the mean." : ".");
	if (w->most < 3)
		abl_chart_caption(c, "No interval: that needs 3 seeds.");
	if (w->sweep->along.length)
		abl_chart_caption(c, "With %s change: %s.", w->sweep->x_title,
				  w->sweep->along.text);
	if (w->left_out)
		abl_chart_caption(c, "%zu more lines are left out ('ablate results' has all).",
				  w->left_out);
}

int abl_sweep_chart(struct abl_chart *c, struct abl_store *store, const struct abl_facts *f,
		    const struct abl_sweep *s, struct abl_err *err)
{
	struct work w = {.chart = c, .store = store, .facts = f, .sweep = s};
	int rc = 0;

	c->columns = "x\tmean\tlow\thigh\tvalue\tseed";
	c->column_count = 6;
	c->left = 84, c->right = 30;
	list_groups(&w);
	for (size_t t = 0; t < f->tasks && !rc; t++)
		rc = add_task(&w, &f->task[t], false, err);
	if (!rc && f->main_metric)
		rc = add_pretraining(&w, err);
	c->panel_width = c->panels == 1 ? 440 : 330;
	for (size_t p = 0; p < c->panels; p++)
		set_ranges(c, &c->panel[p], s);
	c->grid = c->right > 60 ? 2 : 3;
	abl_chart_place_labels(c, 16);
	caption(&w);
	abl_samples_finish(&w.samples);
	free(w.group);
	return rc;
}
