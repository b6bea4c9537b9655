/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_interactions.h"

#include "compare_cells.h"
#include "compare_families.h"
#include "compare_pairs.h"
#include "families.h"
#include "power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDING 1e-12 /* of the values */

struct finding {
	const struct abl_compared_task *task; /* of all */
	size_t tasks;
	const double *scale;
	const struct abl_compare_settings *settings;
	const struct abl_cells *cells;
	const struct abl_loaded_arm **arm; /* [tasks][cells] */
	struct abl_interaction *list;
	size_t count, capacity;
};

/* ---- the values of the cells ---- */

static const struct abl_loaded_run *run_of(const struct abl_loaded_arm *a, int64_t seed)
{
	for (size_t i = 0; a && i < a->count; i++)
		if (a->runs[i].seed == seed)
			return &a->runs[i];
	return NULL;
}

static const struct abl_loaded_arm *arm_of(const struct finding *f, size_t task, size_t cell)
{
	return f->arm[task * f->cells->count + cell];
}

/* Of every cell on every task: they are asked for often. */
static const struct abl_loaded_arm **find_arms(const struct finding *f)
{
	const size_t cells = f->cells->count;
	const struct abl_loaded_arm **arm = abl_calloc(f->tasks * cells + 1, sizeof(*arm));

	for (size_t t = 0; t < f->tasks; t++)
		for (size_t i = 0; i < cells; i++)
			arm[t * cells + i] =
				i ? abl_loaded_find(&f->task[t].loaded, f->cells->cell[i].label)
				  : f->task[t].base;
	return arm;
}

/* Of a share: log odds, half an example away from 0 and 1. */
static double logit(double share, double examples)
{
	const double away = examples > 0 ? .5 / examples : 1e-3;

	share = fmin(fmax(share, away), 1 - away);
	return log(share / (1 - share));
}

struct sums { /* of one seed, over tasks */
	double contrast, logit;
	double cell[4];
	double alone[2]; /* the effect of each without the other */
	double largest;  /* of the values, without their sign */
	int64_t block;
};

/* False: some cell has no value there. */
static bool sum_seed(struct sums *s, const struct finding *f, const size_t *which, size_t count,
		     const struct abl_contrast *k, int64_t seed)
{
	const size_t named[4] = {0, k->a, k->b, k->both};

	*s = (struct sums){0};
	for (size_t t = 0; t < count; t++) {
		const struct abl_compared_task *task = &f->task[which[t]];
		const double scale = f->scale[which[t]] / (double)count;

		for (size_t i = 0; i < f->cells->count; i++) {
			const struct abl_loaded_run *r;
			double value;

			if (k->weight[i] == 0)
				continue;
			r = run_of(arm_of(f, which[t], i), seed);
			value = r ? abl_run_value(r, task->table->majority) : NAN;
			if (isnan(value))
				return false;
			s->contrast += k->weight[i] * scale * value;
			s->largest = fmax(s->largest, fabs(scale * value));
			s->logit += k->weight[i] * scale * logit(value, task->table->examples);
			if (value < 0 || value > 1)
				s->logit = NAN;
			for (int j = 0; j < 2 && k->alone[j]; j++)
				s->alone[j] += k->alone[j][i] * scale * value;
			for (int c = 0; c < 4; c++)
				if (named[c] == i && (c == 0 || i))
					s->cell[c] += scale * value;
			if (!s->block)
				s->block =
					r->pretraining ? r->pretraining : seed / ABL_CROSSED_SEED;
		}
	}
	return true;
}

/* Averages the seeds of each pre-training. */
static size_t average(struct sums *s, size_t n)
{
	size_t blocks = 0;

	for (size_t i = 0; i < n; i++) {
		struct sums sum = s[i];
		double count = 1;
		bool first = true;

		for (size_t k = 0; k < blocks && first; k++)
			first = !sum.block || s[k].block != sum.block;
		if (!first)
			continue;
		for (size_t k = i + 1; k < n; k++) {
			if (!sum.block || s[k].block != sum.block)
				continue;
			sum.contrast += s[k].contrast;
			sum.logit += s[k].logit;
			for (int c = 0; c < 4; c++)
				sum.cell[c] += s[k].cell[c];
			for (int j = 0; j < 2; j++)
				sum.alone[j] += s[k].alone[j];
			count++;
		}
		sum.contrast /= count;
		if (fabs(sum.contrast) <= ROUNDING * sum.largest)
			sum.contrast = 0;
		sum.logit /= count;
		for (int c = 0; c < 4; c++)
			sum.cell[c] /= count;
		for (int j = 0; j < 2; j++)
			sum.alone[j] /= count;
		s[blocks++] = sum;
	}
	return blocks;
}

