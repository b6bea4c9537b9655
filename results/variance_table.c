/* SPDX-License-Identifier: Apache-2.0 */
/* variance_table.c - where variance comes from, in columns and words. */
#include "variance.h"

#include "interval_text.h"

#include <math.h>
#include <stdio.h>

#define FEW 5 /* levels of a source: fewer tell its variance only roughly */

struct abl_table *abl_variance_table(const struct abl_variance *v)
{
	struct abl_table *t = abl_table_create();
	char text[32];

	abl_table_column(t, "source", false);
	abl_table_column(t, "levels", true);
	abl_table_column(t, "df", true);
	abl_table_column(t, "variance", true);
	abl_table_column(t, "sd", true);
	abl_table_column(t, "share", true);
	for (size_t i = 0; i < v->count; i++) {
		const struct abl_variance_source *s = &v->source[i];

		abl_table_text(t, s->name);
		abl_table_real(t, s->levels ? (double)s->levels : NAN,
			       abl_format_number((double)s->levels, text));
		abl_table_real(t, s->df, abl_format_number(s->df, text));
		snprintf(text, sizeof text, "%.3g", s->variance);
		abl_table_real(t, s->variance, text);
		abl_number_cell(t, sqrt(s->variance));
		snprintf(text, sizeof text, "%.0f %%", 100 * s->share);
		abl_table_real(t, s->share, text);
	}
	return t;
}

void abl_variance_heading(const struct abl_variance *v, struct abl_str *out)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "%s: where the variance of %s on %s comes from, %zu trials", v->task,
		       v->metric, v->split ? v->split : "dev", v->trials);
	if (v->configurations > 1)
		abl_str_printf(&text, " (differences between %zu configurations taken out)",
			       v->configurations);
	abl_str_wrap(out, 0, 2, text.text);
	abl_str_finish(&text);
}

static const struct abl_variance_source *largest(const struct abl_variance *v)
{
	const struct abl_variance_source *most = NULL;

	for (size_t i = 0; i < v->count; i++)
		if (!isnan(v->source[i].share) && (!most || v->source[i].share > most->share))
			most = &v->source[i];
	return most;
}

void abl_variance_notes(const struct abl_variance *v, struct abl_str *out)
{
	const struct abl_variance_source *most = largest(v);
	struct abl_str text = {0};
	bool few = false;

	if (most) {
		abl_str_printf(&text, "%s of it comes from %s%s",
			       most->share > .5 ? "most" : "the largest part", most->name,
			       most->levels ? ""
					    : " (interactions, and what all trials draw anew)");
		abl_str_wrap(out, 0, 2, text.text);
	} else {
		abl_str_puts(out, "cannot say: all trials have the same value\n");
	}
	abl_str_clear(&text);
	for (size_t i = 0; i < v->count; i++) {
		const struct abl_variance_source *s = &v->source[i];

		few |= s->levels && s->levels < FEW;
		if (!isnan(s->variance))
			continue;
		abl_str_printf(&text, "%s cannot be told from the others: they change together",
			       s->name);
		abl_str_wrap(out, 0, 2, text.text);
		abl_str_clear(&text);
	}
	if (few)
		abl_str_puts(out, "fewer than 5 levels tell a variance only roughly\n");
	if (v->missing) {
		abl_str_printf(&text, "%zu trial%s without a value left out", v->missing,
			       abl_plural((int64_t)v->missing));
		abl_str_wrap(out, 0, 2, text.text);
	}
	abl_str_finish(&text);
}

/* ---- for machines ---- */

struct abl_table *abl_variance_wide_table(void)
{
	static const char *const texts[] = {"study", "task", "metric", "source"};
	static const char *const numbers[] = {"levels", "df", "variance", "sd", "share", "trials"};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		abl_table_column(t, texts[i], false);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		abl_table_column(t, numbers[i], true);
	return t;
}

void abl_variance_add_rows(const struct abl_variance *v, struct abl_table *wide)
{
	for (size_t i = 0; i < v->count; i++) {
		const struct abl_variance_source *s = &v->source[i];

		abl_table_text(wide, v->study);
		abl_table_text(wide, v->task);
		abl_table_text(wide, v->metric);
		abl_table_text(wide, s->name);
		abl_number_cell(wide, s->levels ? (double)s->levels : NAN);
		abl_number_cell(wide, s->df);
		abl_number_cell(wide, s->variance);
		abl_number_cell(wide, sqrt(s->variance));
		abl_number_cell(wide, s->share);
		abl_table_int(wide, (int64_t)v->trials);
	}
}
