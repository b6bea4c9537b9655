/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_rows.h"

#include "example_effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDING 1e-12 /* of the values */

/* ---- an arm ---- */

/* What a program says of the classes that it predicted decides; where it says nothing, the
 * majority rate does, within half an example where the metric counts them. */
void abl_row_mark_collapsed(struct abl_loaded *l, const struct abl_comparison *c)
{
	const double tolerance = c->lower_is_better ? 1e-6 * fabs(c->majority)
				 : c->examples > 0  ? .5 / c->examples
						    : 1e-9;

	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < l->arms[i].count; k++) {
			struct abl_loaded_run *r = &l->arms[i].runs[k];

			r->collapsed =
				r->done &&
				(r->undefined || r->one_class ||
				 (!r->classes_known && fabs(r->value - c->majority) < tolerance));
		}
}

/* Seed by seed, the mean over the tasks of what is there on all of them. */
static size_t values_over_tasks(const struct abl_task_values *tasks, size_t count, double *all,
				double *own, size_t *own_n)
{
	size_t n = 0;

	*own_n = 0;
	for (size_t i = 0; tasks[0].arm && i < tasks[0].arm->count; i++) {
		const int64_t seed = tasks[0].arm->runs[i].seed;
		double sum = 0;
		bool done = true;

		for (size_t t = 0; t < count; t++) {
			const struct abl_loaded_arm *a = tasks[t].arm;
			double value = NAN;

			for (size_t k = 0; a && k < a->count; k++)
				if (a->runs[k].seed == seed) {
					value = abl_run_value(&a->runs[k], tasks[t].majority);
					done &= a->runs[k].done;
				}
			sum += tasks[t].scale * value / (double)count;
		}
		if (isnan(sum))
			continue;
		all[n++] = sum;
		if (done)
			own[(*own_n)++] = sum;
	}
	return n;
}

void abl_row_describe_arm(struct abl_arm *out, const struct abl_task_values *tasks, size_t count)
{
	const size_t room = tasks[0].arm ? tasks[0].arm->count + 1 : 1;
	double *all = abl_calloc(room, sizeof *all), *own = abl_calloc(room, sizeof *own);
	size_t own_n;

	*out = (struct abl_arm){0};
	for (size_t t = 0; t < count; t++) {
		const struct abl_loaded_arm *a = tasks[t].arm;

		if (!a)
			continue;
		if (!out->label) {
			out->label = abl_strdup(a->arm.label);
			out->subject = a->arm.subject ? abl_strdup(a->arm.subject) : NULL;
			out->kind = a->arm.kind;
		}
		out->planned += a->arm.planned;
		out->done += a->arm.done;
		out->pending += a->arm.pending;
		out->diverged += a->arm.diverged;
		for (size_t i = 0; i < a->count; i++) {
			out->collapsed += a->runs[i].collapsed;
			out->undefined += a->runs[i].undefined;
		}
	}
	out->failed = out->planned - out->done - out->pending - out->diverged;
	out->n = values_over_tasks(tasks, count, all, own, &own_n);
	out->mean = abl_stats_mean(all, out->n);
	out->sd = abl_stats_sd(all, out->n);
	out->mean_without = abl_stats_mean(own, own_n);
	free(all);
	free(own);
}

/* ---- an effect ---- */

static bool all_collapsed(const struct abl_loaded_arm *a)
{
	size_t n = 0;

	for (size_t i = 0; a && i < a->count; i++) {
		if (a->runs[i].done && !a->runs[i].collapsed)
			return false;
		n += a->runs[i].done || a->runs[i].diverged;
	}
	return n > 0;
}

/* Did an arm say the same in all seeds, on every task? Then its spread is not that of seeds. */
static bool is_collapsed(const struct abl_task_values *tasks, size_t count, bool base)
{
	for (size_t t = 0; t < count; t++)
		if (!all_collapsed(base ? tasks[t].base : tasks[t].arm))
			return false;
	return true;
}