/* ---- floors ---- */

/* Half its seeds collapsed, or its mean within two standard errors of the majority's. */
static bool is_at_floor(const struct abl_compared_task *k, const struct abl_loaded_arm *a)
{
	const double majority = k->table->majority;
	double *value, mean, error;
	size_t n = 0, collapsed = 0;
	bool floor;

	if (!a || !a->count)
		return false;
	value = abl_calloc(a->count, sizeof *value);
	for (size_t i = 0; i < a->count; i++) {
		const double x = abl_run_value(&a->runs[i], majority);

		if (!isnan(x))
			value[n++] = x;
		collapsed += a->runs[i].collapsed || a->runs[i].diverged;
	}
	mean = abl_stats_mean(value, n);
	error = n > 1 ? abl_stats_sd(value, n) / sqrt((double)n) : 0;
	floor = n &&
		(2 * collapsed >= n ||
		 (!isnan(majority) &&
		  (k->table->lower_is_better ? majority - mean : mean - majority) <= 2 * error));
	free(value);
	return floor;
}

/* What lies at the floor on one of the tasks: single cells, and the double one. */
static void find_floors(const struct finding *f, const size_t *which, size_t count,
			const struct abl_contrast *k, bool *single, bool *both)
{
	*single = *both = false;
	for (size_t t = 0; t < count; t++)
		for (size_t i = 0; i < f->cells->count; i++) {
			const bool positive = i && k->weight[i] > 0;

			if (k->weight[i] == 0 ||
			    !is_at_floor(&f->task[which[t]], arm_of(f, which[t], i)))
				continue;
			/* the double cells have the sign of the baseline's */
			if (positive)
				*both = true;
			else
				*single = true;
		}
}

/* ---- one interaction ---- */

static bool is_removal(const struct finding *f, size_t cell)
{
	const struct abl_loaded_arm *a = arm_of(f, 0, cell);

	return a && a->arm.kind == ABL_VARIANT_REMOVAL;
}

/* Is it no row of its own, since interactions answer for it? */
static bool is_cell(const struct finding *f, size_t cell)
{
	const struct abl_loaded_arm *a = arm_of(f, 0, cell);

	return a && (a->arm.kind == ABL_VARIANT_PAIR || a->arm.kind == ABL_VARIANT_FACTORIAL);
}

/* "segments x positions", by what the variants are about where both are removals. */
static char *label_of(const struct finding *f, const struct abl_contrast *k)
{
	const struct abl_loaded_arm *a = k->a ? arm_of(f, 0, k->a) : NULL,
				    *b = k->b ? arm_of(f, 0, k->b) : NULL;
	struct abl_str label = {0};

	if (!a || !b || !a->arm.subject || !b->arm.subject || a->arm.kind != ABL_VARIANT_REMOVAL ||
	    b->arm.kind != ABL_VARIANT_REMOVAL)
		return abl_strdup(k->label);
	abl_str_printf(&label, "%s x %s", a->arm.subject, b->arm.subject);
	return label.text;
}

static void take(struct abl_interaction *x, struct sums *s, size_t n, double *logits,
		 double *largest)
{
	double sum = 0;

	*largest = 0;
	x->n = n;
	x->contrast = abl_calloc(n + 1, sizeof *x->contrast);
	for (size_t i = 0; i < n; i++) {
		x->contrast[i] = s[i].contrast;
		sum += s[i].logit;
		*largest = fmax(*largest, s[i].largest);
		for (int c = 0; c < 4; c++)
			x->cell[c] += s[i].cell[c] / (double)n;
	}
	*logits = sum;
}

