/* SPDX-License-Identifier: Apache-2.0 */
#include "interval_text.h"

#include <math.h>
#include <stdio.h>

void abl_interval_plus_minus(struct abl_table *t, const struct abl_t_test *x, double unit)
{
	const double mean = x->estimate / unit, half = (x->high - x->low) / 2 / unit;
	const struct abl_digits d = abl_digits_for(mean, 4 * half);
	struct abl_str text = {0};
	char number[32];

	if (isnan(mean)) {
		abl_table_real(t, NAN, "");
		return;
	}
	abl_str_puts(&text, abl_format_digits(mean, d, number));
	if (half > 0)
		abl_str_printf(&text, " ±%s", abl_format_digits(half, d, number));
	abl_table_real(t, x->estimate, text.text);
	abl_str_finish(&text);
}

void abl_interval_signed(struct abl_table *t, const struct abl_t_test *x)
{
	const struct abl_digits d =
		abl_digits_of_interval(x->estimate, x->low, x->high, fabs(x->estimate));
	struct abl_str text = {0};
	char number[32];

	if (!isnan(x->estimate))
		abl_str_puts(&text, abl_format_signed(x->estimate, d, number));
	if (!isnan(x->estimate) && x->high > x->low) {
		abl_str_printf(&text, " [%s", abl_format_signed(x->low, d, number));
		abl_str_printf(&text, ", %s]", abl_format_signed(x->high, d, number));
	}
	abl_table_numbers(t, text.text);
	abl_str_finish(&text);
}

void abl_number_cell(struct abl_table *t, double x)
{
	char text[32];

	abl_table_real(t, x, abl_format_score(x, text));
}

void abl_interval_cells(struct abl_table *t, const struct abl_t_test *x)
{
	const bool has_ends = x->error > 0; /* without a spread there is no interval */

	abl_number_cell(t, x->estimate);
	abl_number_cell(t, has_ends ? x->low : NAN);
	abl_number_cell(t, has_ends ? x->high : NAN);
}

void abl_interval_columns(struct abl_table *t, const char *name, bool plain)
{
	static const char *const ends[] = {"low", "high"};
	struct abl_str text = {0};

	abl_table_column(t, name, true);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		abl_str_clear(&text);
		if (!plain)
			abl_str_printf(&text, "%s_", name);
		abl_str_puts(&text, ends[i]);
		abl_table_column(t, text.text, true);
	}
	abl_str_finish(&text);
}

static struct abl_column_unit choose(const struct abl_column_unit *units, size_t count,
				     double largest)
{
	size_t i = 0;

	while (i + 1 < count && largest >= 10 * units[i + 1].size)
		i++;
	return units[i];
}

struct abl_column_unit abl_time_unit(double largest)
{
	static const struct abl_column_unit units[] = {{"s", 1}, {"min", 60}, {"h", 3600}};

	return choose(units, sizeof units / sizeof *units, largest);
}

struct abl_column_unit abl_memory_unit(double largest)
{
	static const struct abl_column_unit units[] = {
		{"KiB", 1024.}, {"MiB", 1048576.}, {"GiB", 1073741824.}};

	return choose(units, sizeof units / sizeof *units, largest);
}

const char *abl_format_short(double x, char out[32])
{
	static const char *const powers[] = {"", " k", " M", " G", " T", " P", " E"};
	size_t i = 0;

	if (isnan(x) || fabs(x) < 1e4 || fabs(x) >= 1e21) /* exactly, or with an exponent */
		return abl_format_number(x, out);
	for (; fabs(x) >= 999.5 && i + 1 < sizeof powers / sizeof *powers; i++)
		x /= 1000;
	snprintf(out, 32, "%.*f%s", fabs(x) < 9.995 ? 2 : fabs(x) < 99.95 ? 1 : 0, x, powers[i]);
	return out;
}
