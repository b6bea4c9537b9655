/* SPDX-License-Identifier: Apache-2.0 */
/* report_head.c - what stands around the parts: the head with styles, the study's question and
 * standing, the ways through the page, the script. */
#include "html.h"
#include "report_parts.h"
#include "shell.h"
#include "standing.h"
#include "store.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const char abl_file_report_css[];
extern const char abl_file_report_js[];

/* The browser loads nothing from anywhere and runs no script but this one. */
#define SCRIPT "ablate"
static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"img-src data:; style-src 'unsafe-inline'; script-src 'nonce-" SCRIPT "'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n";

/* ---- the last start ---- */

static char *word_of(const char *text)
{
	struct abl_str word = {0};

	abl_shell_word(&word, text);
	return word.text;
}

static void keep_start(void *data, const struct abl_standing *s)
{
	struct abl_page *p = data;
	const char *typed = s->typed ? s->typed : "ablate";
	struct abl_str program = {0};

	abl_str_add(&program, typed, abl_shell_span(typed));
	p->start.program = program.text;
	p->start.typed = s->typed ? abl_strdup(s->typed) : NULL;
	p->start.path = s->path ? abl_strdup(s->path) : NULL;
}

int abl_report_start(struct abl_page *p, struct abl_err *err)
{
	char *folder = realpath(abl_store_folder(p->store), NULL);
	struct abl_str store = {0};

	abl_str_puts(&store, " --store ");
	abl_shell_word(&store, folder ? folder : abl_store_folder(p->store));
	free(folder);
	p->start.store = store.text;
	p->start.study = word_of(p->study);
	return abl_read_standing(p->store, p->id, keep_start, p, err);
}

void abl_report_start_finish(struct abl_page_start *s)
{
	free(s->program), free(s->typed), free(s->path), free(s->store), free(s->study);
}

/* ---- the head ---- */

static void put_count(struct abl_str *out, int64_t n, const char *what, const char *then)
{
	char text[32];

	abl_str_printf(out, "%s %s%s%s", abl_format_count(n, text), what, abl_plural(n), then);
}

static void put_standing(void *data, const struct abl_standing *s)
{
	struct abl_str *out = data;
	char duration[32], now[64];
	time_t clock = time(NULL);
	struct tm utc;

	if (s->about)
		abl_html_element(out, "p class=\"about\" dir=\"auto\"", s->about);
	abl_str_puts(out, "\n<p class=\"soft\">");
	put_count(out, s->variants, "variant", " × ");
	put_count(out, s->tasks, "task", " × ");
	put_count(out, s->seeds, "seed", "; trials: ");
	abl_html_text(out, s->trials ? s->trials : "none");
	strftime(now, sizeof now, "%Y-%m-%d %H:%M", gmtime_r(&clock, &utc));
	if (s->seconds > 0)
		abl_str_printf(out, "; %s of computing", abl_format_duration(s->seconds, duration));
	abl_str_printf(out, ". Written on <time>%s UTC</time>, as all times here.</p>\n", now);
}

int abl_report_head(struct abl_page *p, struct abl_str *out, struct abl_err *err)
{
	int rc;

	abl_str_puts(out, head);
	if (p->live)
		abl_str_puts(out, "<meta http-equiv=\"refresh\" content=\"20\">\n");
	abl_html_element(out, "title", p->study);
	abl_str_printf(out, "\n<style>\n%s</style>\n</head>\n<body>\n", abl_file_report_css);
	abl_str_puts(out, "<a class=\"skip\" href=\"#answer\">Skip to the answer</a>\n<header>\n");
	abl_html_element(out, "h1 dir=\"auto\"", p->study);
	if ((rc = abl_read_standing(p->store, p->id, put_standing, out, err)))
		return rc;
	abl_str_puts(out, "</header>\n<main>\n");
	return 0;
}

void abl_report_foot(struct abl_str *out)
{
	abl_str_printf(out,
		       "</main>\n<script nonce=\"" SCRIPT "\">\n%s</script>\n"
		       "</body>\n</html>\n",
		       abl_file_report_js);
}