/* Within the pre-trainings: what another seed of fine-tuning on these would change.
 * MSw = sum (d_pf - d_p.)^2 / sum (F_p - 1); t = d.. / sqrt(MSw / N). */
static void within(struct abl_effect *e, const struct abl_paired *p)
{
	double squares = 0, total = 0, df = 0;

	for (size_t i = 0; i < p->count; i++) {
		double sum = 0, count = 0;

		total += p->pair[i].x - p->pair[i].y;
		for (size_t k = 0; k < p->count; k++)
			if (p->pair[k].block == p->pair[i].block) {
				sum += p->pair[k].x - p->pair[k].y;
				count++;
			}
		squares += pow(p->pair[i].x - p->pair[i].y - sum / count, 2);
		df += 1 - 1 / count; /* adds up to F - 1 in each block */
	}
	df = round(df);
	e->t = (struct abl_t_test){
		.estimate = total / (double)p->count, .sd = sqrt(squares / df), .df = df};
	e->t.error = e->t.sd / sqrt((double)p->count);
	abl_stats_t_finish(&e->t, ABL_LEVEL);
}

/* Has every pair the same pre-training in both arms, and some of them share it? */
static bool is_within(const struct abl_paired *p, size_t *pretrainings)
{
	size_t repeats = 0;

	for (size_t i = 0; i < p->count; i++) {
		bool first = true;

		if (!p->pair[i].block || !p->pair[i].shared)
			return false;
		for (size_t k = 0; k < i && first; k++)
			first = p->pair[k].block != p->pair[i].block;
		repeats += !first;
		*pretrainings += first;
	}
	return repeats > 0;
}

/* What is only rounding of the values is no difference, and no spread of differences. */
static void drop_rounding(struct abl_effect *e, const struct abl_paired *p)
{
	double largest = 0;

	for (size_t i = 0; i < p->count; i++)
		largest = fmax(largest, fmax(fabs(p->pair[i].x), fabs(p->pair[i].y)));
	if (e->t.sd <= ROUNDING * largest)
		e->t.sd = e->t.error = 0;
	if (fabs(e->t.estimate) <= ROUNDING * largest)
		e->t.estimate = 0;
}

static void take_units(struct abl_effect *e, const struct abl_paired *p)
{
	double x = 0, y = 0;

	e->n = p->count;
	e->difference = abl_calloc(p->count + 1, sizeof *e->difference);
	e->unit = abl_calloc(p->count + 1, sizeof *e->unit);
	for (size_t i = 0; i < p->count; i++) {
		e->difference[i] = p->pair[i].x - p->pair[i].y;
		e->unit[i] = p->pair[i].seed;
		x += p->pair[i].x;
		y += p->pair[i].y;
	}
	e->mean = e->n ? x / (double)e->n : NAN;
	e->base_mean = e->n ? y / (double)e->n : NAN;
}

/* From pairs of seeds: how the arms go together, and what diverged runs and time did. */
static void describe_pairs(struct abl_effect *e, const struct abl_paired *p)
{
	double *x = abl_calloc(p->count + 1, sizeof *x), *y = abl_calloc(p->count + 1, sizeof *y);
	double clean = 0, x_seconds = 0, y_seconds = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		x[i] = p->pair[i].x;
		y[i] = p->pair[i].y;
		if (!p->pair[i].clean)
			continue;
		clean += x[i] - y[i];
		x_seconds += p->pair[i].x_seconds;
		y_seconds += p->pair[i].y_seconds;
		n++;
	}
	e->correlation = abl_stats_correlation(x, y, p->count);
	e->without = n && n < p->count ? clean / (double)n : NAN;
	e->time = x_seconds > 0 && y_seconds > 0 ? x_seconds / y_seconds - 1 : NAN;
	free(x);
	free(y);
}

static bool has_values(const struct abl_loaded_arm *a, double majority)
{
	for (size_t i = 0; a && i < a->count; i++)
		if (!isnan(abl_run_value(&a->runs[i], majority)))
			return true;
	return false;
}

