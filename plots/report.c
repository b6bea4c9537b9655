/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "figure.h"
#include "files.h"
#include "html.h"
#include "report_parts.h"
#include "shell.h"
#include "standing.h"
#include "store.h"
#include "table.h"
#include "trials.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern const char abl_file_report_css[];

#define SVG_LIMIT (64u << 20) /* bytes of one figure */

/* ---- sections that are one listing ---- */

static void put_label(void *data, const struct abl_read_task *t)
{
	struct abl_page *p = data;

	if (!t->label)
		return;
	abl_str_puts(&p->html, "<p class=\"soft\">");
	abl_html_text(&p->html, t->name);
	abl_str_puts(&p->html, ": ");
	abl_html_text(&p->html, t->label);
	abl_str_puts(&p->html, "</p>\n");
}

/* What must be said beside the numbers of a task: "selected on dev". */
static int put_labels(struct abl_page *p, struct abl_err *err)
{
	char **tasks = NULL;
	int rc = abl_read_tasks(&tasks, p->store, p->id, err);

	for (size_t i = 0; rc >= 0 && tasks[i]; i++)
		rc = abl_read_task(p->store, p->id, tasks[i], put_label, p, err);
	abl_names_destroy(tasks);
	return rc < 0 ? rc : 0;
}

static const struct section {
	const char *anchor, *heading, *intro; /* anchor NULL: a part of the section before */
	const char *empty; /* said where there are no rows; NULL: then there is no such part */
	enum abl_listing listing;
	bool many; /* short rows, set in several columns */
	int (*more)(struct abl_page *p, struct abl_err *err); /* what stands below, or NULL */
} sections[] = {
	{"scores", "Scores",
	 "Mean and standard deviation over seeds of finished trials, each task's main metric.",
	 "No trial is done yet.", ABL_LISTING_SCORES, .more = put_labels},
	{"failures", "Failures", NULL, "None: no trial crashed, diverged or ran out of time.",
	 ABL_LISTING_FAILURES, .more = abl_report_logs},
	{"configuration", "Configuration", "What each variant changes in the baseline.",
	 "The study has no variants.", ABL_LISTING_CHANGES},
	{NULL, "Baseline",
	 "Every option of the baseline. Options set by a task are marked with its name.",
	 "The baseline has no options.", ABL_LISTING_BASELINE, true},
	{"provenance", "Provenance", "Every start of this study, the last one first.",
	 "The study has been planned, but never started.", ABL_LISTING_STARTS},
	{NULL, "Code and environment",
	 "What each start ran; the folders of code lie in the store, with a list beside each.",
	 NULL, ABL_LISTING_CODE},
	{NULL, "Data", "Files that were read, with the XXH3-128 hash of their unpacked content.",
	 "No data file is recorded: the study runs on the built-in data, or names no inputs.",
	 ABL_LISTING_DATA},
};

static int put_section(struct abl_page *p, const struct section *s, struct abl_err *err)
{
	const size_t before = p->html.length;
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
	if (!rc && !rows && s->empty)
		abl_str_printf(&p->html, "<p>%s</p>\n", s->empty);
	else if (!rc && !rows)
		p->html.text[p->html.length = before] = '\0';
	return rc || !s->more ? rc : s->more(p, err);
}

/* ---- head ---- */

static void put_head(struct abl_page *p)
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

	abl_str_printf(out, "%s %s%s%s", abl_format_count(n, text), what, abl_plural(n), then);
}

static void put_standing(void *data, const struct abl_standing *s)
{
	struct abl_str *out = &((struct abl_page *)data)->html;
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
	abl_str_printf(out,
		       "; %s of computing. Written on %s UTC, as all times "
		       "here.</p>\n",
		       abl_format_duration(isfinite(s->seconds) ? s->seconds : 0, duration), now);
}

/* What the study asks, how far it is, and the way through the page. */
static int put_summary(struct abl_page *p, struct abl_err *err)
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

/* ---- figures ---- */

