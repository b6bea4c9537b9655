/* SPDX-License-Identifier: Apache-2.0 */
/* report_interactions.c - what two changes do together, and the effects of factors over all cells.
 */
#include "compare.h"
#include "html.h"
#include "report_parts.h"

#include <math.h>
#include <string.h>

#define MOST 40 /* rows that are seen at once */

static const char *const columns[] = {"changes", "task",        "effect", "95 % interval",
				      "units",   "p corrected", "verdict"};
#define COLUMNS (sizeof columns / sizeof *columns)

static struct abl_digits digits_of(const struct abl_interaction *x)
{
	if (!isfinite(x->t.low))
		return abl_digits_for(x->t.estimate, NAN);
	return abl_digits_of_interval(x->t.estimate, x->t.low, x->t.high,
				      fmax(fabs(x->t.low), fabs(x->t.high)));
}

static void put_row(struct abl_str *out, const struct abl_analysis *a,
		    const struct abl_interaction *x)
{
	const struct abl_digits digits = digits_of(x);
	struct abl_str interval = {0}, words = {0}, n = {0};
	char low[32], high[32];

	if (isfinite(x->t.low))
		abl_str_printf(&interval, "[%s, %s]", abl_format_signed(x->t.low, digits, low),
			       abl_format_signed(x->t.high, digits, high));
	abl_interaction_words(x, &words);
	abl_str_printf(&n, "%zu", x->n);
	abl_html_row_begin(out, x->found ? "told" : NULL);
	abl_html_row_name(out, columns[0], x->label);
	abl_html_cell(out, columns[1], false,
		      !strcmp(x->task, ABL_TASK_ALL) && a->tasks > 1 ? "mean over tasks" : x->task);
	abl_html_cell(out, columns[2], true, abl_format_signed(x->t.estimate, digits, low));
	abl_html_cell(out, columns[3], true, interval.text);
	abl_html_cell(out, columns[4], true, n.text);
	abl_html_cell(out, columns[5], true, abl_format_p(x->p_adjusted, low));
	abl_html_cell(out, columns[6], false, words.text);
	abl_html_row_end(out);
	abl_str_finish(&interval), abl_str_finish(&words), abl_str_finish(&n);
}

static void put_table(struct abl_str *out, const struct abl_analysis *a)
{
	if (a->interactions > MOST)
		abl_str_printf(out, "<details><summary>all %zu rows</summary>\n", a->interactions);
	abl_html_table_begin(out, "Interactions", "effects");
	for (size_t i = 0; i < COLUMNS; i++)
		abl_html_table_column(out, columns[i], i > 1 && i + 1 < COLUMNS);
	abl_html_table_body(out);
	for (size_t i = 0; i < a->interactions; i++)
		put_row(out, a, &a->interaction[i]);
	abl_html_table_end(out);
	if (a->interactions > MOST)
		abl_str_puts(out, "</details>\n");
}

int abl_report_interactions(struct abl_page *p, struct abl_err *err)
{
	const struct abl_analysis *a = p->analysis;
	struct abl_str command = {0};

	if (a && a->interactions) {
		abl_report_soft(p,
				"interaction = (both - second) - (first - neither), per unit: what "
				"two changes do together beyond the sum of both. The effect of a "
				"single factor is its mean over all cells.");
		put_table(&p->html, a);
		abl_str_printf(&command, "compare %s", p->start.study);
		abl_report_again(p, "Interactions", command.text);
		abl_str_finish(&command);
	}
	return abl_report_figures(p, "interactions", err);
}
