/* SPDX-License-Identifier: Apache-2.0 */
/* numbers.c - numbers as tables of the field print them: .612, not 0.6123456. */
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Drops the zero before the point: "-0.061" -> "-.061". */
static const char *without_zero(char out[32])
{
	char *p = out + (*out == '-' || *out == '+' || *out == '<');

	if (p[0] == '0' && p[1] == '.')
		memmove(p, p + 1, strlen(p));
	return out;
}

static const char *fixed(const char *text, char out[32])
{
	snprintf(out, 32, "%s", text);
	return out;
}

static const char *nothing(char out[32])
{
	return fixed("-", out);
}

/* ---- digits ---- */

#define MOST_DECIMALS 6 /* more, and a power of ten stands behind */
#define MOST_FIXED 1e7  /* larger ones, too */

/* Three decimals below 10; four digits above. */
static int usual_decimals(double x)
{
	return fabs(x) < 9.9995 ? 3 : fabs(x) < 99.995 ? 2 : fabs(x) < 999.95 ? 1 : 0;
}

/* With how many decimals do ten units of the last place fit into the width? */
static int decimals_of(double width)
{
	return (int)ceil(1 - log10(width) - 1e-9);
}

struct abl_digits abl_digits_for(double largest, double width)
{
	struct abl_digits d = {usual_decimals(largest), 0};
	bool wide = isfinite(width) && width > 0;

	largest = fabs(largest);
	if (!isfinite(largest))
		return (struct abl_digits){3, 0};
	if (wide)
		d.decimals = (int)fmax(d.decimals, decimals_of(width));
	else if (largest > 0 && largest < 9.5e-4)
		d.decimals = 1 - (int)floor(log10(largest * 1.0001)); /* two digits */
	if (largest < MOST_FIXED && d.decimals <= MOST_DECIMALS)
		return d;
	if (largest > 0)
		d.exponent = (int)floor(log10(largest) + 1e-9);
	d.decimals = wide ? (int)fmax(2, decimals_of(width) + d.exponent) : 2;
	d.decimals = (int)fmin(d.decimals, 9);
	return d;
}

struct abl_digits abl_digits_of_interval(double estimate, double low, double high, double column)
{
	const double ends[] = {fabs(low), fabs(high)};
	const double largest = fmax(fabs(estimate), fmax(ends[0], ends[1]));
	struct abl_digits d = abl_digits_for(largest, high - low);

	if (!d.exponent)
		d = abl_digits_for(fmax(largest, fmin(column, MOST_FIXED - 1)), high - low);
	for (size_t i = 0; i < 2 && !d.exponent; i++)
		while (ends[i] > 0 && ends[i] < .5 * pow(10, -d.decimals) &&
		       d.decimals < MOST_DECIMALS)
			d.decimals++;
	return d;
}

/* "-0.000", "+0.000": no sign before nothing. */
static void drop_sign_of_zero(char out[32])
{
	if (strchr("+-", *out) && !out[1 + strspn(out + 1, "0.")])
		memmove(out, out + 1, strlen(out));
}

static const char *format(double x, struct abl_digits d, bool sign, char out[32])
{
	if (isnan(x))
		return nothing(out);
	snprintf(out, 32, sign ? "%+.*f" : "%.*f", d.decimals, x / pow(10, d.exponent));
	drop_sign_of_zero(out);
	if (d.exponent && isfinite(x) && x != 0)
		snprintf(out + strlen(out), 32 - strlen(out), "e%d", d.exponent);
	return without_zero(out);
}

const char *abl_format_digits(double x, struct abl_digits d, char out[32])
{
	return format(x, d, false, out);
}

const char *abl_format_signed(double x, struct abl_digits d, char out[32])
{
	return format(x, d, true, out);
}

const char *abl_format_score(double x, char out[32])
{
	return abl_format_digits(x, abl_digits_for(x, NAN), out);
}

const char *abl_format_share(double x, char out[32])
{
	return abl_format_digits(x, (struct abl_digits){3, 0}, out);
}

const char *abl_format_number(double x, char out[32])
{
	if (isnan(x))
		return nothing(out);
	snprintf(out, 32, x == trunc(x) && fabs(x) < 1e15 ? "%.0f" : "%.6g", x == 0 ? 0. : x);
	return without_zero(out);
}

const char *abl_format_seed(int64_t seed, char out[32])
{
	if (seed > ABL_CROSSED_SEED)
		snprintf(out, 32, "%lld.%lld", (long long)seed / ABL_CROSSED_SEED,
			 (long long)seed % ABL_CROSSED_SEED);
	else
		snprintf(out, 32, "%lld", (long long)seed);
	return out;
}

bool abl_parse_seed(const char *text, int64_t *seed)
{
	const char *point = strchr(text, '.');
	struct abl_str first = {0};
	int64_t of_pretraining, own;
	bool ok;

	if (!point)
		return abl_parse_int(text, seed);
	abl_str_add(&first, text, (size_t)(point - text));
	ok = first.text && abl_parse_int(first.text, &of_pretraining) &&
	     abl_parse_int(point + 1, &own) && of_pretraining > 0 && of_pretraining <= 1000000 &&
	     own > 0 && own < ABL_CROSSED_SEED;
	abl_str_finish(&first);
	if (ok)
		*seed = ABL_CROSSED_SEED * of_pretraining + own;
	return ok;
}

/* Does `shown` hide on which side of the level x is? Only x itself is shown as the level. */
static bool hides_side(const char *shown, double x)
{
	double y = strtod(shown, NULL);

	return y == ABL_LEVEL ? fabs(x - ABL_LEVEL) > 1e-12 : (y < ABL_LEVEL) != (x < ABL_LEVEL);
}

const char *abl_format_p(double x, char out[32])
{
	int decimals = x < .001 ? 4 : x < .0995 ? 3 : 2;

	if (isnan(x))
		return nothing(out);
	if (x < .0001)
		return fixed("<.0001", out);
	do
		snprintf(out, 32, "%.*f", decimals, x);
	while (hides_side(out, x) && ++decimals < 13);
	return without_zero(out);
}

const char *abl_format_percent(double x, char out[32])
{
	if (isnan(x))
		return nothing(out);
	snprintf(out, 32, "%+.1f %%", 100 * x);
	if (!strcmp(out, "-0.0 %") || !strcmp(out, "+0.0 %"))
		return fixed("0.0 %", out);
	return out;
}
