/* SPDX-License-Identifier: Apache-2.0 */
/* compare_table.c - a comparison in words and columns. */
#include "compare.h"

#include <math.h>
#include <string.h>

void abl_verdict_text(const struct abl_comparison *c, const struct abl_effect *e,
		      struct abl_str *out)
{
	const char *what = abl_compare_is(c, e, ABL_VARIANT_REMOVAL)    ? "removal"
			   : abl_compare_is(c, e, ABL_VARIANT_SWAP)     ? "swap"
			   : abl_compare_is(c, e, ABL_VARIANT_ADDITION) ? "addition"
									: "change";
	char number[32];

	if (e->verdict == ABL_VERDICT_NONE) {
		abl_str_puts(out, "-");
	} else if (abl_compare_is(c, e, ABL_VARIANT_PLACEBO)) {
		if (e->verdict == ABL_VERDICT_UNRESOLVED || e->verdict == ABL_VERDICT_EQUIVALENT)
			abl_str_puts(out, "as it should be");
		else
			abl_str_printf(out, "differs, p %s: chance or fault",
				       abl_format_p(e->p, number));
	} else if (e->verdict == ABL_VERDICT_EQUIVALENT) {
		abl_str_printf(out, "equivalent within ±%s", abl_format_score(c->margin, number));
	} else if (e->verdict == ABL_VERDICT_UNRESOLVED && e->t.low == 0 && e->t.high == 0) {
		abl_str_puts(out, "the same in every pair");
	} else if (e->verdict == ABL_VERDICT_UNRESOLVED && e->t.sd == 0) {
		abl_str_puts(out, "too few seeds, though all agree");
	} else if (e->verdict == ABL_VERDICT_UNRESOLVED) {
		abl_str_printf(out, "not resolved, could see %s",
			       abl_format_digits(e->could_see, abl_effect_digits(c, e), number));
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

void abl_compare_heading(const struct abl_comparison *c, struct abl_str *out)
{
	const char *base =
		c->baseline.kind != ABL_VARIANT_BASELINE ? c->baseline.label : "baseline";
	const struct abl_arm *b = &c->baseline;
	const struct abl_digits digits = abl_baseline_digits(c);
	char mean[32], sd[32], number[32];

	abl_str_printf(out, "%s: %s on %s", c->task, c->metric, c->split ? c->split : "dev");
	if (c->examples > 0)
		abl_str_printf(out, " (%s example%s)",
			       abl_format_count((int64_t)c->examples, number),
			       abl_plural((int64_t)c->examples));
	abl_str_printf(out, ", %d seed%s", b->planned, abl_plural(b->planned));
	if (b->pending)
		abl_str_printf(out, " (%d finished)", b->planned - b->pending);
	abl_str_printf(out, ", %s %s", base, abl_format_digits(b->mean, digits, mean));
	if (b->n > 1)
		abl_str_printf(out, " (sd %s)", abl_format_digits(b->sd, digits, sd));
	abl_str_printf(out, "%s%s\neffect = variant - %s, %s is better", c->label ? ", " : "",
		       c->label ? c->label : "", base, c->lower_is_better ? "lower" : "higher");
	if (has_tests(c))
		abl_str_printf(out, "; paired t, Holm over %zu comparison%s", c->family,
			       abl_plural(c->family));
	abl_str_puts(out, "\n");
}

static void add_values(struct abl_table *t, const struct abl_comparison *c,
		       const struct abl_effect *e)
{
	const struct abl_digits digits = abl_effect_digits(c, e);
	struct abl_str text = {0};
	char number[32];

	for (size_t i = 0; i < e->n; i++)
		abl_str_printf(&text, "%s%s", i ? ", " : "",
			       abl_format_signed(e->difference[i], digits, number));
	abl_table_numbers(t, text.text);
	abl_str_finish(&text);
}

static void add_tested(struct abl_table *t, const struct abl_comparison *c,
		       const struct abl_effect *e)
{
	const struct abl_digits digits = abl_effect_digits(c, e);
	struct abl_str text = {0};
	char low[32], high[32];

	if (e->n >= ABL_VERDICT_PAIRS)
		abl_str_printf(&text, "[%s, %s]", abl_format_signed(e->t.low, digits, low),
			       abl_format_signed(e->t.high, digits, high));
	abl_table_numbers(t, text.text);
	abl_table_real(t, e->p_holm, abl_format_p(e->p_holm, low));
	abl_table_real(t, e->time, abl_format_percent(e->time, low));
	abl_str_clear(&text);
	abl_verdict_text(c, e, &text);
	abl_table_text(t, text.text);
	abl_str_finish(&text);
}

static void add_mean(struct abl_table *t, const struct abl_effect *e)
{
	char number[32];

	abl_table_int(t, (int64_t)e->n);
	abl_table_real(t, e->mean,
		       abl_format_digits(e->mean, abl_digits_for(e->mean, 4 * e->arm.sd), number));
}

/* `paper`: with n and the mean; there is room. */
static struct abl_table *make_table(const struct abl_comparison *c, bool paper)
{
	struct abl_table *t = abl_table_create();
	bool tested = has_tests(c);
	char number[32];

	abl_table_column(t, abl_compare_only_removals(c) ? "removed" : "variant", false);
	if (paper) {
		abl_table_column(t, "n", true);
		abl_table_column(t, "mean", true);
	}
	abl_table_column(t, "effect", true);
	abl_table_column(t, tested ? "95 % interval" : "by seed", false);
	if (tested)
		abl_table_column(t, "p Holm", true);
	abl_table_column(t, "time", true);
	if (tested) {
		abl_table_column(t, "verdict", false);
		abl_table_whole(t);
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];

		abl_table_text(t, abl_compare_name(c, e));
		if (paper)
			add_mean(t, e);
		abl_table_real(t, e->t.estimate,
			       abl_format_signed(e->t.estimate, abl_effect_digits(c, e), number));
		if (tested) {
			add_tested(t, c, e);
		} else {
			add_values(t, c, e);
			abl_table_real(t, e->time, abl_format_percent(e->time, number));
		}
	}
	return t;
}

struct abl_table *abl_compare_table(const struct abl_comparison *c)
{
	return make_table(c, false);
}

struct abl_table *abl_compare_paper_table(const struct abl_comparison *c)
{
	struct abl_table *t = make_table(c, true);
	struct abl_str heading = {0}, caption = {0}, notes = {0};

	abl_str_printf(&caption, "%s: ", c->study);
	abl_compare_heading(c, &heading);
	for (size_t i = 0; i < heading.length; i++)
		if (heading.text[i] == '\n')
			abl_str_puts(&caption, i + 1 < heading.length ? "; " : "");
		else
			abl_str_add(&caption, heading.text + i, 1);
	abl_compare_notes(c, &notes);
	abl_table_caption(t, caption.text, notes.text);
	abl_str_finish(&heading);
	abl_str_finish(&caption);
	abl_str_finish(&notes);
	return t;
}
