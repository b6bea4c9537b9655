/* SPDX-License-Identifier: Apache-2.0 */
/* numbers.c - numbers as tables of the field print them: .612, not 0.6123456. */
#include "table.h"

#include <math.h>
#include <stdio.h>
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

/* Three decimals below 10; four digits above. */
static int decimals(double x)
{
	return fabs(x) < 9.9995 ? 3 : fabs(x) < 99.995 ? 2 : fabs(x) < 999.95 ? 1 : 0;
}

const char *abl_format_score(double x, char out[32])
{
	if (isnan(x))
		return nothing(out);
	snprintf(out, 32, fabs(x) < 1e9 ? "%.*f" : "%.*e", decimals(x), x);
	return without_zero(out);
}

const char *abl_format_effect(double x, char out[32])
{
	if (isnan(x))
		return nothing(out);
	snprintf(out, 32, fabs(x) < 1e9 ? "%+.*f" : "%+.*e", decimals(x), x);
	if (!strcmp(out, "-0.000") || !strcmp(out, "+0.000"))
		fixed("0.000", out);
	return without_zero(out);
}

const char *abl_format_p(double x, char out[32])
{
	if (isnan(x))
		return nothing(out);
	if (x < .0001)
		return fixed("<.0001", out);
	snprintf(out, 32, "%.*f", x < .001 ? 4 : x < .0995 ? 3 : 2, x);
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
