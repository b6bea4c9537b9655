/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_chart.c - the panels and lines of a sweep, once it is known what belongs on one line. */
#include "labels.h"
#include "lines.h"
#include "marginal.h"
#include "samples.h"
#include "scores.h"
#include "sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct work {
	struct abl_chart *chart;
	struct abl_store *store;
	const struct abl_facts *facts;
	const struct abl_sweep *sweep;
	const char **group; /* each once, in the order of listings */
	size_t groups;
	char **label; /* [groups] short */
	bool *chosen; /* [groups] the baseline's, the best and the worst where there are many */
	bool *drawn;  /* [groups] or empty everywhere */
	struct abl_str legend;
	struct abl_samples samples; /* of one line */
	size_t least, most;         /* seeds per point */
	bool cut;                   /* a value far beyond the others */
	bool marginal;              /* some panel has a mean over its lines */
	bool gaps;                  /* a value of x without a score in the middle of a line */
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
	w->label =
		abl_labels_shorten(w->group, w->groups, abl_chart_label_room(w->chart), &w->legend);
	w->chosen = abl_calloc(w->groups + 1, sizeof *w->chosen);
	w->drawn = abl_calloc(w->groups + 1, sizeof *w->drawn);
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

/* Is there a variant of the line between two values of x, without a score? */
static bool is_gap(const struct work *w, size_t group, double from, double to)
{
	const struct abl_sweep *s = w->sweep;

	for (size_t v = 0; v < w->facts->variants; v++)
		if (s->x[v] > from && s->x[v] < to && !strcmp(s->group[v], w->group[group]))
			return true;
	return false;
}

/* The samples as a series: rows x, mean, low, high, value, seed. A row of nothing but x breaks the
 * line where a value was planned and has no score. */
static void add_line(struct work *w, size_t group)
{
	int room = abl_chart_label_width(w->label[group]), style = 1;
	struct abl_chart *c = w->chart;
	double before = INFINITY;
	struct abl_spread p;

	for (size_t g = 0; g < group; g++)
		style += w->chosen[g];
	c->right = room > c->right ? room : c->right;
	w->drawn[group] = true;
	abl_chart_add_series(c, style, w->label[group], "");
	for (size_t at = 0; abl_samples_next(&w->samples, &at, &p); before = p.x) {
		w->least = !w->least || p.n < w->least ? p.n : w->least;
		w->most = p.n > w->most ? p.n : w->most;
		if (is_gap(w, group, before, p.x)) {
			w->gaps = true;
			abl_chart_add_row(c,
					  (double[]){(before + p.x) / 2, NAN, NAN, NAN, NAN, NAN});
		}
		for (size_t i = p.first; i < at; i++)
			abl_chart_add_row(c, (double[]){p.x, p.mean, p.mean - p.half,
							p.mean + p.half, w->samples.item[i].value,
							(double)w->samples.item[i].seed});
	}
}

/* Adds the mean of each line on a task, in units of their spread, better ones above zero. */
static int add_scores(struct work *w, const struct abl_fact_task *task, double *score,
		      size_t *tasks, struct abl_err *err)
{
	double *mean = abl_calloc(w->groups, sizeof *mean), sum = 0, squares = 0;
	size_t n = 0;
	int rc = 0;

	for (size_t g = 0; g < w->groups && !rc; g++) {
		struct abl_spread p;
		size_t points = 0;

		rc = collect(w, task->name, task->metric, w->group[g], err);
		for (size_t at = 0; !rc && abl_samples_next(&w->samples, &at, &p); points++)
			mean[g] += p.mean;
		mean[g] = points ? mean[g] / (double)points : NAN;
		if (points)
			sum += mean[g], squares += mean[g] * mean[g], n++;
	}
	for (size_t g = 0; g < w->groups && !rc; g++)
		if (isfinite(mean[g])) {
			double m = sum / (double)n, sd = sqrt(fmax(squares / (double)n - m * m, 0));

			score[g] += (task->lower_is_better ? -1 : 1) *
				    (sd > 0 ? (mean[g] - m) / sd : 0);
			tasks[g]++;
		}
	free(mean);
	return rc;
}

