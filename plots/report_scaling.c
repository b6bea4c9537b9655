/* SPDX-License-Identifier: Apache-2.0 */
/* report_scaling.c - how losses and scores follow size, as 'ablate scaling' says it. */
#include "html.h"
#include "report_parts.h"
#include "scaling.h"

#include <string.h>

#define MOST 4 /* verdicts in the answer */

static void put_row(struct abl_page *p, const struct abl_scaling_row *r)
{
	struct abl_str text = {0}, line = {0};
	const char *at;

	abl_scaling_paragraph(r, &text);
	at = text.text;
	for (bool first = true; abl_next_note(&at, &line); first = false) {
		abl_str_puts(&p->html, first ? "<h3 dir=\"auto\">" : "<p");
		if (!first)
			abl_str_puts(&p->html, strncmp(line.text, "verdict", 7)
						       ? " class=\"soft\">"
						       : " class=\"verdict\">");
		abl_report_text(p, line.text);
		abl_str_puts(&p->html, first ? "</h3>\n" : "</p>\n");
	}
	abl_str_finish(&text), abl_str_finish(&line);
}

static void put_axis(struct abl_page *p, const struct abl_scaling *s, enum abl_scaling_axis axis)
{
	struct abl_str text = {0}, command = {0}, what = {0};
	struct abl_table *t;

	for (size_t i = 0; i < s->rows; i++)
		if (s->row[i].law.sizes > 2) /* the table has the others */
			put_row(p, &s->row[i]);
	for (size_t i = 0; i < s->pairs; i++) {
		abl_str_clear(&text);
		abl_scaling_pair_text(&s->pair[i], &text);
		abl_report_notes(p, text.text);
	}
	if (s->off_line.length) {
		abl_str_clear(&text);
		abl_str_printf(&text, "on no line, as they differ in more than size: %s",
			       s->off_line.text);
		abl_report_soft(p, text.text);
	}
	abl_str_printf(&what, "Scaling against %s", abl_axis_name(axis));
	t = abl_scaling_table(s, false);
	abl_html_table(&p->html, t, what.text);
	abl_table_destroy(t);
	abl_str_printf(&command, "scaling %s --x %s", p->start.study, abl_axis_name(axis));
	abl_report_again(p, what.text, command.text);
	abl_str_finish(&text), abl_str_finish(&command), abl_str_finish(&what);
}

int abl_report_scaling(struct abl_page *p, struct abl_err *err)
{
	for (int axis = 0; axis < ABL_AXES; axis++)
		if (p->scaling[axis])
			put_axis(p, p->scaling[axis], (enum abl_scaling_axis)axis);
	return abl_report_figures(p, "scaling", err);
}

/* Lines of one size or two say nothing about size: an option may change it by the way. */
static bool has_sizes(const struct abl_scaling *s)
{
	for (size_t i = 0; i < s->rows; i++)
		if (s->row[i].law.sizes > 2)
			return true;
	return false;
}

int abl_report_load_scaling(struct abl_page *p, struct abl_err *err)
{
	bool any = false;

	for (int axis = 0; axis < ABL_AXES; axis++) {
		const struct abl_scaling_request request = {.axis = (enum abl_scaling_axis)axis};
		struct abl_err refused = {0};
		int rc = ABL_EINPUT;

		/* FLOPs follow from the other two where those are known */
		if (axis != ABL_AXIS_FLOPS || !any)
			rc = abl_scaling(&p->scaling[axis], p->store, p->study, &request, &refused);
		if (rc && rc != ABL_EINPUT)
			return abl_err_set(err, rc, "%s", refused.text);
		any |= !rc;
		if (rc || !has_sizes(p->scaling[axis])) {
			if (!rc)
				abl_scaling_destroy(p->scaling[axis]);
			p->scaling[axis] = NULL;
		}
	}
	return 0;
}

void abl_report_scaling_answer(const struct abl_page *p, struct abl_str *out)
{
	struct abl_str words = {0};
	size_t said = 0;

	for (int axis = 0; axis < ABL_AXES; axis++)
		for (size_t i = 0; p->scaling[axis] && i < p->scaling[axis]->rows; i++) {
			const struct abl_scaling_row *r = &p->scaling[axis]->row[i];

			if (r->reason || said++ >= MOST)
				continue;
			abl_str_clear(&words);
			abl_scaling_verdict_text(r, &words);
			abl_str_puts(out, "<li>");
			abl_html_user(out, r->task);
			abl_str_printf(out, " against %s",
				       abl_axis_name((enum abl_scaling_axis)axis));
			if (*r->line) {
				abl_str_puts(out, ", ");
				abl_html_user(out, r->line);
			}
			abl_str_puts(out, ": ");
			abl_html_text(out, words.text);
			abl_str_puts(out, "</li>\n");
		}
	abl_str_finish(&words);
}
