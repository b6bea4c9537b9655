/* SPDX-License-Identifier: Apache-2.0 */
/* compare_wide.c - a comparison for machines: all numbers, a row per variant. */
#include "compare.h"
#include "example_effect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	size_t offset;
} reals[] = {
	{"base_mean", offsetof(struct abl_effect, base_mean)},
	{"mean", offsetof(struct abl_effect, mean)},
	{"sd", offsetof(struct abl_effect, arm.sd)},
	{"effect", offsetof(struct abl_effect, t.estimate)},
	{"sd_difference", offsetof(struct abl_effect, t.sd)},
	{"low", offsetof(struct abl_effect, t.low)},
	{"high", offsetof(struct abl_effect, t.high)},
	{"t", offsetof(struct abl_effect, t.t)},
	{"p", offsetof(struct abl_effect, p)},
	{"p_adjusted", offsetof(struct abl_effect, p_adjusted)},
	{"p_sign_flip", offsetof(struct abl_effect, p_sign_flip)},
	{"could_see", offsetof(struct abl_effect, could_see)},
	{"df", offsetof(struct abl_effect, t.df)},
	{"low_90", offsetof(struct abl_effect, narrow_low)},
	{"high_90", offsetof(struct abl_effect, narrow_high)},
	{"p_equivalent", offsetof(struct abl_effect, p_equivalent)},
	{"p_fails", offsetof(struct abl_effect, p_fails)},
	{"p_fails_alone", offsetof(struct abl_effect, p_fails_alone)},
	{"fails_low", offsetof(struct abl_effect, arm.fails.low)},
	{"fails_high", offsetof(struct abl_effect, arm.fails.high)},
	{"collapses_low", offsetof(struct abl_effect, arm.collapses.low)},
	{"collapses_high", offsetof(struct abl_effect, arm.collapses.high)},
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
/* With other examples, where predictions are stored; empty elsewhere. */
static const struct {
	const char *name;
	size_t offset;
} examples[] = {
	{"examples_error", offsetof(struct abl_example_effect, error)},
	{"examples_low", offsetof(struct abl_example_effect, low)},
	{"examples_high", offsetof(struct abl_example_effect, high)},
	{"examples_df", offsetof(struct abl_example_effect, df)},
	{"examples_p", offsetof(struct abl_example_effect, p)},
	{"mcnemar_p", offsetof(struct abl_example_effect, mcnemar)},
};
#define EXAMPLES (sizeof examples / sizeof *examples)
#define REALS (sizeof reals / sizeof *reals)
#define COUNTS (sizeof counts / sizeof *counts)

struct abl_table *abl_compare_wide_table(void)
{
	static const char *const texts[] = {"study", "task",    "metric", "variant",
					    "kind",  "subject", "base"};
	static const char *const last[] = {"family", "verdict", "label", "notes"};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		abl_table_column(t, texts[i], false);
	for (size_t i = 0; i < COUNTS; i++)
		abl_table_column(t, counts[i].name, true);
	abl_table_column(t, "n", true);
	for (size_t i = 0; i < REALS; i++)
		abl_table_column(t, reals[i].name, true);
	for (size_t i = 0; i < EXAMPLES; i++)
		abl_table_column(t, examples[i].name, true);
	abl_table_column(t, "effect_in_sd", true);
	abl_table_column(t, "family_size", true);
	for (size_t i = 0; i < sizeof last / sizeof *last; i++)
		abl_table_column(t, last[i], false);
	abl_table_column(t, "other_code", true);
	return t;
}

static void add_real(struct abl_table *t, double x)
{
	char text[32];

	abl_table_real(t, x, abl_format_score(x, text));
}

static void note(struct abl_str *out, const char *text)
{
	abl_str_printf(out, "%s%s", out->length ? "; " : "", text);
}

/* What must be known beside the row, in words. */
static void add_notes(const struct abl_comparison *c, const struct abl_effect *e,
		      struct abl_str *out)
{
	char text[120], number[32];

	if (c->interim)
		note(out, "interim: planned trials are missing");
	if (c->exploratory)
		note(out, "exploratory");
	if (e->decision == ABL_DECISION_VALUES) {
		snprintf(text, sizeof text, "fewer than %d units: no verdict", c->verdict_from);
		note(out, text);
	}
	if (e->reason)
		note(out, e->reason);
	if (e->by_pretraining)
		note(out, "unit: pre-training");
	if (e->scope == ABL_FOR_PRETRAININGS)
		note(out, "unit: fine-tuning, for these pre-trainings");
	if (e->scope == ABL_FOR_CHECKPOINT)
		note(out, "for this checkpoint");
	if (e->examples && e->examples->reason && c->examples_shown)
		note(out, e->examples->reason);
	if (e->arm.fails.hits) {
		snprintf(text, sizeof text, "%lld of %lld units failed or diverged",
			 (long long)e->arm.fails.hits, (long long)e->arm.fails.units);
		note(out, text);
	}
	if (e->arm.collapses.hits) {
		snprintf(text, sizeof text, "%lld of %lld units collapsed",
			 (long long)e->arm.collapses.hits, (long long)e->arm.collapses.units);
		note(out, text);
	}
	if (e->equivalent || e->p_equivalent >= 0) {
		snprintf(text, sizeof text, "margin %s%s", abl_format_score(c->margin, number),
			 c->margin_late ? ", chosen after the run" : "");
		note(out, text);
	}
	if (c->seeds_from) {
		snprintf(text, sizeof text, "seeds raised from %d to %d after results",
			 c->seeds_from, c->seeds_to);
		note(out, text);
	}
}

static void add_texts(struct abl_table *t, const struct abl_comparison *c, const char *task,
		      const char *variant, const char *kind, const char *subject)
{
	const char *const texts[] = {c->study, task,    c->metric,        variant,
				     kind,     subject, c->baseline.label};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		abl_table_text(t, texts[i]);
}

static void add_examples(struct abl_table *t, const struct abl_example_effect *x)
{
	for (size_t i = 0; i < EXAMPLES; i++)
		add_real(t, x ? *(const double *)((const char *)x + examples[i].offset) : NAN);
}

void abl_compare_add_rows(const struct abl_comparison *c, struct abl_table *wide)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		struct abl_str verdict = {0}, notes = {0};

		add_texts(wide, c, e->tasks ? e->tasks : c->task, e->arm.label,
			  abl_variant_kind_name(e->arm.kind), e->arm.subject);
		for (size_t k = 0; k < COUNTS; k++)
			abl_table_int(wide, *(const int *)((const char *)e + counts[k].offset));
		abl_table_int(wide, (int64_t)e->n);
		for (size_t k = 0; k < REALS; k++)
			add_real(wide, *(const double *)((const char *)e + reals[k].offset));
		add_examples(wide, e->examples);
		add_real(wide, e->t.sd > 0 ? e->t.estimate / e->t.sd : NAN);
		abl_table_int(wide, (int64_t)e->family_size);
		abl_table_text(wide, abl_family_name(e->family));
		if (abl_has_verdict(e))
			abl_verdict_text(c, e, &verdict);
		add_notes(c, e, &notes);
		abl_table_text(wide, verdict.text);
		abl_table_text(wide, c->label);
		abl_table_text(wide, notes.text);
		abl_table_int(wide, c->other_code);
		abl_str_finish(&verdict);
		abl_str_finish(&notes);
	}
}

