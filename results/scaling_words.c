/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_words.c - a scaling law in words. */
#include "scaling.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *exponent(double of, double low, double high, char out[96])
{
	const double width = high - low;
	const struct abl_digits d = isnan(width) ? abl_digits_for(fabs(of), fabs(of) / 10)
						 : abl_digits_of_interval(of, low, high, of);
	char b[32], l[32], h[32];

	if (isnan(width))
		snprintf(out, 96, "%s", abl_format_digits(of, d, b));
	else
		snprintf(out, 96, "%s [%s, %s]", abl_format_digits(of, d, b),
			 abl_format_digits(low, d, l), abl_format_digits(high, d, h));
	return out;
}

static const char *what_bends(enum abl_scaling_axis axis)
{
	static const char *const words[ABL_AXES] = {
		[ABL_AXIS_PARAMETERS] = "bends at this amount of text",
		[ABL_AXIS_WORDS] = "bends at this size of the model",
		[ABL_AXIS_FLOPS] = "bends at this amount of compute",
	};

	return words[axis];
}

static void law_text(const struct abl_scaling_row *r, const struct abl_scaling_law *l,
		     struct abl_str *out)
{
	char b[96];

	switch (l->verdict) {
	case ABL_SCALING_LAW:
		abl_str_printf(out, "a power law so far (b %s)",
			       exponent(l->fit[l->chosen].b, l->low, l->high, b));
		break;
	case ABL_SCALING_BENDS:
		abl_str_puts(out, what_bends(r->axis));
		break;
	case ABL_SCALING_FALLS:
		abl_str_puts(out, "falls faster than a power law");
		break;
	case ABL_SCALING_NEITHER:
		abl_str_puts(out, "neither");
		break;
	default:
		abl_str_puts(out, "cannot tell from these sizes");
	}
}

void abl_scaling_verdict(const struct abl_scaling_row *r, struct abl_str *out)
{
	if (r->depends)
		abl_str_puts(out, "depends on how parameters are counted");
	else
		law_text(r, &r->law, out);
}

void abl_scaling_verdict_text(const struct abl_scaling_row *r, struct abl_str *out)
{
	abl_scaling_verdict(r, out);
	if (r->depends)
		return;
	if (r->law.verdict == ABL_SCALING_NEITHER)
		abl_str_puts(out, " a power law nor one that levels off goes through the sizes");
	if (r->reason && r->law.verdict == ABL_SCALING_UNKNOWN)
		abl_str_printf(out, ": %s", r->reason);
}

/* ---- the formula ---- */

/* What is fitted: the loss itself, or what a score is short of. */
static void fitted_name(const struct abl_scaling_row *r, struct abl_str *out)
{
	abl_str_puts(out, isnan(r->ceiling) ? r->metric : "error");
}

static const char *short_number(double x, char out[32])
{
	char text[32];

	if (x != 0 && (fabs(x) >= 1e5 || fabs(x) < 1e-3))
		snprintf(out, 32, "%.2e", x);
	else
		snprintf(out, 32, "%.3g", x);
	if (!strncmp(out, "0.", 2)) {
		snprintf(text, sizeof text, "%s", out + 1);
		snprintf(out, 32, "%s", text);
	}
	return out;
}

static const char *variable(enum abl_scaling_axis axis)
{
	static const char *const names[ABL_AXES] = {"N", "D", "C"};

	return names[axis];
}

void abl_scaling_formula_text(const struct abl_scaling_row *r, bool interval, struct abl_str *out)
{
	const struct abl_scaling_law *l = &r->law;
	const struct abl_scaling_fit *f = &l->fit[l->chosen];
	const char *x = variable(r->axis);
	const double low = interval ? l->low : NAN, high = interval ? l->high : NAN;
	char a[32], c[32], n0[32], b[96];

	if (!f->found)
		return;
	fitted_name(r, out);
	abl_str_printf(out, " = ");
	exponent(f->b, low, high, b);
	short_number(f->a, a), short_number(f->c, c), short_number(f->n0, n0);
	if (f->model == ABL_SCALING_POWER)
		abl_str_printf(out, "%s %s^-%s", a, x, b);
	else if (f->model == ABL_SCALING_FLOOR)
		abl_str_printf(out, "%s %s^-%s + %s", a, x, b, c);
	else if (f->model == ABL_SCALING_LOG && f->b < 0)
		abl_str_printf(out, "%s + %s log %s", a, exponent(-f->b, -high, -low, b), x);
	else if (f->model == ABL_SCALING_LOG)
		abl_str_printf(out, "%s - %s log %s", a, b, x);
	else if (f->model == ABL_SCALING_BENT)
		abl_str_printf(out, "%s + %s / (1 + %s / %s)^%s", c, a, x, n0, b);
	else
		abl_str_puts(out, a);
}

/* ---- notes ---- */

static void note_both_counts(const struct abl_scaling_row *r, struct abl_str *out)
{
	if (!r->depends)
		return;
	abl_str_printf(out, "%s: ", r->x_title);
	law_text(r, &r->law, out);
	abl_str_printf(out, "; %s: ", r->other_title);
	law_text(r, &r->other, out);
	abl_str_puts(out, "\n");
}

static void note_off(const struct abl_scaling_row *r, struct abl_str *out)
{
	char x[32], off[32];
	size_t n = 0;

	for (size_t i = 0; i < r->law.sizes; i++) {
		const struct abl_scaling_size *s = &r->law.size[i];

		if (s->off == 0)
			continue;
		abl_str_printf(out, "%s%s (%s)", n++ ? ", " : "off the curve by more than noise: ",
			       abl_format_count((int64_t)llround(s->x), x),
			       abl_format_percent(s->off, off));
	}
	if (n)
		abl_str_puts(out, "\n");
}

void abl_scaling_notes(const struct abl_scaling_row *r, struct abl_str *out)
{
	char p[32];

	note_both_counts(r, out);
	if (!isnan(r->ceiling))
		abl_str_printf(out, "fitted: error = %g - %s\n", r->ceiling, r->metric);
	if (r->law.chosen == ABL_SCALING_FLOOR && r->law.verdict != ABL_SCALING_LAW &&
	    !isnan(r->law.p_floor))
		abl_str_printf(out, "a power law alone would look so by chance with p %s\n",
			       abl_format_p(r->law.p_floor, p));
	if (r->missing.length)
		abl_str_printf(out, "sizes without a value: %s\n", r->missing.text);
	if (r->law.refused)
		abl_str_printf(out, "%zu value%s left out: not finite, or below 0\n",
			       r->law.refused, abl_plural((int64_t)r->law.refused));
	note_off(r, out);
}
