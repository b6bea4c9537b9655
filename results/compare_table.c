/* SPDX-License-Identifier: Apache-2.0 */
/* compare_table.c - a comparison in words and columns. */
#include "compare.h"
#include "table.h"

#include <math.h>
#include <string.h>

#define WIDTH 80

/* What the variant is to the one it is compared with: only against the baseline is it a removal. */
static bool is(const struct abl_comparison *c, const struct abl_effect *e,
	       enum abl_variant_kind kind)
{
	return e->arm.kind == kind && c->baseline.kind == ABL_VARIANT_BASELINE;
}

void abl_verdict_text(const struct abl_comparison *c, const struct abl_effect *e,
		      struct abl_str *out)
{
	const char *what = is(c, e, ABL_VARIANT_REMOVAL)    ? "removal"
			   : is(c, e, ABL_VARIANT_ADDITION) ? "addition"
							    : "change";
	char number[32];

	if (e->verdict == ABL_VERDICT_NONE) {
		abl_str_puts(out, "-");
	} else if (is(c, e, ABL_VARIANT_PLACEBO)) {
		if (e->verdict == ABL_VERDICT_UNRESOLVED || e->verdict == ABL_VERDICT_EQUIVALENT)
			abl_str_puts(out, "as it should be");
		else
			abl_str_printf(out, "differs, p %s: chance or fault",
				       abl_format_p(e->p, number));
	} else if (e->verdict == ABL_VERDICT_EQUIVALENT) {
		abl_str_printf(out, "equivalent within ±%s", abl_format_score(c->margin, number));
	} else if (e->verdict == ABL_VERDICT_UNRESOLVED) {
		abl_str_printf(out, "not resolved, could see %s",
			       abl_format_score(e->could_see, number));
	} else {
		abl_str_printf(out, "%s %s", what,
			       e->verdict == ABL_VERDICT_HURTS ? "hurts" : "helps");
	}
}

/* Any with enough pairs for a test? */
static bool has_tests(const struct abl_comparison *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->effect[i].n >= ABL_VERDICT_PAIRS)
			return true;
	return false;
}

static bool only_removals(const struct abl_comparison *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (!is(c, &c->effect[i], ABL_VARIANT_REMOVAL) &&
		    !is(c, &c->effect[i], ABL_VARIANT_PLACEBO))
			return false;
	return c->count > 0;
}

static const char *name_of(const struct abl_comparison *c, const struct abl_effect *e)
{
	return only_removals(c) && e->arm.subject ? e->arm.subject : e->arm.label;
}

void abl_compare_heading(const struct abl_comparison *c, struct abl_str *out)
{
	const char *base =
		c->baseline.kind != ABL_VARIANT_BASELINE ? c->baseline.label : "baseline";
	char mean[32], sd[32];

	abl_str_printf(out, "%s: %s on %s", c->task, c->metric, c->split ? c->split : "dev");
	if (c->examples > 0)
		abl_str_printf(out, " (%.0f examples)", c->examples);
	abl_str_printf(out, ", %d seed%s, %s %s", c->baseline.planned,
		       c->baseline.planned == 1 ? "" : "s", base,
		       abl_format_score(c->baseline.mean, mean));
	if (c->baseline.n > 1)
		abl_str_printf(out, " (sd %s)", abl_format_score(c->baseline.sd, sd));
	abl_str_printf(out, "%s%s\neffect = variant - %s, %s is better", c->label ? ", " : "",
		       c->label ? c->label : "", base, c->lower_is_better ? "lower" : "higher");
	if (has_tests(c))
		abl_str_printf(out, "; paired t, Holm over %zu comparison%s", c->family,
			       c->family == 1 ? "" : "s");
	abl_str_puts(out, "\n");
}

static void add_values(struct abl_table *t, const struct abl_effect *e)
{
	struct abl_str text = {0};
	char number[32];

	for (size_t i = 0; i < e->n; i++)
		abl_str_printf(&text, "%s%s", i ? ", " : "",
			       abl_format_effect(e->difference[i], number));
	abl_table_text(t, text.text);
	abl_str_finish(&text);
}

static void add_tested(struct abl_table *t, const struct abl_comparison *c,
		       const struct abl_effect *e)
{
	struct abl_str text = {0};
	char low[32], high[32];

	if (e->n >= ABL_VERDICT_PAIRS)
		abl_str_printf(&text, "[%s, %s]", abl_format_effect(e->t.low, low),
			       abl_format_effect(e->t.high, high));
	abl_table_text(t, text.text);
	abl_table_real(t, e->p_holm, abl_format_p(e->p_holm, low));
	abl_table_real(t, e->time, abl_format_percent(e->time, low));
	abl_str_clear(&text);
	abl_verdict_text(c, e, &text);
	abl_table_text(t, text.text);
	abl_str_finish(&text);
}

