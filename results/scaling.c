/* SPDX-License-Identifier: Apache-2.0 */
#include "scaling.h"

#include "scores.h"
#include "distribution.h"
#include "store.h"
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRETRAINING "pretraining" /* a task's name, where there is none of it */

/* A task's scores, or those of pre-training, while its rows are made. */
struct work {
	struct abl_scaling *out;
	const struct abl_facts *facts;
	struct abl_axes axes;
	const char *task, *metric, *split, *label;
	bool lower_is_better;
	double ceiling;
	const char *reason; /* why its scores cannot be fitted */
	size_t refits;
	struct abl_score *score;
	size_t scores, capacity;
	bool *on_line; /* [variants] of some task */
	bool *sized;   /* [variants] its size is known for some task */
};

double abl_scaling_shown(double ceiling, double fitted)
{
	return isnan(ceiling) ? fitted : ceiling - fitted;
}

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static void row_finish(struct abl_scaling_row *r)
{
	free(r->task), free(r->metric), free(r->split), free(r->label), free(r->line);
	abl_scaling_law_finish(&r->law), abl_scaling_law_finish(&r->other);
	abl_str_finish(&r->missing);
	free(r->gap);
}

void abl_scaling_destroy(struct abl_scaling *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->rows; i++)
		row_finish(&s->row[i]);
	for (size_t i = 0; i < s->pairs; i++)
		free(s->pair[i].task), free(s->pair[i].metric);
	free(s->row), free(s->pair), free(s->study);
	abl_str_finish(&s->off_line), abl_str_finish(&s->no_size);
	free(s);
}

/* ---- scores ---- */

static void take_score(void *data, const struct abl_score *score)
{
	struct work *w = data;

	abl_grow(&w->score, &w->capacity, w->scores + 1, sizeof *w->score);
	w->score[w->scores++] = *score;
}

/* By its name: a table that was loaded need not have said so. */
static bool is_loss(const char *metric)
{
	static const char *const parts[] = {"loss", "perplexity", "ppl",     "error", "mse",
					    "rmse", "nll",        "entropy", "bits",  "bpc"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strstr(metric, parts[i]))
			return true;
	return false;
}

/* What a score cannot pass: 1, or 100 of percents. What it is short of that is fitted. */
static void find_ceiling(struct work *w)
{
	double most = -INFINITY;

	w->ceiling = NAN, w->reason = NULL;
	for (size_t i = 0; i < w->scores; i++)
		if (isfinite(w->score[i].value))
			most = fmax(most, w->score[i].value);
	w->lower_is_better |= is_loss(w->metric);
	if (w->lower_is_better || isinf(most))
		return;
	w->ceiling = most <= 1 ? 1 : 100;
	if (most > 100)
		w->ceiling = NAN, w->reason =
					  "a score that rises above 100 has no end that it could "
					  "come nearer to: give the metric 'goal: min', or "
					  "choose a loss with --metric";
}

static double fitted(const struct work *w, double value)
{
	return isnan(w->ceiling) ? value : w->ceiling - value;
}

/* ---- one line ---- */

static size_t add_runs(const struct work *w, char *const *line, const char *name, const double *x,
		       struct abl_scaling_run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < w->scores; i++) {
		const struct abl_score *s = &w->score[i];
		const int at = abl_facts_variant(w->facts, s->variant);

		if (at < 0 || !line[at] || strcmp(line[at], name))
			continue;
		run[n++] = (struct abl_scaling_run){x[at], fitted(w, s->value), s->seed};
	}
	return n;
}

static bool has_score(const struct work *w, int64_t variant)
{
	for (size_t i = 0; i < w->scores; i++)
		if (w->score[i].variant == variant && isfinite(w->score[i].value))
			return true;
	return false;
}

static void add_name(struct abl_str *out, const char *label)
{
	abl_str_printf(out, "%s%s", out->length ? ", " : "", label);
}

static void add_missing(const struct work *w, char *const *line, const double *x,
			struct abl_scaling_row *r)
{
	r->gap = abl_calloc(w->facts->variants + 1, sizeof *r->gap);
	for (size_t v = 0; v < w->facts->variants; v++)
		if (line[v] && !strcmp(line[v], r->line) &&
		    !has_score(w, w->facts->variant[v].id)) {
			add_name(&r->missing, w->facts->variant[v].label);
			r->gap[r->gaps++] = x[v];
		}
}

