/* SPDX-License-Identifier: Apache-2.0 */
/* compare_table.c - a comparison in columns, with what it is about above. */
#include "compare.h"

#include <math.h>
#include <string.h>

#define ROOM 80
#define SHOWN 5 /* values of a row that has no verdict */

static bool any_tested(const struct abl_comparison *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (!isnan(c->effect[i].p))
			return true;
	return false;
}

/* ---- the heading ---- */

static void add_subject(const struct abl_comparison *c, struct abl_str *out)
{
	char number[32];

	if (c->primary && !c->only) {
		abl_str_printf(out, "%s: mean over %zu tasks%s, %s", c->study, c->tasks,
			       abl_compare_has_named(c) ? ", or the one named" : "",
			       strcmp(c->metric, "points") != 0 ? c->metric
								: "in points as metrics differ");
	} else {
		abl_compare_subject(c, out);
		abl_str_printf(out, ": %s", c->metric);
	}
	abl_str_printf(out, " on %s", c->split ? c->split : "dev");
	if (c->examples > 0)
		abl_str_printf(out, " (%s example%s)",
			       abl_format_count((int64_t)c->examples, number),
			       abl_plural((int64_t)c->examples));
}

static void add_seeds(const struct abl_comparison *c, struct abl_str *out)
{
	const int finished = c->baseline.planned
				     ? c->seeds * (c->baseline.planned - c->baseline.pending) /
					       c->baseline.planned
				     : 0;

	abl_str_printf(out, ", %d seed%s", c->seeds, abl_plural(c->seeds));
	if (c->pretrainings)
		abl_str_printf(out, " on %d pre-training%s", c->pretrainings,
			       abl_plural(c->pretrainings));
	if (c->baseline.pending)
		abl_str_printf(out, " (%d finished)", finished);
}

void abl_compare_heading(const struct abl_comparison *c, struct abl_str *out)
{
	const char *base =
		c->baseline.kind != ABL_VARIANT_BASELINE ? c->baseline.label : "baseline";
	const struct abl_digits digits = abl_baseline_digits(c);
	struct abl_str line = {0};
	char mean[32], sd[32];

	add_subject(c, &line);
	add_seeds(c, &line);
	abl_str_printf(&line, ", %s %s", base, abl_format_digits(c->baseline.mean, digits, mean));
	if (c->baseline.n > 1)
		abl_str_printf(&line, " (sd %s)", abl_format_digits(c->baseline.sd, digits, sd));
	if (c->label)
		abl_str_printf(&line, ", %s", c->label);
	abl_str_wrap(out, 0, 2, line.text);
	abl_str_clear(&line);
	abl_str_printf(&line, "effect = variant - %s, %s is better", base,
		       c->lower_is_better ? "lower" : "higher");
	if (any_tested(c) && c->family) {
		const bool by_task = !c->primary && c->by_task;

		abl_str_printf(&line, "; paired t, %s%s %zu %s%s%s",
			       c->by_rate ? "Benjamini-Hochberg" : "Holm", by_task ? "," : " over",
			       c->family, by_task ? "row" : "comparison",
			       abl_plural((int64_t)c->family), by_task ? " by task" : "");
	}
	if (c->exploratory)
		abl_str_puts(&line, "; exploratory");
	abl_str_wrap(out, 0, 2, line.text);
	if (c->interim)
		abl_str_puts(out, "interim: planned trials are missing, so there are intervals and "
				  "no verdicts\n");
	abl_str_finish(&line);
}

/* ---- the table ---- */

/* What a row says that has no verdict: its values, by seed. */
static void add_values(const struct abl_comparison *c, const struct abl_effect *e,
		       struct abl_str *out)
{
	const struct abl_digits digits = abl_effect_digits(c, e);
	char number[32];

	for (size_t i = 0; i < e->n && i < SHOWN; i++)
		abl_str_printf(out, "%s%s", i ? ", " : "",
			       abl_format_signed(e->difference[i], digits, number));
	if (e->n > SHOWN)
		abl_str_printf(out, " and %zu more", e->n - SHOWN);
}

static void add_verdict(struct abl_table *t, const struct abl_comparison *c,
			const struct abl_effect *e)
{
	struct abl_str text = {0};

	if (e->decision == ABL_DECISION_VALUES && e->n)
		add_values(c, e, &text);
	if (e->fails_more && text.length)
		abl_str_puts(&text, ", ");
	if (e->fails_more || !text.length)
		abl_verdict_text(c, e, &text);
	abl_table_numbers(t, text.text);
	abl_str_finish(&text);
}

static void add_interval(struct abl_table *t, const struct abl_comparison *c,
			 const struct abl_effect *e)
{
	const struct abl_digits digits = abl_effect_digits(c, e);
	struct abl_str text = {0};
	char low[32], high[32];

	if (isfinite(e->t.low))
		abl_str_printf(&text, "[%s, %s]", abl_format_signed(e->t.low, digits, low),
			       abl_format_signed(e->t.high, digits, high));
	abl_table_numbers(t, text.length ? text.text : NULL);
	abl_str_finish(&text);
}