static const char *why_no_pairs(const struct abl_task_values *tasks, size_t count)
{
	for (size_t t = 0; t < count; t++)
		if (!has_values(tasks[t].base, tasks[t].majority))
			return "cannot say: no run of the baseline has a score";
	for (size_t t = 0; t < count; t++)
		if (!has_values(tasks[t].arm, tasks[t].majority))
			return count > 1 ? "cannot say: no score on some of the tasks"
					 : "cannot say: none of its runs has a score";
	return count > 1 ? "cannot say: no seed in common with the baseline on all tasks"
			 : "cannot say: no seed in common with the baseline";
}

/* Why there can be no test, or NULL. */
static const char *reason_of(const struct abl_effect *e, const struct abl_task_values *tasks,
			     size_t count)
{
	if (!e->n && e->arm.planned && e->arm.failed + e->arm.diverged == e->arm.planned)
		return e->arm.planned == 1 ? "cannot say: its run failed"
					   : "cannot say: all its runs failed";
	if (!e->n)
		return why_no_pairs(tasks, count);
	if (e->n > 1 && (!(e->t.sd > 0) || is_collapsed(tasks, count, false) ||
			 is_collapsed(tasks, count, true)))
		return "cannot say: no spread between seeds";
	return NULL;
}

void abl_row_describe(struct abl_effect *e, const struct abl_task_values *tasks, size_t count,
		      const struct abl_compare_settings *settings)
{
	const size_t needed = (size_t)settings->verdict_from;
	struct abl_paired p;
	size_t pretrainings = 0;
	bool enough;

	*e = (struct abl_effect){.p = NAN,
				 .p_adjusted = NAN,
				 .p_sign_flip = NAN,
				 .p_equivalent = NAN,
				 .p_fails = NAN,
				 .p_fails_alone = NAN,
				 .could_see = NAN,
				 .narrow_low = NAN,
				 .narrow_high = NAN};
	abl_row_describe_arm(&e->arm, tasks, count);
	abl_paired_collect(&p, tasks, count);
	describe_pairs(e, &p);
	if (settings->from_checkpoint)
		e->scope = ABL_FOR_CHECKPOINT;
	if (is_within(&p, &pretrainings) && pretrainings < needed) {
		e->scope = ABL_FOR_PRETRAININGS;
		take_units(e, &p);
		within(e, &p);
		enough = e->t.df >= (double)needed - 1;
	} else {
		e->by_pretraining = abl_paired_average(&p);
		take_units(e, &p);
		abl_stats_t(e->difference, e->n, ABL_LEVEL, &e->t);
		enough = e->n >= needed;
	}
	drop_rounding(e, &p);
	e->pretrainings = pretrainings;
	e->reason = reason_of(e, tasks, count);
	e->decision = e->reason ? ABL_DECISION_CANNOT_SAY
		      : enough  ? ABL_DECISION_UNRESOLVED
				: ABL_DECISION_VALUES;
	if (!(e->t.sd > 0)) /* never an interval without width */
		e->t.low = e->t.high = e->t.t = e->t.p = NAN;
	if (e->decision == ABL_DECISION_UNRESOLVED) {
		struct abl_t_test narrow = e->t;

		abl_stats_t_finish(&narrow, 2 * ABL_LEVEL);
		e->narrow_low = narrow.low;
		e->narrow_high = narrow.high;
		e->p = e->t.p;
		if (e->scope != ABL_FOR_PRETRAININGS)
			e->p_sign_flip = abl_stats_sign_flip(e->difference, e->n);
	}
	abl_paired_finish(&p);
}

void abl_row_finish(struct abl_effect *e)
{
	abl_arm_finish(&e->arm);
	free(e->tasks);
	free(e->difference);
	free(e->unit);
	abl_example_effect_finish(e->examples);
	free(e->examples);
}