/* Is one value of each unit shown to hurt? Uncorrected: words are said only where it is (both
 * together), or is not (each alone). */
static bool hurts(const struct abl_interaction *x, const struct sums *s, size_t n,
		  double (*value_of)(const struct sums *s))
{
	double *value = abl_calloc(n + 1, sizeof *value);
	struct abl_t_test t;

	for (size_t i = 0; i < n; i++)
		value[i] = value_of(&s[i]);
	abl_stats_t(value, n, ABL_LEVEL, &t);
	free(value);
	return t.p < ABL_LEVEL && (t.estimate < 0) != x->lower_is_better;
}

static double first(const struct sums *s)
{
	return s->alone[0];
}

static double second(const struct sums *s)
{
	return s->alone[1];
}

static double both(const struct sums *s)
{
	return s->alone[0] + s->alone[1] + s->contrast;
}

static void judge(struct abl_interaction *x, const struct finding *f, const size_t *which,
		  size_t count, const struct abl_contrast *k, double logits)
{
	const double worse = x->lower_is_better ? x->t.estimate : -x->t.estimate;
	bool single, double_cell;

	x->interim = f->task[which[0]].table->interim;
	if (!x->n)
		x->reason = "cannot say: no seed that all cells have";
	else if (x->n > 1 && !(x->t.sd > 0))
		x->reason = "cannot say: no spread between seeds";
	if (!(x->t.sd > 0))
		x->t.low = x->t.high = x->t.p = x->t.t = NAN;
	if (!k->single && !x->reason) {
		find_floors(f, which, count, k, &single, &double_cell);
		if (single || (double_cell && worse < 0))
			x->reason = "cannot say (floor)";
		x->at_least = double_cell && worse > 0;
	}
	/* an "at least" stands on the scale that it was found on */
	x->by_scale = !k->single && !x->at_least && isfinite(logits) && logits != 0 &&
		      (logits > 0) != (x->t.estimate > 0);
	x->p = x->reason || x->interim || x->n < (size_t)f->settings->verdict_from ? NAN : x->t.p;
}

static const char *copied(const struct finding *f, size_t cell)
{
	return cell ? f->cells->cell[cell].label : NULL;
}

static void add(struct finding *f, const size_t *which, size_t count, const struct abl_contrast *k)
{
	const struct abl_loaded_arm *base = f->task[which[0]].base;
	struct sums *s = abl_calloc(base->count + 1, sizeof *s);
	struct abl_interaction *x;
	double logits, largest;
	size_t n = 0;

	for (size_t i = 0; i < base->count; i++)
		n += sum_seed(&s[n], f, which, count, k, base->runs[i].seed);
	n = average(s, n);
	abl_grow(&f->list, &f->capacity, f->count + 1, sizeof *f->list);
	x = &f->list[f->count++];
	*x = (struct abl_interaction){
		.task = abl_strdup(count > 1 || f->tasks == 1 ? ABL_TASK_ALL
							      : f->task[which[0]].table->task),
		.label = label_of(f, k),
		.contexts = k->contexts,
		.p_adjusted = NAN,
		.could_see = NAN,
		.single = k->single,
	};
	x->removals = k->removals || (k->a && k->b && is_removal(f, k->a) && is_removal(f, k->b));
	x->a = copied(f, k->a) ? abl_strdup(copied(f, k->a)) : NULL;
	x->b = copied(f, k->b) ? abl_strdup(copied(f, k->b)) : NULL;
	/* over tasks of several goals higher is better, as their values are turned */
	x->lower_is_better = f->task[which[0]].table->lower_is_better && f->scale[which[0]] > 0;
	take(x, s, n, &logits, &largest);
	x->singles = (k->averaged || is_cell(f, k->a) || is_cell(f, k->b)) && !k->single &&
		     (hurts(x, s, n, first) || hurts(x, s, n, second));
	x->together = !k->single && hurts(x, s, n, both);
	abl_stats_t(x->contrast, x->n, ABL_LEVEL, &x->t);
	if (x->t.sd <= ROUNDING * largest)
		x->t.sd = x->t.error = 0;
	judge(x, f, which, count, k, logits);
	free(s);
}

