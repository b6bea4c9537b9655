/* SPDX-License-Identifier: Apache-2.0 */
/* report_repeat.c - the commands and the study file that give these numbers again. */
#include "html.h"
#include "report_parts.h"
#include "shell.h"
#include "standing.h"

#include <string.h>

/* Which command prints what stands on the page. */
static void put_numbers(struct abl_page *p)
{
	struct abl_str *out = &p->html;

	if (!p->numbers.length)
		return;
	abl_str_puts(out, "<p>Each reads the store; nothing is trained.</p>\n");
	abl_html_table_begin(out, "The command of each table and figure", NULL);
	abl_html_table_column(out, "numbers", false);
	abl_html_table_column(out, "command", false);
	abl_html_table_body(out);
	abl_str_puts(out, p->numbers.text);
	abl_html_table_end(out);
}

/* The last start of the program as it was typed. */
static void put_run(struct abl_page *p)
{
	const struct abl_page_start *s = &p->start;
	struct abl_str text = {0};

	abl_report_heading(p, "The whole study");
	abl_str_puts(&p->html, "<p>In the folder where it was started; finished work is not "
			       "repeated.</p>\n");
	if (s->typed) {
		abl_str_puts(&text, s->typed);
	} else {
		abl_str_printf(&text, "%s run ", s->program);
		abl_shell_word(&text, s->path ? s->path : p->study);
	}
	if (!s->typed || !strstr(s->typed, " --store"))
		abl_str_puts(&text, s->store);
	abl_html_element(&p->html, "pre tabindex=\"0\"", text.text);
	abl_str_puts(&p->html, "\n");
	abl_str_finish(&text);
}

static void put_study(void *data, const struct abl_standing *s)
{
	struct abl_page *p = data;

	if (!s->text)
		return;
	abl_report_heading(p, "Study file");
	abl_html_element(&p->html, "pre tabindex=\"0\"", s->text);
	abl_str_puts(&p->html, "\n");
}

int abl_report_repeat(struct abl_page *p, struct abl_err *err)
{
	put_numbers(p);
	if (!p->facts.loaded)
		put_run(p);
	return abl_read_standing(p->store, p->id, put_study, p, err);
}
