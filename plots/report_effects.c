/* SPDX-License-Identifier: Apache-2.0 */
/* report_effects.c - the table of effects of each task, as `compare` has it. */
#include "compare_examples.h"
#include "html.h"
#include "report_parts.h"

#include <math.h>
#include <stdio.h>

/* The row of a variant: text in each column, in the order of `columns`; NULL = nothing there. */
struct row {
	struct abl_str text[8];
	size_t count;
};

static const char *const columns[] = {"variant", "mean",          "effect", "95 % interval",
				      "pairs",   "p (corrected)", "time",   "verdict"};
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
	const bool told = abl_is_decided(e);
	struct row r = {.count = 0};
	char low[32], high[32], interval[80];

	snprintf(interval, sizeof interval, "[%s, %s]", abl_format_signed(e->t.low, digits, low),
		 abl_format_signed(e->t.high, digits, high));
	fill(&r, e->arm.label, 0);
	fill(&r, abl_format_digits(e->mean, of_mean, low), e->mean);
	fill(&r, abl_format_signed(e->t.estimate, digits, low), e->t.estimate);
	fill(&r, interval, e->t.low);
	snprintf(low, sizeof low, "%zu", e->n);
	fill(&r, low, 0);
	fill(&r, abl_format_p(e->p_adjusted, low), e->p_adjusted);
	fill(&r, abl_format_percent(e->time, low), e->time);
	abl_verdict_text(c, e, &r.text[VERDICT]);
	abl_str_puts(out, told ? "<tr class=\"told\">" : "<tr>");
	for (size_t i = 0; i < COLUMNS; i++) {
		abl_html_cell(out, columns[i], i && i < VERDICT, r.text[i].text);
		abl_str_finish(&r.text[i]);
	}
	abl_str_puts(out, "</tr>\n");
}

/* Each note as a paragraph. */
static void put_notes(struct abl_page *p, const char *text)
{
	struct abl_str note = {0};

	while (abl_next_note(&text, &note)) {
		abl_str_puts(&p->html, "<p class=\"soft\">");
		abl_report_text(p, note.text);
		abl_str_puts(&p->html, "</p>");
	}
	abl_str_finish(&note);
}

static void put_comparison(struct abl_page *p, const struct abl_comparison *c)
{
	struct abl_str *out = &p->html;
	struct abl_str text = {0};

	abl_html_element(out, "h3", !c->primary ? c->task : c->only ? c->only : "Mean over tasks");
	abl_compare_heading(c, &text);
	put_notes(p, text.text);
	abl_str_puts(out, "<div class=\"wide effects\"><table>\n<thead><tr>");
	for (size_t i = 0; i < COLUMNS; i++)
		abl_html_element(out, i && i < VERDICT ? "th class=\"n\"" : "th", columns[i]);
	abl_str_puts(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < c->count; i++)
		put_effect(out, c, &c->effect[i]);
	abl_str_puts(out, "</tbody></table></div>\n");
	abl_str_clear(&text);
	abl_compare_notes(c, &text);
	put_notes(p, text.text);
	abl_str_finish(&text);
}

int abl_report_effects(struct abl_page *p, struct abl_err *err)
{
	const struct abl_compare_request request = {0};
	struct abl_analysis *a = NULL;
	int rc = abl_analyse(&a, p->store, p->id, &request, err);

	rc = rc ? rc : abl_compare_examples(a, p->store, p->id, &request, false, err);

	abl_str_puts(&p->html, "<h2 id=\"effects\">Effects</h2>\n");
	if (rc)
		return rc;
	put_comparison(p, a->all);
	for (size_t t = 0; t < a->tasks && a->tasks > 1; t++)
		put_comparison(p, a->task[t]);
	abl_analysis_destroy(a);
	return 0;
}
