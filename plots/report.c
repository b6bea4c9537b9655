/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "compare.h"
#include "figure.h"
#include "files.h"
#include "html.h"
#include "shell.h"
#include "standing.h"
#include "store.h"
#include "table.h"
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const char abl_file_report_css[];

#define SVG_LIMIT (64u << 20) /* bytes of one figure */

struct page {
	struct abl_str html;
	struct abl_store *store;
	const char *study;
	char *folder; /* where the figures are drawn */
	int64_t id;
};

/* ---- sections that are one listing ---- */

static const struct section {
	const char *anchor, *heading, *intro; /* anchor NULL: a part of the section before */
	const char *empty;                    /* said where there are no rows */
	enum abl_listing listing;
	bool many; /* short rows, set in several columns */
} sections[] = {
	{"scores", "Scores",
	 "Mean and standard deviation over seeds of finished trials, each task's main metric.",
	 "No trial is done yet.", ABL_LISTING_SCORES},
	{"failures", "Failures", NULL, "None: no trial crashed, diverged or ran out of time.",
	 ABL_LISTING_FAILURES},
	{"configuration", "Configuration", "What each variant changes in the baseline.",
	 "The study has no variants.", ABL_LISTING_CHANGES},
	{NULL, "Baseline",
	 "Every option of the baseline. Options set by a task are marked with its name.",
	 "The baseline has no options.", ABL_LISTING_BASELINE, true},
	{"provenance", "Provenance", "Every run of this study (times in UTC).",
	 "The study has been planned, but never started.", ABL_LISTING_STARTS},
	{NULL, "Data", "Files that were read, with the XXH3-128 hash of their unpacked content.",
	 "No data file is recorded: the study runs on the built-in data.", ABL_LISTING_DATA},
};

static int put_section(struct page *p, const struct section *s, struct abl_err *err)
{
	size_t rows;
	int rc;

	if (s->anchor)
		abl_str_printf(&p->html, "<h2 id=\"%s\">%s</h2>\n", s->anchor, s->heading);
	else
		abl_str_printf(&p->html, "<h3>%s</h3>\n", s->heading);
	if (s->intro)
		abl_str_printf(&p->html, "<p class=\"soft\">%s</p>\n", s->intro);
	abl_str_puts(&p->html, s->many ? "<div class=\"many\">\n" : "<div>\n");
	rc = abl_html_listing(&p->html, p->store, p->id, s->listing, &rows, err);
	abl_str_puts(&p->html, "</div>\n");
	if (!rc && !rows)
		abl_str_printf(&p->html, "<p>%s</p>\n", s->empty);
	return rc;
}

/* ---- head ---- */