/* Twice the largest size: what it brings, and over the curve at the largest. */
static void look_ahead(struct abl_scaling_row *r)
{
	const struct abl_scaling_law *l = &r->law;
	double value, low, high, here, unused, also;

	r->next_x = r->next_value = r->next_low = r->next_high = NAN;
	r->next_gain = r->gain_low = r->gain_high = NAN;
	if (!l->fit[l->chosen].found || l->verdict == ABL_SCALING_NEITHER)
		return;
	r->next_x = 2 * l->size[l->sizes - 1].x;
	abl_scaling_predict(l, r->next_x, l->seeds, &value, &low, &high);
	abl_scaling_predict(l, l->size[l->sizes - 1].x, 0, &here, &unused, &also);
	if (isnan(value)) { /* a - b log x below 0 */
		r->next_x = NAN;
		return;
	}
	r->next_value = abl_scaling_shown(r->ceiling, value);
	r->next_gain = r->next_value - abl_scaling_shown(r->ceiling, here);
	r->next_low = abl_scaling_shown(r->ceiling, isnan(r->ceiling) ? low : high);
	r->next_high = abl_scaling_shown(r->ceiling, isnan(r->ceiling) ? high : low);
	r->gain_low = r->next_low - r->next_value + r->next_gain;
	r->gain_high = r->next_high - r->next_value + r->next_gain;
}

/* Seconds at twice the largest size: a power law through the n variants of the line. */
static struct abl_scaling_cost look_at_cost(double next_x, const double *x, const double *seconds,
					    size_t n)
{
	const struct abl_scaling_means means = {x, seconds, NULL, n};
	struct abl_scaling_cost next = {NAN, NAN, NAN};
	struct abl_scaling_fit power = {0};
	double far, uu = 0, error;

	if (n < 3 || isnan(next_x))
		return next;
	abl_scaling_fit(ABL_SCALING_POWER, &means, ABL_SCALING_SQUARES, NULL, &power);
	for (size_t i = 0; i < n; i++)
		uu += pow(log(x[i] / power.x_unit), 2);
	if (!power.found || power.b > 0 || !(uu > 0)) /* of another machine, or of other work */
		return next;
	far = log(next_x / power.x_unit);
	error = sqrt(power.squares / (double)(n - 2) * (1 / (double)n + far * far / uu));
	far = abl_t_critical(.05, (double)(n - 2)) * error;
	next.seconds = abl_scaling_at(&power, next_x);
	next.low = next.seconds * exp(-far), next.high = next.seconds * exp(far);
	return next;
}

static struct abl_scaling_cost next_cost(const struct work *w, char *const *line, const double *x,
					 const struct abl_scaling_row *r, const double *took)
{
	double *points = abl_calloc(2 * w->facts->variants + 1, sizeof *points);
	double *seconds = points + w->facts->variants;
	struct abl_scaling_cost next;
	size_t n = 0;

	for (size_t v = 0; v < w->facts->variants; v++)
		if (line[v] && !strcmp(line[v], r->line) && took[v] > 0)
			points[n] = x[v], seconds[n++] = took[v];
	next = look_at_cost(r->next_x, points, seconds, n);
	free(points);
	return next;
}

static void add_row(struct work *w, enum abl_scaling_axis axis, char *const *line, const char *name)
{
	struct abl_scaling *s = w->out;
	const double *x = abl_axes_x(&w->axes, axis, false),
		     *other = abl_axes_x(&w->axes, axis, true);
	struct abl_scaling_run *run = abl_calloc(w->scores + 1, sizeof *run);
	struct abl_scaling_row *r;

	abl_grow(&s->row, &s->capacity, s->rows + 1, sizeof *s->row);
	r = &s->row[s->rows++];
	*r = (struct abl_scaling_row){.task = copy(w->task),
				      .metric = copy(w->metric),
				      .split = copy(w->split),
				      .label = copy(w->label),
				      .line = copy(name),
				      .axis = axis,
				      .x_name = abl_axis_name(axis),
				      .x_title = abl_axes_title(&w->axes, axis, false),
				      .other_title = abl_axes_title(&w->axes, axis, true),
				      .lower_is_better = w->lower_is_better,
				      .ceiling = w->ceiling};
	abl_scaling_law(&r->law, run, add_runs(w, line, name, x, run) * !w->reason, w->refits);
	r->has_other = other != x && abl_axes_differ(other, w->facts->variants) && !w->reason;
	if (r->has_other)
		abl_scaling_law(&r->other, run, add_runs(w, line, name, other, run), w->refits);
	r->reason = w->reason ? w->reason : r->law.reason;
	r->depends = r->has_other && !r->law.reason && r->other.verdict != r->law.verdict;
	add_missing(w, line, x, r);
	look_ahead(r);
	r->next_wall = next_cost(w, line, x, r, w->axes.seconds);
	r->next_cpu = next_cost(w, line, x, r, w->axes.cpu_seconds);
	free(run);
}

