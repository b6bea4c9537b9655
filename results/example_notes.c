/* SPDX-License-Identifier: Apache-2.0 */
/* example_notes.c - what stored predictions say of another dev set, in words. */
#include "example_effect.h"

#include "table.h"

#include <math.h>
#include <string.h>

static bool excludes_zero(double low, double high)
{
	return low > 0 || high < 0;
}

/* What the wider interval does to the answer of the seeds' own. */
static const char *words_of(const struct abl_example_effect_row *r)
{
	const struct abl_example_effect *e = r->effect;

	if (isnan(e->low))
		return e->n == 1 ? "one pair of runs" : "cannot say: no spread";
	if (e->n == 1)
		return "this pair of checkpoints";
	if (excludes_zero(e->low, e->high))
		return "a difference there, too";
	if (excludes_zero(r->low, r->high))
		return "may vanish there";
	return "not resolved there";
}

static void add_interval(struct abl_table *t, double low, double high, struct abl_digits d)
{
	struct abl_str text = {0};
	char a[32], b[32];

	if (!isnan(low))
		abl_str_printf(&text, "[%s, %s]", abl_format_signed(low, d, a),
			       abl_format_signed(high, d, b));
	abl_table_numbers(t, text.length ? text.text : "-");
	abl_str_finish(&text);
}

static void add_row(struct abl_table *t, const struct abl_example_effect_row *r)
{
	const struct abl_example_effect *e = r->effect;
	const struct abl_digits d =
		abl_digits_of_interval(e->estimate, e->low, e->high, fabs(e->estimate));
	char number[32];

	abl_table_text(t, r->name);
	abl_table_real(t, e->estimate, abl_format_signed(e->estimate, d, number));
	abl_table_real(t, e->error, abl_format_digits(e->error, d, number));
	add_interval(t, e->low, e->high, d);
	abl_table_text(t, words_of(r));
}

static void table(const struct abl_example_effect_row *rows, size_t count, struct abl_str *out)
{
	struct abl_table *t = abl_table_create();

	abl_table_column(t, "row", false);
	abl_table_column(t, "effect", true);
	abl_table_column(t, "examples' error", true);
	abl_table_column(t, "95 % of both", false);
	abl_table_column(t, "in words", false);
	for (size_t i = 0; i < count; i++)
		if (!rows[i].effect->reason)
			add_row(t, &rows[i]);
	abl_table_render(t, ABL_TABLE_PLAIN, out);
	abl_table_destroy(t);
}

static void say(const char *text, struct abl_str *out)
{
	abl_str_puts(out, "  ");
	abl_str_wrap(out, 2, 2, text);
}

/* One line for all rows that cannot be used for the same reason. */
static void reasons(const struct abl_example_effect_row *rows, size_t count, struct abl_str *out)
{
	for (size_t i = 0; i < count; i++) {
		const char *why = rows[i].effect->reason;
		struct abl_str text = {0};
		bool told = false;

		for (size_t k = 0; why && k < i; k++)
			told |= rows[k].effect->reason && !strcmp(rows[k].effect->reason, why);
		for (size_t k = i; why && !told && k < count; k++)
			if (rows[k].effect->reason && !strcmp(rows[k].effect->reason, why))
				abl_str_printf(&text, "%s'%s'", text.length ? ", " : "",
					       rows[k].name);
		if (text.length) {
			abl_str_printf(&text, ": %s", why);
			say(text.text, out);
		}
		abl_str_finish(&text);
	}
}

static void left_out(const struct abl_example_effect_row *rows, size_t count, struct abl_str *out)
{
	for (size_t i = 0; i < count; i++) {
		struct abl_str text = {0};

		if (!rows[i].effect->left_out)
			continue;
		abl_str_printf(&text, "'%s' without %s", rows[i].name, rows[i].effect->left_out);
		say(text.text, out);
		abl_str_finish(&text);
	}
}

static void single_pairs(const struct abl_example_effect_row *rows, size_t count,
			 struct abl_str *out)
{
	char number[32];

	for (size_t i = 0; i < count; i++) {
		const struct abl_example_effect *e = rows[i].effect;
		struct abl_str text = {0};

		if (e->reason || e->n != 1)
			continue;
		abl_str_printf(&text,
			       "'%s' is one pair of checkpoints, and nothing is known of "
			       "other seeds",
			       rows[i].name);
		if (e->gained >= 0)
			abl_str_printf(&text,
				       ": of %zu examples it alone has %lld right, the base alone "
				       "%lld, McNemar p %s",
				       e->examples, (long long)e->gained, (long long)e->lost,
				       abl_format_p(e->mcnemar, number));
		if (e->replicates)
			abl_str_printf(&text,
				       "; interval by the paired bootstrap over examples, p %s",
				       abl_format_p(e->p, number));
		say(text.text, out);
		abl_str_finish(&text);
	}
}

/* How, in one line: of the first row that has an interval. */
static void method(const struct abl_example_effect_row *rows, size_t count, const char *split,
		   struct abl_str *out)
{
	char number[32], units[32];

	for (size_t i = 0; i < count; i++) {
		const struct abl_example_effect *e = rows[i].effect;
		struct abl_str text = {0};

		if (e->reason)
			continue;
		abl_str_printf(&text, "with another %s set and %s: %zu %s%s x %s examples; ", split,
			       e->by_pretraining ? "another pre-training" : "another seed", e->n,
			       e->by_pretraining ? "pre-training" : "seed",
			       abl_plural((int64_t)e->n),
			       abl_format_count((int64_t)e->examples, number));
		if (e->replicates && e->n > 1)
			abl_str_printf(&text, "Multi-Bootstrap, %s replicates",
				       abl_format_count((int64_t)e->replicates, units));
		else
			abl_str_puts(&text, "mean squares of the two-way table, t with "
					    "Satterthwaite's df");
		abl_str_wrap(out, 0, 2, text.text);
		abl_str_finish(&text);
		return;
	}
	abl_str_printf(out, "with another %s set: cannot say\n", split);
}

void abl_example_effect_notes(const struct abl_example_effect_row *rows, size_t count,
			      const char *split, struct abl_str *out)
{
	size_t usable = 0;

	for (size_t i = 0; i < count; i++)
		usable += !rows[i].effect->reason;
	method(rows, count, split, out);
	if (usable)
		table(rows, count, out);
	single_pairs(rows, count, out);
	reasons(rows, count, out);
	left_out(rows, count, out);
}