struct abl_table *abl_compare_table(const struct abl_comparison *c)
{
	struct abl_table *t = abl_table_create();
	bool tested = has_tests(c);
	char number[32];

	abl_table_column(t, only_removals(c) ? "removed" : "variant", false);
	abl_table_column(t, "effect", true);
	abl_table_column(t, tested ? "95 % interval" : "by seed", false);
	if (tested)
		abl_table_column(t, "p Holm", true);
	abl_table_column(t, "time", true);
	if (tested)
		abl_table_column(t, "verdict", false);
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];

		abl_table_text(t, name_of(c, e));
		abl_table_real(t, e->t.estimate, abl_format_effect(e->t.estimate, number));
		if (tested) {
			add_tested(t, c, e);
		} else {
			add_values(t, e);
			abl_table_real(t, e->time, abl_format_percent(e->time, number));
		}
	}
	return t;
}

/* ---- notes ---- */

/* "1 of 8 'no positions' runs" */
static void count_of(struct abl_str *out, const struct abl_arm *a, int count)
{
	abl_str_printf(out, "%d of %d '%s' runs ", count, a->planned, a->label);
}

/* `without` is the number without the diverged runs: an effect, or the baseline's mean; NaN = none.
 */
static void arm_notes(const struct abl_comparison *c, const struct abl_arm *a, const char *without,
		      struct abl_str *out)
{
	char number[32];

	if (a->diverged) {
		count_of(out, a, a->diverged);
		if (isnan(c->majority))
			abl_str_puts(out, "diverged and are left out (majority rate not known)\n");
		else
			abl_str_printf(out, "diverged (counted as majority; without %s %s)\n",
				       a->diverged == 1 ? "it" : "them", without);
	}
	if (a->failed) {
		count_of(out, a, a->failed);
		abl_str_puts(out, "failed and are left out: see the view 'failures'\n");
	}
	if (a->collapsed) {
		count_of(out, a, a->collapsed);
		abl_str_puts(out, a->undefined ? "collapsed to a single value"
					       : "collapsed to a single class");
		if (!isnan(c->majority))
			abl_str_printf(out, " (majority: %s)",
				       abl_format_score(c->majority, number));
		if (a->undefined && isnan(c->majority))
			abl_str_printf(out, "; %d without a %s are left out", a->undefined,
				       c->metric);
		else if (a->undefined)
			abl_str_printf(out, "; %d without a %s (nan) counted as that", a->undefined,
				       c->metric);
		abl_str_puts(out, "\n");
	}
}

/* The sign-flip p beside those of the t test, in lines of at most WIDTH. */
static void sign_flip_note(const struct abl_comparison *c, struct abl_str *out)
{
	size_t start = out->length;
	bool first = true;
	char number[32];

	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		struct abl_str item = {0};

		if (isnan(e->p_sign_flip))
			continue;
		abl_str_printf(&item, "%s %s", name_of(c, e), abl_format_p(e->p_sign_flip, number));
		if (first) {
			abl_str_puts(out, "sign-flip p, uncorrected, as a check: ");
		} else if (out->length - start + item.length + 3 > WIDTH) {
			abl_str_puts(out, ",\n  ");
			start = out->length - 2;
		} else {
			abl_str_puts(out, ", ");
		}
		first = false;
		abl_str_puts(out, item.text);
		abl_str_finish(&item);
	}
	if (!first)
		abl_str_puts(out, "\n");
}

static void scope_note(const struct abl_comparison *c, struct abl_str *out)
{
	char number[32];

	abl_str_printf(out, "on this %s set only", c->split ? c->split : "dev");
	if (!isnan(c->noise))
		abl_str_printf(out, ": %.0f examples alone give a standard error of %s",
			       c->examples, abl_format_score(c->noise, number));
	abl_str_puts(out, "\n");
}