/* ---- families ---- */

static void decide(struct abl_interaction *list, size_t count, bool exploratory, bool many_tasks)
{
	double *p = abl_calloc(count + 1, sizeof *p);
	size_t tested = 0;
	bool by_rate;

	for (size_t i = 0; i < count; i++) {
		p[i] = list[i].p;
		tested += !isnan(p[i]);
	}
	by_rate = exploratory || (many_tasks && tested > ABL_HOLM_MOST);
	if (by_rate)
		abl_family_bh(p, count, p);
	else
		abl_stats_holm(p, count, p);
	for (size_t i = 0; i < count; i++) {
		struct abl_interaction *x = &list[i];

		x->family_size = tested ? tested : count;
		x->by_rate = by_rate;
		x->p_adjusted = p[i];
		if (x->t.error > 0)
			x->could_see = abl_could_see(x->t.error, x->t.df,
						     ABL_LEVEL / (double)x->family_size);
		x->found = x->p_adjusted < ABL_LEVEL;
	}
	free(p);
}

/* Does one of the two make a difference alone? */
static void find_singles(struct abl_interaction *x, const struct abl_analysis *out)
{
	const struct abl_comparison *c = out->all;

	for (size_t t = 0; t < out->tasks; t++)
		if (!strcmp(out->task[t]->task, x->task))
			c = out->task[t];
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];

		if ((x->a && !strcmp(e->arm.label, x->a)) || (x->b && !strcmp(e->arm.label, x->b)))
			x->singles |= e->decision == ABL_DECISION_HURTS;
	}
}

static void find_all(struct finding *f, struct abl_analysis *out,
		     const struct abl_contrast *contrasts, size_t count)
{
	size_t *every = abl_calloc(f->tasks + 1, sizeof *every), means;

	f->arm = find_arms(f);
	for (size_t t = 0; t < f->tasks; t++)
		every[t] = t;
	for (size_t i = 0; i < count; i++)
		add(f, every, f->tasks, &contrasts[i]);
	means = f->count;
	for (size_t t = 0; t < f->tasks && f->tasks > 1; t++)
		for (size_t i = 0; i < count; i++) {
			const double one[] = {1}, *scale = f->scale;
			const struct abl_compared_task *task = f->task;
			const struct abl_loaded_arm **arm = f->arm;
			const size_t first = 0;

			/* a task by itself is in its own unit */
			f->task = &task[t], f->scale = one, f->arm = &arm[t * f->cells->count];
			add(f, &first, 1, &contrasts[i]);
			f->task = task, f->scale = scale, f->arm = arm;
		}
	free(every);
	free(f->arm);
	f->arm = NULL;
	decide(f->list, means, f->settings->exploratory, false);
	decide(f->list + means, f->count - means, f->settings->exploratory, true);
	for (size_t i = 0; i < f->count; i++)
		find_singles(&f->list[i], out);
}

int abl_interactions_find(struct abl_analysis *out, const struct abl_compared_task *task,
			  const double *scale, const struct abl_compare_settings *settings,
			  struct abl_store *store, int64_t study, struct abl_err *err)
{
	struct abl_cells cells;
	struct finding f = {.task = task,
			    .tasks = out->tasks,
			    .scale = scale,
			    .settings = settings,
			    .cells = &cells};
	struct abl_contrast *contrasts = NULL;
	size_t count = 0;
	int rc = abl_cells_load(&cells, store, study, out->all->baseline.label, err);

	if (!rc) {
		contrasts = abl_cells_contrasts(&cells, &count);
		if (count)
			find_all(&f, out, contrasts, count);
	}
	for (size_t i = 0; i < count; i++)
		abl_contrast_finish(&contrasts[i]);
	free(contrasts);
	abl_cells_finish(&cells);
	out->interaction = f.list;
	out->interactions = f.count;
	return rc;
}

void abl_interactions_destroy(struct abl_interaction *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].task);
		free(list[i].label);
		free(list[i].a);
		free(list[i].b);
		free(list[i].contrast);
	}
	free(list);
}