/* ---- a task ---- */

static void add_rows(struct work *w, enum abl_scaling_axis axis, char *const *line)
{
	const double *x = abl_axes_x(&w->axes, axis, false);

	for (size_t v = 0; v < w->facts->variants; v++) {
		bool first = line[v];

		for (size_t u = 0; u < v && first; u++)
			first = !line[u] || strcmp(line[u], line[v]);
		if (first)
			add_row(w, axis, line, line[v]);
		w->on_line[v] |= line[v] != NULL;
		w->sized[v] |= x[v] > 0;
	}
}

static void add_lines(struct work *w, enum abl_scaling_axis axis)
{
	const double *x = abl_axes_x(&w->axes, axis, false);
	char **line = abl_axes_lines(&w->axes, x);
	char **same_steps = abl_axes_lines_same_steps(&w->axes, x, line);

	add_rows(w, axis, line);
	add_rows(w, axis, same_steps);
	abl_axes_lines_finish(line, w->facts->variants);
	abl_axes_lines_finish(same_steps, w->facts->variants);
}

/* Do runs differ in both? */
static bool both_vary(const struct abl_scaling_run_two *run, size_t count)
{
	bool n = false, d = false;

	for (size_t i = 1; i < count; i++) {
		n |= !(fabs(run[i].n / run[0].n - 1) < 1e-3);
		d |= !(fabs(run[i].d / run[0].d - 1) < 1e-3);
	}
	return n && d;
}

/* Parameters and words together, over all variants that differ in nothing else. */
static void add_pair(struct work *w)
{
	const double *n = abl_axes_x(&w->axes, ABL_AXIS_PARAMETERS, false);
	const double *d = abl_axes_x(&w->axes, ABL_AXIS_WORDS, false);
	struct abl_scaling_run_two *run = abl_calloc(w->scores + 1, sizeof *run);
	struct abl_scaling *s = w->out;
	size_t count = 0;

	for (size_t i = 0; i < w->scores && !w->reason; i++) {
		const int at = abl_facts_variant(w->facts, w->score[i].variant);

		if (at >= 0 && w->on_line[at] && n[at] > 0 && d[at] > 0)
			run[count++] = (struct abl_scaling_run_two){
				n[at], d[at], fitted(w, w->score[i].value), w->score[i].seed};
	}
	if (both_vary(run, count)) {
		abl_grow(&s->pair, &s->pair_capacity, s->pairs + 1, sizeof *s->pair);
		s->pair[s->pairs] = (struct abl_scaling_pair){
			.task = copy(w->task), .metric = copy(w->metric), .ceiling = w->ceiling};
		abl_scaling_two(&s->pair[s->pairs++].fit, run, count);
	}
	free(run);
}

/* Sizes that were not tried, or failed, have a place on the axis. */
static void place_missing(struct work *w)
{
	bool *scored = abl_calloc(w->facts->variants + 1, sizeof *scored);

	for (size_t v = 0; v < w->facts->variants; v++)
		scored[v] = has_score(w, w->facts->variant[v].id);
	abl_axes_place(&w->axes, scored);
	free(scored);
}

/* The task's rows; `task` NULL: of pre-training. */
static int add_task(struct work *w, struct abl_store *store, const char *task,
		    enum abl_scaling_axis axis, struct abl_err *err)
{
	int rc;

	w->scores = 0;
	rc = task ? abl_read_scores(store, w->facts->study, task, w->metric, take_score, w, err)
		  : abl_read_pretraining_scores(store, w->facts->study, w->metric, take_score, w,
						err);
	rc = rc ? rc : abl_axes_load(&w->axes, store, w->facts, task, err);
	if (!rc) {
		place_missing(w);
		find_ceiling(w);
		add_lines(w, axis);
		add_pair(w);
	}
	abl_axes_finish(&w->axes);
	return rc;
}

/* Pre-training, by its loss or by the metric asked for: 1 = there is such a thing. */
static int add_pretraining(struct work *w, struct abl_store *store,
			   const struct abl_scaling_request *request, struct abl_err *err)
{
	char *objective = NULL;
	size_t rows = w->out->rows;
	int rc = 0;

	if (!request->metric)
		rc = abl_read_objective(store, w->facts->study, &objective, err);
	w->metric = request->metric ? request->metric : objective;
	if (rc || !w->metric)
		return rc;
	w->task = PRETRAINING, w->split = "held-out documents", w->label = NULL;
	w->lower_is_better = !strstr(w->metric, "accuracy");
	if (!(rc = add_task(w, store, NULL, request->axis, err)))
		rc = w->scores > 0;
	for (; rc == 0 && w->out->rows > rows; w->out->rows--)
		row_finish(&w->out->row[w->out->rows - 1]);
	free(objective);
	return rc;
}