void abl_compare_notes(const struct abl_comparison *c, struct abl_str *out)
{
	int pending = c->baseline.pending, few = 0;
	char number[32];

	sign_flip_note(c, out);
	scope_note(c, out);
	for (size_t i = 0; i < c->count; i++) {
		pending += c->effect[i].arm.pending;
		few += c->effect[i].n < ABL_VERDICT_PAIRS;
	}
	if (few)
		abl_str_puts(out, "fewer than 5 pairs: values only, no verdict\n");
	arm_notes(c, &c->baseline, abl_format_score(c->baseline.mean_without, number), out);
	for (size_t i = 0; i < c->count; i++)
		arm_notes(c, &c->effect[i].arm, abl_format_effect(c->effect[i].without, number),
			  out);
	for (size_t i = 0; i < c->count; i++)
		if (c->effect[i].by_pretraining)
			abl_str_printf(
				out,
				"'%s' changes pre-training: its pairs are the %zu pre-trainings\n",
				c->effect[i].arm.label, c->effect[i].n);
	if (pending)
		abl_str_printf(out,
			       "%d trial%s still to run: read the verdicts when all are done\n",
			       pending, pending == 1 ? " is" : "s are");
	if (c->mixed)
		abl_str_printf(
			out,
			"warning: the trials were not all run on the same machine and build: %s\n",
			c->mixed);
}

/* ---- for machines ---- */

static const struct {
	const char *name;
	size_t offset;
} reals[] = {
	{"mean", offsetof(struct abl_effect, arm.mean)},
	{"sd", offsetof(struct abl_effect, arm.sd)},
	{"effect", offsetof(struct abl_effect, t.estimate)},
	{"sd_difference", offsetof(struct abl_effect, t.sd)},
	{"low", offsetof(struct abl_effect, t.low)},
	{"high", offsetof(struct abl_effect, t.high)},
	{"t", offsetof(struct abl_effect, t.t)},
	{"p", offsetof(struct abl_effect, p)},
	{"p_holm", offsetof(struct abl_effect, p_holm)},
	{"p_sign_flip", offsetof(struct abl_effect, p_sign_flip)},
	{"could_see", offsetof(struct abl_effect, could_see)},
	{"correlation", offsetof(struct abl_effect, correlation)},
	{"effect_without_diverged", offsetof(struct abl_effect, without)},
	{"time", offsetof(struct abl_effect, time)},
};
static const struct {
	const char *name;
	size_t offset;
} counts[] = {
	{"planned", offsetof(struct abl_effect, arm.planned)},
	{"done", offsetof(struct abl_effect, arm.done)},
	{"failed", offsetof(struct abl_effect, arm.failed)},
	{"diverged", offsetof(struct abl_effect, arm.diverged)},
	{"collapsed", offsetof(struct abl_effect, arm.collapsed)},
};
#define REALS (sizeof reals / sizeof *reals)
#define COUNTS (sizeof counts / sizeof *counts)

struct abl_table *abl_compare_wide_table(void)
{
	static const char *const texts[] = {"study", "task",    "metric", "variant",
					    "kind",  "subject", "base"};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		abl_table_column(t, texts[i], false);
	for (size_t i = 0; i < COUNTS; i++)
		abl_table_column(t, counts[i].name, true);
	abl_table_column(t, "n", true);
	abl_table_column(t, "base_mean", true);
	for (size_t i = 0; i < REALS; i++)
		abl_table_column(t, reals[i].name, true);
	abl_table_column(t, "family", true);
	abl_table_column(t, "verdict", false);
	return t;
}

static void add_real(struct abl_table *t, double x)
{
	char text[32];

	abl_table_real(t, x, abl_format_score(x, text));
}

void abl_compare_add_rows(const struct abl_comparison *c, struct abl_table *wide)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		struct abl_str verdict = {0};

		abl_table_text(wide, c->study);
		abl_table_text(wide, c->task);
		abl_table_text(wide, c->metric);
		abl_table_text(wide, e->arm.label);
		abl_table_text(wide, abl_variant_kind_name(e->arm.kind));
		abl_table_text(wide, e->arm.subject);
		abl_table_text(wide, c->baseline.label);
		for (size_t k = 0; k < COUNTS; k++)
			abl_table_int(wide, *(const int *)((const char *)e + counts[k].offset));
		abl_table_int(wide, (int64_t)e->n);
		add_real(wide, c->baseline.mean);
		for (size_t k = 0; k < REALS; k++)
			add_real(wide, *(const double *)((const char *)e + reals[k].offset));
		abl_table_int(wide, (int64_t)c->family);
		if (e->verdict != ABL_VERDICT_NONE)
			abl_verdict_text(c, e, &verdict);
		abl_table_text(wide, verdict.text);
		abl_str_finish(&verdict);
	}
}
