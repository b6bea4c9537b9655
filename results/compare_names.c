/* SPDX-License-Identifier: Apache-2.0 */
/* compare_names.c - what the rows of a comparison are called, and how many digits they have. */
#include "compare_load.h"

#include <math.h>
#include <string.h>

bool abl_compare_is(const struct abl_comparison *c, const struct abl_effect *e,
		    enum abl_variant_kind kind)
{
	return e->arm.kind == kind && c->baseline.kind == ABL_VARIANT_BASELINE;
}

/* Is it a removal, or the placebo, and not under a name of its own? Then the part says it all. */
static bool is_plain_removal(const struct abl_comparison *c, const struct abl_effect *e)
{
	const char *label = e->arm.label, *part = e->arm.subject;

	if (abl_compare_is(c, e, ABL_VARIANT_PLACEBO))
		return true;
	return abl_compare_is(c, e, ABL_VARIANT_REMOVAL) && part && !strncmp(label, "no ", 3) &&
	       (!strcmp(label + 3, part) || strstr(label, ", no "));
}

bool abl_compare_only_removals(const struct abl_comparison *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (!is_plain_removal(c, &c->effect[i]))
			return false;
	return c->count > 0;
}

void abl_compare_name_as(const char *name, const struct abl_effect *e, struct abl_str *out)
{
	abl_str_puts(out, name);
	if (e->tasks)
		abl_str_printf(out, " on %s", e->tasks);
}

void abl_compare_name(const struct abl_comparison *c, const struct abl_effect *e,
		      struct abl_str *out)
{
	const bool part = abl_compare_only_removals(c) && e->arm.subject;

	abl_compare_name_as(part ? e->arm.subject : e->arm.label, e, out);
}

bool abl_compare_has_named(const struct abl_comparison *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->effect[i].tasks)
			return true;
	return false;
}

void abl_compare_subject(const struct abl_comparison *c, struct abl_str *out)
{
	if (!c->primary)
		abl_str_puts(out, c->task);
	else if (c->only)
		abl_str_printf(out, "%s%s", c->only, c->by_task ? ", primary rows" : "");
	else
		abl_str_printf(out, "mean over tasks%s",
			       abl_compare_has_named(c) ? ", or the one named" : "");
}

const char *abl_compare_no_rows(const struct abl_comparison *c)
{
	return c->primary && c->by_task
		       ? "no primary row is on a task that has this metric"
		       : "no variant beside the baseline: there is nothing to compare";
}

bool abl_compare_covers(const struct abl_comparison *c, const struct abl_comparison *task)
{
	for (size_t i = 0; i < task->count; i++) {
		bool found = false;

		for (size_t k = 0; k < c->count && !found; k++)
			found = !strcmp(c->effect[k].arm.label, task->effect[i].arm.label);
		if (!found)
			return false;
	}
	return true;
}

/* The largest number of a row: an end of the interval, or the effect. */
static double largest_of(const struct abl_effect *e)
{
	const double ends = fmax(fabs(e->t.low), fabs(e->t.high));

	return isfinite(ends) ? fmax(fabs(e->t.estimate), ends) : fabs(e->t.estimate);
}

double abl_effect_p(const struct abl_effect *e)
{
	return e->family == ABL_FAMILY_PLACEBO ? NAN : e->p_adjusted;
}

struct abl_digits abl_effect_digits(const struct abl_comparison *c, const struct abl_effect *e)
{
	double column = 0;

	if (!isfinite(e->t.low))
		return abl_digits_for(largest_of(e), 4 * e->arm.sd);
	for (size_t i = 0; i < c->count; i++)
		if (isfinite(largest_of(&c->effect[i])))
			column = fmax(column, largest_of(&c->effect[i]));
	return abl_digits_of_interval(e->t.estimate, e->t.low, e->t.high, column);
}

struct abl_digits abl_baseline_digits(const struct abl_comparison *c)
{
	return abl_digits_for(c->baseline.mean, 4 * c->baseline.sd);
}

const struct abl_comparison *abl_analysis_task(const struct abl_analysis *a, const char *task,
					       struct abl_err *err)
{
	for (size_t t = 0; t < a->tasks; t++)
		if (!strcmp(a->task[t]->task, task))
			return a->task[t];
	for (size_t t = 0; t < a->tasks; t++)
		if (abl_same_word(a->task[t]->task, task))
			return a->task[t];
	if (abl_compare_no_task(a, task, err))
		return NULL;
	return NULL;
}
