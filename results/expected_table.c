/* SPDX-License-Identifier: Apache-2.0 */
/* expected_table.c - what a random search of some size reaches, in columns and words. */
#include "expected.h"

#include "interval_text.h"

#define ROWS 12 /* of the table for people, about */

/* Budgets that are shown: all of few, then ever larger steps, and the last one. */
static size_t next_budget(size_t budget, size_t last)
{
	const size_t step = last <= ROWS ? 1 : 1 + budget / 3;

	return budget < last && budget + step > last ? last : budget + step;
}

struct abl_table *abl_expected_table(const struct abl_expected *e)
{
	struct abl_table *t = abl_table_create();
	struct abl_digits digits;
	char text[32];

	abl_table_column(t, "budget", true);
	abl_table_column(t, "expected best", true);
	abl_table_column(t, "unbiased", true);
	abl_table_column(t, "95 of 100 searches", false);
	for (size_t n = 1; n <= e->shown; n = next_budget(n, e->shown)) {
		const struct abl_expected_point *p = &e->point[n - 1];
		struct abl_str range = {0};

		digits = abl_digits_of_interval(p->expected, p->low, p->high, p->high);
		abl_table_int(t, (int64_t)p->budget);
		abl_table_real(t, p->expected, abl_format_digits(p->expected, digits, text));
		abl_table_real(t, p->unbiased, abl_format_digits(p->unbiased, digits, text));
		abl_str_printf(&range, "%s to ", abl_format_digits(p->low, digits, text));
		abl_str_puts(&range, abl_format_digits(p->high, digits, text));
		abl_table_numbers(t, range.text);
		abl_str_finish(&range);
	}
	return t;
}

void abl_expected_heading(const struct abl_expected *e, struct abl_str *out)
{
	struct abl_str text = {0};

	abl_str_printf(&text,
		       "%s: %s on %s that the best of n configurations is expected to reach, from "
		       "%zu random ones",
		       e->task, e->metric, e->split ? e->split : "dev", e->draws);
	if (e->seeds > 1)
		abl_str_printf(&text, " (means over %zu seeds)", e->seeds);
	abl_str_wrap(out, 0, 2, text.text);
	abl_str_finish(&text);
}

void abl_expected_notes(const struct abl_expected *e, struct abl_str *out)
{
	struct abl_str text = {0};

	abl_str_printf(&text,
		       "budgets beyond half of the %zu draws are not shown: there the estimates "
		       "are poor (csv and json have them, up to %zu)",
		       e->draws, e->draws);
	if (e->shown < e->draws)
		abl_str_wrap(out, 0, 2, text.text);
	abl_str_wrap(
		out, 0, 2,
		"expected best: as if drawn with replacement (Dodge et al. 2019), a little low; "
		"unbiased: without (Tang et al. 2020), of more variance");
	abl_str_clear(&text);
	abl_str_printf(&text,
		       "%zu configuration%s without a value left out: the others are then no "
		       "random draw any more",
		       e->missing, abl_plural((int64_t)e->missing));
	if (e->missing)
		abl_str_wrap(out, 0, 2, text.text);
	abl_str_finish(&text);
}

/* ---- for machines ---- */

struct abl_table *abl_expected_wide_table(void)
{
	static const char *const texts[] = {"study", "task", "metric"};
	static const char *const numbers[] = {"draws", "budget", "expected", "unbiased",
					      "low",   "high",   "shown"};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		abl_table_column(t, texts[i], false);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		abl_table_column(t, numbers[i], true);
	return t;
}

void abl_expected_add_rows(const struct abl_expected *e, struct abl_table *wide)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct abl_expected_point *p = &e->point[i];

		abl_table_text(wide, e->study);
		abl_table_text(wide, e->task);
		abl_table_text(wide, e->metric);
		abl_table_int(wide, (int64_t)e->draws);
		abl_table_int(wide, (int64_t)p->budget);
		abl_number_cell(wide, p->expected);
		abl_number_cell(wide, p->unbiased);
		abl_number_cell(wide, p->low);
		abl_number_cell(wide, p->high);
		abl_table_int(wide, p->budget <= e->shown);
	}
}