/* ---- interactions: rows of the same columns ---- */

static const struct abl_comparison *table_of(const struct abl_analysis *a, const char *task)
{
	for (size_t t = 0; t < a->tasks; t++)
		if (!strcmp(a->task[t]->task, task))
			return a->task[t];
	return a->all;
}

static double interaction_real(const struct abl_interaction *x, const char *column)
{
	const struct {
		const char *name;
		double value;
	} values[] = {{"effect", x->t.estimate},
		      {"sd_difference", x->t.sd},
		      {"low", x->t.low},
		      {"high", x->t.high},
		      {"t", x->t.t},
		      {"p", x->p},
		      {"p_adjusted", x->p_adjusted},
		      {"could_see", x->could_see},
		      {"df", x->t.df}};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (!strcmp(values[i].name, column))
			return values[i].value;
	return NAN;
}

static void add_interactions(const struct abl_analysis *a, struct abl_table *wide)
{
	for (size_t i = 0; i < a->interactions; i++) {
		const struct abl_interaction *x = &a->interaction[i];
		struct abl_str words = {0}, notes = {0};
		char text[80];

		add_texts(wide, table_of(a, x->task), x->task, x->label,
			  x->single ? "factor" : "interaction", NULL);
		for (size_t k = 0; k < COUNTS; k++)
			abl_table_text(wide, NULL);
		abl_table_int(wide, (int64_t)x->n);
		for (size_t k = 0; k < REALS; k++)
			add_real(wide, interaction_real(x, reals[k].name));
		add_examples(wide, NULL);
		add_real(wide, x->t.sd > 0 ? x->t.estimate / x->t.sd : NAN);
		abl_table_int(wide, (int64_t)x->family_size);
		abl_table_text(wide, abl_family_name(ABL_FAMILY_INTERACTION));
		abl_interaction_words(x, &words);
		snprintf(text, sizeof text, "mean over %zu setting%s of the other factors",
			 x->contexts, abl_plural((int64_t)x->contexts));
		if (x->contexts > 1)
			note(&notes, text);
		if (a->exploratory)
			note(&notes, "exploratory");
		abl_table_text(wide, words.text);
		abl_table_text(wide, NULL);
		abl_table_text(wide, notes.text);
		abl_table_text(wide, NULL);
		abl_str_finish(&words);
		abl_str_finish(&notes);
	}
}

void abl_compare_add_analysis(const struct abl_analysis *a, struct abl_table *wide)
{
	abl_compare_add_rows(a->all, wide);
	for (size_t t = 0; t < a->tasks; t++)
		abl_compare_add_rows(a->task[t], wide);
	add_interactions(a, wide);
}