static int put_figure(struct abl_page *p, const struct abl_figure *figure, struct abl_str *without,
		      struct abl_err *err)
{
	const struct abl_figure_request request = {.study = p->study, .folder = p->folder};
	char *path = abl_figure_path(figure, &request, "svg");
	struct abl_str absent = {0}, svg = {0};
	int rc = abl_figure_draw(p->store, figure, &request, &absent, NULL, err);

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

static int put_figures(struct abl_page *p, struct abl_err *err)
{
	struct abl_str without = {0}, command = {0};
	int rc = 0;

	abl_str_puts(&p->html,
		     "<h2 id=\"figures\">Figures</h2>\n<p class=\"soft\">Drawn by gnuplot; ");
	if (p->kept) {
		abl_str_puts(&p->html, "the PNG, the script and the numbers of each lie in ");
		abl_html_element(&p->html, "code", p->folder);
		abl_str_puts(&p->html, ".</p>\n");
	} else {
		abl_str_printf(&command,
			       "'ablate plot %s --out FOLDER' writes them as files, with "
			       "the numbers of each.",
			       abl_shell_quoted(p->study));
		abl_report_text(p, command.text);
		abl_str_puts(&p->html, "</p>\n");
		abl_str_finish(&command);
	}
	for (size_t i = 0; !rc && i < abl_figure_count(); i++)
		rc = put_figure(p, abl_figure_at(i), &without, err);
	if (without.length)
		abl_str_puts(&p->html, without.text);
	abl_str_finish(&without);
	return rc;
}

/* ---- the page ---- */

static int put_page(struct abl_page *p, struct abl_err *err)
{
	int rc;

	put_head(p);
	if ((rc = put_summary(p, err)) || (rc = abl_report_effects(p, err)) ||
	    (rc = put_figures(p, err)))
		return rc;
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if ((rc = put_section(p, &sections[i], err)))
			return rc;
	if ((rc = abl_report_rerun(p, err)))
		return rc;
	abl_str_puts(&p->html, "\n</body>\n</html>\n");
	return 0;
}

/* The figures go beside those of `plot`; where nothing may be written, they are only on the page.
 */
static int choose_folder(struct abl_page *p, struct abl_err *err)
{
	const char *temporary = getenv("TMPDIR");

	p->folder = abl_figure_folder(abl_store_folder(p->store), p->study);
	p->kept = abl_figure_folder_takes_files(p->folder);
	if (p->kept)
		return 0;
	free(p->folder);
	p->folder =
		abl_path_join(temporary && *temporary ? temporary : "/tmp", "ablate-report-XXXXXX");
	if (!mkdtemp(p->folder))
		return abl_err_set(err, ABL_EIO, "cannot make the folder '%s': %s", p->folder,
				   strerror(errno));
	return 0;
}

/* Where the page goes. */
static int choose_file(const struct abl_page *p, const char *file, char **path, struct abl_err *err)
{
	if (!file && !p->kept)
		return abl_err_set(err, ABL_EIO,
				   "the store '%s' is read-only: name the page with --out FILE",
				   abl_store_folder(p->store));
	*path = file ? abl_strdup(file) : abl_path_join(p->folder, "report.html");
	return 0;
}

int abl_report_write(struct abl_store *store, const char *study, const char *file,
		     abl_report_complete *complete, struct abl_str *written, struct abl_err *err)
{
	struct abl_page p = {.store = store, .study = study, .complete = complete};
	struct abl_err gone = {0};
	char *path = NULL;
	int rc;

	if ((rc = abl_store_find_study(store, study, &p.id, err)))
		return rc;
	if (!(rc = choose_folder(&p, err)) && !(rc = choose_file(&p, file, &path, err)) &&
	    !(rc = put_page(&p, err)) &&
	    !(rc = abl_file_write(path, p.html.text, p.html.length, err)) && written)
		abl_str_puts(written, path);
	if (!p.kept && abl_remove_tree(p.folder, rc ? &gone : err) && !rc)
		rc = ABL_EIO;
	free(path);
	free(p.folder);
	abl_str_finish(&p.html);
	return rc;
}
