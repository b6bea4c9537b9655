/* SPDX-License-Identifier: Apache-2.0 */
/* example_tasks.c - effects on other examples, as means over tasks. */
#include "example_effect.h"

#include "distribution.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tasks {
	const struct abl_example_effect *const *task;
	const double *scale; /* of a task in the sum: its own, by the number of tasks */
	size_t count;
};

static bool unit_in(const struct abl_example_effect *e, int64_t unit, double *difference)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->unit[i] == unit) {
			*difference = e->difference[i];
			return true;
		}
	return false;
}

/* The units of the first task that the others have, and their differences. */
static void common_units(const struct tasks *k, struct abl_example_effect *out)
{
	const struct abl_example_effect *first = k->task[0];

	out->unit = abl_calloc(first->n + 1, sizeof *out->unit);
	out->difference = abl_calloc(first->n + 1, sizeof *out->difference);
	for (size_t i = 0; i < first->n; i++) {
		double sum = 0, difference = 0;
		bool all = true;

		for (size_t t = 0; t < k->count && all; t++) {
			all = unit_in(k->task[t], first->unit[i], &difference);
			sum += k->scale[t] * difference;
		}
		if (!all)
			continue;
		out->unit[out->n] = first->unit[i];
		out->difference[out->n++] = sum;
	}
}

/* The seeds' part is that of the units' means; to it each task adds what its own examples do,
 * max(MSe - MSr, 0) / (n M), as in the table of one task. */
static void combine(const struct tasks *k, struct abl_example_effect *out)
{
	const double n = (double)out->n, df = n - (double)(out->within ? out->within : 1);
	double squares = 0, seeds, variance, spread, reach;

	for (size_t i = 0; i < out->n; i++)
		squares += pow(out->difference[i] - out->estimate, 2);
	seeds = squares / df / n;
	if (!(seeds > 0))
		return;
	variance = seeds;
	spread = seeds * seeds / df;
	for (size_t t = 0; t < k->count; t++) {
		const struct abl_example_effect *e = k->task[t];
		const double m = (double)e->examples;
		const double share = pow(k->scale[t], 2) / ((double)e->n * m);

		variance += fmax(0, e->ms_examples - e->ms_rest) * share;
		spread += pow(e->ms_examples * share, 2) / (m - 1) +
			  pow(e->ms_rest * share, 2) / ((m - 1) * df);
	}
	out->total = sqrt(variance);
	out->df = fmax(df, variance * variance / spread);
	out->p = abl_t_two_sided(out->estimate / out->total, out->df);
	reach = abl_t_critical(ABL_LEVEL, out->df) * out->total;
	out->low = out->estimate - reach;
	out->high = out->estimate + reach;
}

static void add_up(const struct tasks *k, struct abl_example_effect *out)
{
	double variance = 0;

	out->estimate = 0;
	for (size_t i = 0; i < out->n; i++)
		out->estimate += out->difference[i] / (double)out->n;
	for (size_t t = 0; t < k->count; t++) {
		const struct abl_example_effect *e = k->task[t];

		out->examples += e->examples;
		out->by_pretraining |= e->by_pretraining;
		out->within = e->within > out->within ? e->within : out->within;
		variance += pow(e->error * k->scale[t], 2);
		if (e->left_out && !out->left_out)
			out->left_out = abl_strdup(e->left_out);
	}
	out->error = sqrt(variance);
	if (out->n > 1 && (!out->within || out->within < out->n))
		combine(k, out);
}

static char *copy_text(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static void *copy_of(const void *from, size_t bytes)
{
	return from ? memcpy(abl_malloc(bytes), from, bytes) : NULL;
}

/* Of one task with its own scale nothing is to be added up. */
static void copy(const struct abl_example_effect *e, struct abl_example_effect *out)
{
	*out = *e;
	out->reason = copy_text(e->reason);
	out->left_out = copy_text(e->left_out);
	out->unit = copy_of(e->unit, e->n * sizeof *e->unit);
	out->difference = copy_of(e->difference, e->n * sizeof *e->difference);
}

void abl_example_effect_over_tasks(const struct abl_example_effect *const *task,
				   const double *scale, size_t tasks,
				   struct abl_example_effect *out)
{
	double *own = abl_calloc(tasks + 1, sizeof *own);
	const struct tasks k = {task, own, tasks};

	*out = abl_example_effect_none();
	for (size_t t = 0; t < tasks; t++) {
		own[t] = scale[t] / (double)tasks;
		if (task[t]->reason && !out->reason)
			out->reason = abl_strdup(task[t]->reason);
	}
	if (tasks == 1 && scale[0] == 1) {
		abl_example_effect_finish(out);
		copy(task[0], out);
	} else if (!out->reason && tasks) {
		common_units(&k, out);
		if (out->n)
			add_up(&k, out);
		else
			out->reason = abl_strdup("no seed has predictions on every task");
	}
	free(own);
}
