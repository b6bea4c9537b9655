/* SPDX-License-Identifier: Apache-2.0 */
#include "html.h"
#include "report_parts.h"
#include "table.h"

void abl_report_text(struct abl_page *p, const char *text)
{
	struct abl_str full = {0};

	if (p->complete)
		p->complete(&full, text);
	else
		abl_str_puts(&full, text);
	abl_html_text(&p->html, full.text);
	abl_str_finish(&full);
}

void abl_report_soft(struct abl_page *p, const char *text)
{
	abl_str_puts(&p->html, "<p class=\"soft\">");
	abl_report_text(p, text);
	abl_str_puts(&p->html, "</p>\n");
}

void abl_report_notes(struct abl_page *p, const char *notes)
{
	struct abl_str note = {0};

	while (abl_next_note(&notes, &note))
		abl_report_soft(p, note.text);
	abl_str_finish(&note);
}

void abl_report_heading(struct abl_page *p, const char *name)
{
	abl_html_element(&p->html, "h3 dir=\"auto\"", name);
	abl_str_puts(&p->html, "\n");
}

void abl_report_command(struct abl_page *p, const char *command, struct abl_str *out)
{
	abl_str_printf(out, "%s %s%s", p->start.program, command, p->start.store);
}

void abl_report_again(struct abl_page *p, const char *what, const char *command)
{
	struct abl_str line = {0};

	abl_report_command(p, command, &line);
	abl_str_puts(&p->html, "<p class=\"again\">again: ");
	abl_html_element(&p->html, "code", line.text);
	abl_str_puts(&p->html, "</p>\n");
	abl_html_row_begin(&p->numbers, NULL);
	abl_html_row_name(&p->numbers, "numbers", what);
	abl_str_puts(&p->numbers, "<td role=\"cell\" data-of=\"command\">");
	abl_html_element(&p->numbers, "code", line.text);
	abl_str_puts(&p->numbers, "</td>");
	abl_html_row_end(&p->numbers);
	abl_str_finish(&line);
}
