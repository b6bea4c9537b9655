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
static void add_words(struct abl_table *t, const struct abl_example_effect_row *r)
{
	const struct abl_example_effect *e = r->effect;
	struct abl_str text = {0};
	char p[32];

	if (e->n == 1 && e->gained >= 0)
		abl_str_printf(&text, "%lld gained, %lld lost, McNemar p %s", (long long)e->gained,
			       (long long)e->lost, abl_format_p(e->mcnemar, p));
	else if (isnan(e->low))
		abl_str_puts(&text, "cannot say: no spread");
	else if (excludes_zero(e->low, e->high)) /* the interval is of this row alone */
		abl_str_puts(&text,
			     r->found ? "a difference there, too" : "excludes 0, uncorrected");
	else
		abl_str_puts(&text, r->found ? "may vanish there" : "not resolved there");
	abl_table_text(t, text.text);
	abl_str_finish(&text);
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
	add_words(t, r);
}

static void table(const struct abl_example_effect_row *rows, size_t count, struct abl_str *out)
{
	struct abl_table *t = abl_table_create();

	abl_table_column(t, "variant", false);
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

static void method_of_pair(const struct abl_example_effect *e, const char *split,
			   struct abl_str *text)
{
	char number[32];

	abl_str_printf(text,
		       "with another %s set, and this pair of checkpoints: %s examples; nothing is "
		       "said of other seeds",
		       split, abl_format_count((int64_t)e->examples, number));
	if (e->replicates)
		abl_str_printf(text, "; paired bootstrap, %s replicates",
			       abl_format_count((int64_t)e->replicates, number));
}

static void method_of_units(const struct abl_example_effect *e, const char *split,
			    struct abl_str *text)
{
	const char *unit = e->by_pretraining ? "pre-training" : "seed";
	char number[32];

	abl_str_printf(text, "with another %s set and another %s: %zu %ss x %s examples; ", split,
		       unit, e->n, unit, abl_format_count((int64_t)e->examples, number));
	if (e->replicates)
		abl_str_printf(text, "Multi-Bootstrap, %s replicates",
			       abl_format_count((int64_t)e->replicates, number));
	else
		abl_str_puts(text, "two-way mean squares, t with Satterthwaite's df");
}

/* How, in one line: of the row with the most units. */
static void method(const struct abl_example_effect_row *rows, size_t count, const char *split,
		   struct abl_str *out)
{
	const struct abl_example_effect *most = NULL;
	struct abl_str text = {0};

	for (size_t i = 0; i < count; i++)
		if (!rows[i].effect->reason && (!most || rows[i].effect->n > most->n))
			most = rows[i].effect;
	if (!most)
		abl_str_printf(&text, "with another %s set: cannot say", split);
	else if (most->n == 1)
		method_of_pair(most, split, &text);
	else
		method_of_units(most, split, &text);
	abl_str_wrap(out, 0, 2, text.text);
	abl_str_finish(&text);
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
	reasons(rows, count, out);
	left_out(rows, count, out);
}