/* ---- the study ---- */

static void add_off_line(struct work *w)
{
	for (size_t v = 0; v < w->facts->variants && w->out->rows; v++)
		if (!w->on_line[v] && !w->facts->variant[v].placebo)
			add_name(w->sized[v] ? &w->out->off_line : &w->out->no_size,
				 w->facts->variant[v].label);
}

static int nothing_grows(const struct abl_scaling_request *request, const char *study,
			 struct abl_err *err)
{
	static const char *const want[ABL_AXES] = {
		[ABL_AXIS_PARAMETERS] =
			("no two variants with finished trials differ in their number "
			 "of parameters alone; a program tells it as the metric or "
			 "option 'parameters'"),
		[ABL_AXIS_WORDS] =
			("no two variants with finished trials differ in their amount of "
			 "text alone; a program tells it as the metric or option 'words' "
			 "or 'tokens'"),
		[ABL_AXIS_FLOPS] = ("no two variants with finished trials differ in their compute "
				    "alone; a program tells it as the metric or option 'flops'"),
	};

	return abl_err_set(err, ABL_EINPUT, "%s: %s", study, want[request->axis]);
}

static bool is_asked(const struct abl_scaling_request *r, const char *task)
{
	return !r->task || abl_same_word(r->task, task);
}

static int add_all(struct work *w, struct abl_store *store,
		   const struct abl_scaling_request *request, bool *asked, struct abl_err *err)
{
	bool named = false;
	int rc = 0;

	for (size_t t = 0; t < w->facts->tasks; t++)
		named |= abl_same_word(w->facts->task[t].name, PRETRAINING);
	if (!named && is_asked(request, PRETRAINING)) {
		rc = add_pretraining(w, store, request, err);
		*asked = rc > 0;
	}
	for (size_t t = 0; t < w->facts->tasks && rc >= 0; t++) {
		const struct abl_fact_task *k = &w->facts->task[t];

		if (!is_asked(request, k->name))
			continue;
		w->task = k->name, w->split = k->split, w->label = k->label;
		w->metric = k->metric, w->lower_is_better = k->lower_is_better;
		rc = add_task(w, store, k->name, request->axis, err);
		*asked = true;
	}
	return rc < 0 ? rc : 0;
}

int abl_scaling(struct abl_scaling **out, struct abl_store *store, const char *study,
		const struct abl_scaling_request *request, struct abl_err *err)
{
	struct abl_err no_task = {0};
	struct abl_facts f = {0};
	struct work w = {.facts = &f,
			 .refits = request->refits ? request->refits : ABL_SCALING_REFITS};
	bool asked = false;
	int rc, of_task = abl_facts_load(&f, store, study, request->metric, &no_task);

	*out = NULL;
	/* a metric that no task has may be one of pre-training */
	rc = of_task && request->metric ? abl_facts_load(&f, store, study, NULL, err) : of_task;
	if (rc)
		return request->metric ? rc : abl_err_set(err, rc, "%s", no_task.text);
	w.out = abl_calloc(1, sizeof *w.out);
	w.out->study = abl_strdup(study);
	w.on_line = abl_calloc(2 * f.variants + 1, sizeof *w.on_line);
	w.sized = w.on_line + f.variants;
	if (of_task) {
		rc = is_asked(request, PRETRAINING) ? add_pretraining(&w, store, request, err) : 0;
		asked = rc > 0;
		rc = rc < 0 ? rc : asked ? 0 : abl_err_set(err, of_task, "%s", no_task.text);
	} else {
		rc = add_all(&w, store, request, &asked, err);
	}
	if (!rc && !asked && request->task)
		rc = abl_err_set(err, ABL_EINPUT, "%s: the study has no task '%s' with a score%s%s",
				 study, request->task, request->metric ? " called " : "",
				 request->metric ? request->metric : "");
	if (!rc && !w.out->rows)
		rc = nothing_grows(request, study, err);
	if (!rc)
		add_off_line(&w);
	free(w.score), free(w.on_line);
	abl_facts_finish(&f);
	if (rc)
		abl_scaling_destroy(w.out);
	else
		*out = w.out;
	return rc;
}