/* Which lines are drawn: all, or the first (the baseline's, if it has one), the best and the
 * worst. */
static int choose(struct work *w, struct abl_err *err)
{
	double *score = abl_calloc(w->groups + 1, sizeof *score);
	size_t *tasks = abl_calloc(w->groups + 1, sizeof *tasks);
	int rc = 0;

	for (size_t t = 0; t < w->facts->tasks && !rc && w->groups > ABL_LINES_MAX; t++)
		rc = add_scores(w, &w->facts->task[t], score, tasks, err);
	for (size_t g = 0; g < w->groups; g++)
		score[g] = tasks[g] ? score[g] / (double)tasks[g] : NAN;
	abl_lines_choose(score, w->groups, ABL_LINES_MAX, w->chosen);
	free(score), free(tasks);
	return rc;
}

/* The panel of a task, or of what stands in its place. */
/* The mean over the combinations of the other keys, in black; the lines it is of become thin. */
static bool add_marginal(struct work *w, const struct abl_marginal_key *k)
{
	struct abl_chart *c = w->chart;
	const struct abl_chart_panel *p = &c->panel[c->panels - 1];
	size_t known = 0;

	for (size_t i = 0; i < k->levels; i++)
		known += isfinite(k->level[i].mean.estimate) && isfinite(k->level[i].number);
	if (known < 2 || k->combinations < 2)
		return false;
	for (size_t s = p->first; s < p->last; s++)
		c->series[s].thin = true;
	abl_chart_add_series(c, 0, "mean of all", "")->name =
		abl_strdup("mean over the other keys");
	for (size_t i = 0; i < k->levels; i++) {
		const struct abl_marginal_level *l = &k->level[i];

		if (isfinite(l->number))
			abl_chart_add_row(c, (double[]){l->number, l->mean.estimate, l->mean.low,
							l->mean.high, NAN, NAN});
	}
	return true;
}

/* Where the option's lines are several, and of a grid. */
static int find_marginal(struct work *w, const char *task, struct abl_err *err)
{
	struct abl_marginal *m = NULL;
	struct abl_err refused = {0};
	int rc = abl_marginal(&m, w->store, w->facts->study, task, &refused);

	for (size_t i = 0; !rc && i < m->keys; i++)
		if (!strcmp(m->key[i].name, w->sweep->option) && !m->key[i].reason)
			w->marginal |= add_marginal(w, &m->key[i]);
	abl_marginal_destroy(m);
	if (rc == ABL_EINPUT) /* nothing to take a mean over */
		return 0;
	if (rc)
		*err = refused;
	return rc;
}

static int add_task(struct work *w, const struct abl_fact_task *task, bool pretraining,
		    struct abl_err *err)
{
	size_t lines = 0;
	int rc = 0;

