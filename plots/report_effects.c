/* SPDX-License-Identifier: Apache-2.0 */
/* report_effects.c - the tables of effects, as `compare` has them: primary rows, then by task. */
#include "compare.h"
#include "html.h"
#include "report_parts.h"
#include "shell.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#define MOST 40 /* rows that are seen at once */

/* The row of a variant: text in each column, in the order of `columns`; NULL = nothing there. */
struct row {
	struct abl_str text[8];
	size_t count;
};

static const char *const columns[] = {"variant", "mean",        "effect", "95 % interval",
				      "units",   "p corrected", "time",   "verdict"};
#define COLUMNS (sizeof columns / sizeof *columns)
#define VERDICT (COLUMNS - 1)

static void fill(struct row *r, const char *text, double needed)
{
	if (isfinite(needed))
		abl_str_puts(&r->text[r->count], text);
	r->count++;
}

static void put_effect(struct abl_str *out, const struct abl_comparison *c,
		       const struct abl_effect *e)
{
	const struct abl_digits digits = abl_effect_digits(c, e),
				of_mean = abl_digits_for(e->mean, 4 * e->arm.sd);
	struct row r = {.count = 0};
	struct abl_str name = {0};
	char low[32], high[32], interval[80];

	snprintf(interval, sizeof interval, "[%s, %s]", abl_format_signed(e->t.low, digits, low),
		 abl_format_signed(e->t.high, digits, high));
	abl_compare_name_as(e->arm.label, e, &name);
	fill(&r, name.text, 0);
	fill(&r, abl_format_digits(e->mean, of_mean, low), e->mean);
	fill(&r, abl_format_signed(e->t.estimate, digits, low), e->t.estimate);
	fill(&r, interval, e->t.low);
	snprintf(low, sizeof low, "%zu", e->n);
	fill(&r, low, 0);
	fill(&r, abl_format_p(e->p_adjusted, low), abl_effect_p(e));
	fill(&r, abl_format_percent(e->time, low), e->time);
	abl_verdict_text(c, e, &r.text[VERDICT]);
	abl_html_row_begin(out, abl_is_decided(e) ? "told" : NULL);
	abl_html_row_name(out, columns[0], r.text[0].text);
	for (size_t i = 1; i < COLUMNS; i++)
		abl_html_cell(out, columns[i], i < VERDICT, r.text[i].text);
	abl_html_row_end(out);
	for (size_t i = 0; i < COLUMNS; i++)
		abl_str_finish(&r.text[i]);
	abl_str_finish(&name);
}

static void put_rows(struct abl_str *out, const struct abl_comparison *c, const char *caption)
{
	if (c->count > MOST)
		abl_str_printf(out, "<details><summary>all %zu rows</summary>\n", c->count);
	abl_html_table_begin(out, caption, "effects");
	for (size_t i = 0; i < COLUMNS; i++)
		abl_html_table_column(out, columns[i], i && i < VERDICT);
	abl_html_table_body(out);
	for (size_t i = 0; i < c->count; i++)
		put_effect(out, c, &c->effect[i]);
	abl_html_table_end(out);
	if (c->count > MOST)
		abl_str_puts(out, "</details>\n");
}

static void put_comparison(struct abl_page *p, const struct abl_comparison *c)
{
	struct abl_str name = {0}, text = {0}, caption = {0};

	abl_compare_subject(c, &name);
	abl_str_printf(&caption, "Effects: %s", name.text);
	if (c->primary && !c->only) /* our words, no name */
		name.text[0] = (char)toupper((unsigned char)name.text[0]);
	abl_report_heading(p, name.text);
	abl_compare_heading(c, &text);
	abl_report_notes(p, text.text);
	if (c->count)
		put_rows(&p->html, c, caption.text);
	else
		abl_report_soft(p, abl_compare_no_rows(c));
	abl_str_clear(&text);
	abl_compare_notes(c, &text);
	abl_report_notes(p, text.text);
	abl_str_clear(&text);
	abl_str_printf(&text, "compare %s", p->start.study);
	if (!c->primary) {
		abl_str_puts(&text, " --task ");
		abl_shell_word(&text, c->task);
	}
	abl_report_again(p, caption.text, text.text);
	abl_str_finish(&name), abl_str_finish(&text), abl_str_finish(&caption);
}

int abl_report_effects(struct abl_page *p, struct abl_err *err)
{
	const struct abl_analysis *a = p->analysis;
	int rc;

	if (!a) {
		abl_report_soft(p, p->unanswered);
		return 0;
	}
	put_comparison(p, a->all);
	if ((rc = abl_report_figures(p, "effects|tasks", err)))
		return rc;
	if (a->tasks > ABL_REPORT_OPEN_TASKS)
		abl_str_printf(&p->html, "<details><summary>each of the %zu tasks</summary>\n",
			       a->tasks);
	for (size_t t = 0; t < a->tasks && a->all->by_task; t++)
		put_comparison(p, a->task[t]);
	if (a->tasks > ABL_REPORT_OPEN_TASKS)
		abl_str_puts(&p->html, "</details>\n");
	return 0;
}