static void put_head(struct page *p)
{
	abl_str_puts(&p->html,
		     "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	abl_html_element(&p->html, "title", p->study);
	abl_str_printf(&p->html, "\n<style>\n%s</style>\n</head>\n<body>\n<header>\n",
		       abl_file_report_css);
	abl_html_element(&p->html, "h1", p->study);
}

static void put_count(struct abl_str *out, int64_t n, const char *what, const char *then)
{
	char text[32];

	abl_str_printf(out, "%s %s%s%s", abl_format_count(n, text), what, n == 1 ? "" : "s", then);
}

static void put_standing(void *data, const struct abl_standing *s)
{
	struct abl_str *out = &((struct page *)data)->html;
	char duration[32], now[64];
	time_t clock = time(NULL);
	struct tm utc;

	if (s->about)
		abl_html_element(out, "p", s->about);
	abl_str_puts(out, "<p class=\"soft\">");
	put_count(out, s->variants, "variant", " × ");
	put_count(out, s->tasks, "task", " × ");
	put_count(out, s->seeds, "seed", "; trials: ");
	abl_html_text(out, s->trials ? s->trials : "none");
	strftime(now, sizeof now, "%Y-%m-%d %H:%M", gmtime_r(&clock, &utc));
	abl_str_printf(out, "; %s of computing. Written on %s UTC.</p>\n",
		       abl_format_duration(isfinite(s->seconds) ? s->seconds : 0, duration), now);
}

/* What the study asks, how far it is, and the way through the page. */
static int put_summary(struct page *p, struct abl_err *err)
{
	int rc = abl_read_standing(p->store, p->id, put_standing, p, err);

	if (rc)
		return rc;
	abl_str_puts(&p->html,
		     "<nav><a href=\"#effects\">Effects</a><a href=\"#figures\">Figures</a>");
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (sections[i].anchor)
			abl_str_printf(&p->html, "<a href=\"#%s\">%s</a>", sections[i].anchor,
				       sections[i].heading);
	abl_str_puts(&p->html, "<a href=\"#rerun\">Run it again</a></nav>\n</header>\n");
	return 0;
}

/* ---- effects ---- */

/* A cell of numbers; NULL = nothing there. */
static void put_number(struct abl_str *out, const char *text)
{
	abl_html_element(out, "td class=\"n\"", text);
}

static void put_effect(struct abl_str *out, const struct abl_comparison *c,
		       const struct abl_effect *e)
{
	const struct abl_digits digits = abl_effect_digits(e);
	bool told = e->verdict == ABL_VERDICT_HURTS || e->verdict == ABL_VERDICT_HELPS;
	struct abl_str text = {0};
	char low[32], high[32];

	abl_str_puts(out, "<tr>");
	abl_html_element(out, "td", e->arm.label);
	put_number(out,
		   isfinite(e->mean)
			   ? abl_format_digits(e->mean, abl_digits_for(e->mean, 4 * e->arm.sd), low)
			   : NULL);
	put_number(out,
		   isfinite(e->t.estimate) ? abl_format_signed(e->t.estimate, digits, low) : NULL);
	if (isfinite(e->t.low))
		abl_str_printf(&text, "[%s, %s]", abl_format_signed(e->t.low, digits, low),
			       abl_format_signed(e->t.high, digits, high));
	put_number(out, text.text);
	abl_str_printf(out, "<td class=\"n\">%zu</td>", e->n);
	put_number(out, isfinite(e->p_holm) ? abl_format_p(e->p_holm, low) : NULL);
	put_number(out, isfinite(e->time) ? abl_format_percent(e->time, low) : NULL);
	abl_str_clear(&text);
	abl_verdict_text(c, e, &text);
	abl_html_element(out, told ? "td class=\"told\"" : "td", text.text);
	abl_str_puts(out, "</tr>\n");
	abl_str_finish(&text);
}

/* Each note as a paragraph. */
static void put_notes(struct abl_str *out, const char *text)
{
	struct abl_str note = {0};

	while (abl_next_note(&text, &note))
		abl_html_element(out, "p class=\"soft\"", note.text);
	abl_str_finish(&note);
}

static void put_comparison(struct abl_str *out, const struct abl_comparison *c)
{
	static const char *const numbers[] = {"mean",  "effect",   "95 % interval",
					      "pairs", "p (Holm)", "time"};
	struct abl_str text = {0};

	abl_html_element(out, "h3", c->task);
	abl_str_puts(&text, "");
	abl_compare_heading(c, &text);
	put_notes(out, text.text);
	abl_str_puts(out, "<div class=\"wide\"><table>\n<thead><tr><th>variant</th>");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		abl_html_element(out, "th class=\"n\"", numbers[i]);
	abl_str_puts(out, "<th>verdict</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < c->count; i++)
		put_effect(out, c, &c->effect[i]);
	abl_str_puts(out, "</tbody></table></div>\n");
	abl_str_clear(&text);
	abl_compare_notes(c, &text);
	put_notes(out, text.text);
	abl_str_finish(&text);
}

static int put_effects(struct page *p, struct abl_err *err)
{
	char **task = NULL;
	int rc = abl_read_tasks(&task, p->store, p->id, err);

	abl_str_puts(&p->html, "<h2 id=\"effects\">Effects</h2>\n");
	for (size_t i = 0; !rc && task[i]; i++) {
		struct abl_comparison *c = NULL;

		rc = abl_compare(&c, p->store, p->id,
				 &(struct abl_compare_request){.task = task[i]}, err);
		if (!rc)
			put_comparison(&p->html, c);
		abl_comparison_destroy(c);
	}
	abl_names_destroy(task);
	return rc;
}

/* ---- figures ---- */

static int put_figure(struct page *p, const struct abl_figure *figure, struct abl_str *without,
		      struct abl_err *err)
{
	const struct abl_figure_request request = {.study = p->study, .folder = p->folder};
	char *path = abl_figure_path(figure, &request, "svg");
	struct abl_str absent = {0}, svg = {0};
	int rc = abl_figure_draw(p->store, figure, &request, &absent, err);

	if (!rc && absent.length) {
		abl_str_printf(without, "<p class=\"soft\">No %s figure: ", figure->name);
		abl_html_text(without, absent.text);
		abl_str_puts(without, ".</p>\n");
	} else if (!rc && !(rc = abl_file_read(path, &svg, SVG_LIMIT, err))) {
		abl_str_printf(&p->html,
			       "<figure><img alt=\"%s: %s\" src=\"data:image/svg+xml;base64,",
			       figure->name, figure->help);
		abl_html_base64(&p->html, svg.text, svg.length);
		abl_str_puts(&p->html, "\"></figure>\n");
	}
	abl_str_finish(&absent), abl_str_finish(&svg);
	free(path);
	return rc;
}

static int put_figures(struct page *p, struct abl_err *err)
{
	struct abl_str without = {0};
	int rc = 0;

	abl_str_puts(
		&p->html,
		"<h2 id=\"figures\">Figures</h2>\n<p class=\"soft\">Drawn by gnuplot; the PNG, the "
		"script and the numbers of each lie in ");
	abl_html_element(&p->html, "code", p->folder);
	abl_str_puts(&p->html, ".</p>\n");
	for (size_t i = 0; !rc && i < abl_figure_count(); i++)
		rc = put_figure(p, abl_figure_at(i), &without, err);
	if (without.length)
		abl_str_puts(&p->html, without.text);
	abl_str_finish(&without);
	return rc;
}

/* ---- how to run it again ---- */

/* The commands: the last start of the program as it was typed, then what reads the results. */
static void put_commands(struct page *p, const char *path, const char *typed)
{
	static const char *const commands[] = {"run", "results", "compare", "plot", "report"};
	struct abl_str text = {0};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (!i && typed) {
			abl_str_printf(&text, "%s\n", typed);
			continue;
		}
		abl_str_printf(&text, "ablate %s ", commands[i]);
		abl_shell_word(&text, i || !path ? p->study : path);
		abl_str_puts(&text, " --store ");
		abl_shell_word(&text, abl_store_folder(p->store));
		abl_str_puts(&text, "\n");
	}
	abl_html_element(&p->html, "pre", text.text);
	abl_str_finish(&text);
}

static void put_study(void *data, const struct abl_standing *s)
{
	struct page *p = data;

	put_commands(p, s->path, s->typed);
	abl_str_puts(&p->html, "\n<h3>Study file</h3>\n");
	abl_html_element(&p->html, "pre", s->text);
}

static int put_rerun(struct page *p, struct abl_err *err)
{
	abl_str_puts(&p->html,
		     "<h2 id=\"rerun\">Run it again</h2>\n"
		     "<p>In the folder where it was started; finished work is not repeated.</p>\n");
	return abl_read_standing(p->store, p->id, put_study, p, err);
}

/* ---- the page ---- */

static int put_page(struct page *p, struct abl_err *err)
{
	int rc;

	put_head(p);
	if ((rc = put_summary(p, err)) || (rc = put_effects(p, err)) || (rc = put_figures(p, err)))
		return rc;
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if ((rc = put_section(p, &sections[i], err)))
			return rc;
	if ((rc = put_rerun(p, err)))
		return rc;
	abl_str_puts(&p->html, "\n</body>\n</html>\n");
	return 0;
}

int abl_report_write(struct abl_store *store, const char *study, const char *file,
		     struct abl_str *written, struct abl_err *err)
{
	struct page p = {.store = store, .study = study};
	char *path = NULL;
	int rc;

	if ((rc = abl_store_find_study(store, study, &p.id, err)))
		return rc;
	p.folder = abl_figure_folder(abl_store_folder(store), study);
	path = file ? abl_strdup(file) : abl_path_join(p.folder, "report.html");
	if (!(rc = put_page(&p, err)) &&
	    !(rc = abl_file_write(path, p.html.text, p.html.length, err)) && written)
		abl_str_puts(written, path);
	free(path);
	free(p.folder);
	abl_str_finish(&p.html);
	return rc;
}