	for (size_t g = 0; g < w->groups && !rc; g++) {
		if (!w->chosen[g])
			continue;
		rc = collect(w, pretraining ? NULL : task->name, task->metric, w->group[g], err);
		if (rc || !is_line(&w->samples, pretraining))
			continue;
		if (!lines++)
			add_panel(w, task);
		add_line(w, g);
	}
	if (!rc && lines > 1 && !pretraining && w->sweep->option && w->facts->main_metric)
		rc = find_marginal(w, task->name, err);
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

static double limit_of(const struct abl_chart *c, const struct abl_chart_panel *p)
{
	double *value = NULL, limit;
	size_t n = 0, capacity = 0;

	for (size_t i = p->first; i < p->last; i++)
		for (size_t row = 0; row < c->series[i].rows; row++) {
			abl_grow(&value, &capacity, n + 1, sizeof *value);
			value[n++] = c->series[i].row[row][4];
		}
	limit = abl_chart_limit(value, n);
	free(value);
	return limit;
}

/* True if something lies far beyond the axis. */
static bool set_ranges(struct abl_chart *c, struct abl_chart_panel *p)
{
	const double limit = limit_of(c, p);
	bool cut = false;

	for (size_t i = p->first; i < p->last; i++)
		for (size_t row = 0; row < c->series[i].rows; row++) {
			const double *r = c->series[i].row[row];

			abl_chart_see(&p->x, r[0]);
			for (int k = 1; k < 5; k++)
				if (fabs(r[k]) <= limit)
					abl_chart_see(&p->y, r[k]);
				else
					cut |= isfinite(r[k]);
		}
	p->x.log = p->x.low > 0 && p->x.high / p->x.low >= 5;
	abl_chart_widen(&p->x, .06);
	abl_chart_widen(&p->y, .06);
	return cut;
}

/* A mark at every value there is, from the left. */
static void put_marks(struct abl_chart *c, struct abl_chart_panel *p, const struct abl_sweep *s)
{
	double last = -INFINITY;
	char text[32];

	for (;;) {
		double next = INFINITY;

		for (size_t i = p->first; i < p->last; i++)
			for (size_t row = 0; row < c->series[i].rows; row++)
				if (c->series[i].row[row][0] > last &&
				    isfinite(c->series[i].row[row][1]))
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
	if (w->marginal)
		abl_chart_caption(c,
				  "Thick: mean over the settings of the other keys that every "
				  "value has, with its 95 %% t interval over seeds; thin: single "
				  "settings.");
	else
		abl_chart_caption(c, "Small points: single seeds; line: their mean%s",
				  w->most > 2 ? "; band: 95 % t interval of the mean." : ".");
	if (w->most < 3)
		abl_chart_caption(c, "No interval: that needs 3 seeds.");
	if (w->sweep->along.length)
		abl_chart_caption(c, "With %s change: %s.", w->sweep->x_title,
				  w->sweep->along.text);
	if (w->cut)
		abl_chart_caption(c, "What is a hundred times as large as the others is cut off.");
	if (w->gaps)
		abl_chart_caption(c, "A line is broken where a value in between has no finished "
				     "trial.");
	if (w->legend.length)
		abl_chart_caption(c, "%s", w->legend.text);
	if (w->groups > ABL_LINES_MAX)
		abl_chart_caption(c, "Drawn: the first line, the best and the worst.");
	for (size_t g = 0; g < w->groups; g++)
		w->drawn[g] |= w->chosen[g]; /* those have no two finished values, which is told */
	abl_lines_caption_left_out(c, "line", w->label, w->drawn, w->groups);
}

int abl_sweep_chart(struct abl_chart *c, struct abl_store *store, const struct abl_facts *f,
		    const struct abl_sweep *s, struct abl_err *err)
{
	struct work w = {.chart = c, .store = store, .facts = f, .sweep = s};
	int rc = 0;

	c->columns = "x\tmean\tlow\thigh\tvalue\tseed";
	c->column_count = 6;
	c->left = 60, c->right = 30;
	list_groups(&w);
	rc = choose(&w, err);
	for (size_t t = 0; t < f->tasks && !rc; t++)
		rc = add_task(&w, &f->task[t], false, err);
	if (!rc && f->main_metric)
		rc = add_pretraining(&w, err);
	for (size_t p = 0; p < c->panels; p++)
		w.cut |= set_ranges(c, &c->panel[p]);
	c->grid = 3;
	abl_chart_make_left(c);
	abl_chart_fit(c);
	for (size_t p = 0; p < c->panels; p++)
		put_marks(c, &c->panel[p], s);
	abl_chart_place_labels(c, 16);
	caption(&w);
	if (!rc)
		rc = abl_lines_caption_failed(c, store, f, err);
	abl_samples_finish(&w.samples);
	abl_labels_destroy(w.label, w.groups);
	abl_str_finish(&w.legend);
	free(w.group), free(w.chosen), free(w.drawn);
	return rc;
}