static void add_mean(struct abl_table *t, const struct abl_effect *e)
{
	char number[32];

	abl_table_int(t, (int64_t)e->n);
	abl_table_real(t, e->mean,
		       abl_format_digits(e->mean, abl_digits_for(e->mean, 4 * e->arm.sd), number));
}

/* How the pairs are: beside the effect, for who asks. */
static void add_pairs(struct abl_table *t, const struct abl_comparison *c,
		      const struct abl_effect *e)
{
	const double in_sd = e->t.sd > 0 ? e->t.estimate / e->t.sd : NAN;
	char number[32];

	abl_table_real(t, e->t.sd, abl_format_digits(e->t.sd, abl_effect_digits(c, e), number));
	abl_table_real(t, e->correlation, abl_format_score(e->correlation, number));
	abl_table_real(t, in_sd, abl_format_score(in_sd, number));
}

static void add_name(struct abl_table *t, const struct abl_comparison *c,
		     const struct abl_effect *e)
{
	struct abl_str name = {0};

	abl_compare_name(c, e, &name);
	abl_table_text(t, name.text);
	abl_str_finish(&name);
}

enum style { STYLE_PEOPLE, STYLE_BROAD };

static bool any_time(const struct abl_comparison *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (!isnan(c->effect[i].time))
			return true;
	return false;
}

static struct abl_table *make_table(const struct abl_comparison *c, enum style style, bool time)
{
	const bool tested = any_tested(c);
	struct abl_table *t = abl_table_create();
	char number[32];

	time = time && any_time(c);
	abl_table_column(t, abl_compare_only_removals(c) ? "removed" : "variant", false);
	if (style != STYLE_PEOPLE) {
		abl_table_column(t, "n", true);
		abl_table_column(t, "mean", true);
	}
	abl_table_column(t, "effect", true);
	abl_table_column(t, "95 % interval", false);
	if (style != STYLE_PEOPLE) {
		abl_table_column(t, "sd diff", true);
		abl_table_column(t, "corr", true);
		abl_table_column(t, "effect/sd", true);
	}
	if (tested)
		abl_table_column(t, c->by_rate ? "p BH" : "p Holm", true);
	if (time)
		abl_table_column(t, c->cpu_time ? "cpu time" : "time", true);
	abl_table_column(t, "verdict", false);
	abl_table_whole(t);
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];

		add_name(t, c, e);
		if (style != STYLE_PEOPLE)
			add_mean(t, e);
		abl_table_real(t, e->t.estimate,
			       abl_format_signed(e->t.estimate, abl_effect_digits(c, e), number));
		add_interval(t, c, e);
		if (style != STYLE_PEOPLE)
			add_pairs(t, c, e);
		if (tested)
			abl_table_real(t, abl_effect_p(e), abl_format_p(e->p_adjusted, number));
		if (time)
			abl_table_real(t, e->time, abl_format_percent(e->time, number));
		add_verdict(t, c, e);
	}
	return t;
}

/* Is no line wider than a terminal? */
static bool fits(const struct abl_table *t)
{
	struct abl_str text = {0};
	size_t width = 0, widest = 0;

	abl_table_render(t, ABL_TABLE_PLAIN, &text);
	for (size_t i = 0; i < text.length; i++) {
		if (text.text[i] == '\n')
			width = 0;
		else if ((text.text[i] & 0xc0) != 0x80) /* a character's first byte */
			width++;
		widest = width > widest ? width : widest;
	}
	abl_str_finish(&text);
	return widest <= ROOM;
}

struct abl_table *abl_compare_table(const struct abl_comparison *c)
{
	struct abl_table *t = make_table(c, STYLE_PEOPLE, true);

	if (fits(t))
		return t;
	abl_table_destroy(t); /* the time is what is missed least */
	return make_table(c, STYLE_PEOPLE, false);
}

struct abl_table *abl_compare_broad_table(const struct abl_comparison *c)
{
	return make_table(c, STYLE_BROAD, true);
}

struct abl_table *abl_compare_paper_table(const struct abl_comparison *c)
{
	struct abl_table *t = make_table(c, STYLE_BROAD, true);
	struct abl_str heading = {0}, caption = {0}, notes = {0}, note = {0};
	const char *text;

	abl_str_printf(&caption, "%s", c->primary && !c->only ? "" : c->study);
	abl_compare_heading(c, &heading);
	for (text = heading.text; abl_next_note(&text, &note);)
		abl_str_printf(&caption, "%s%s",
			       !caption.length                      ? ""
			       : caption.length == strlen(c->study) ? ": "
								    : "; ",
			       note.text);
	abl_compare_notes(c, &notes);
	abl_table_caption(t, caption.text, notes.text);
	abl_str_finish(&heading);
	abl_str_finish(&caption);
	abl_str_finish(&notes);
	abl_str_finish(&note);
	return t;
}
