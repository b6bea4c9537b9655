/* SPDX-License-Identifier: Apache-2.0 */
/* report_listing.c - the parts that are listings of the store. */
#include "html.h"
#include "report_parts.h"
#include "trials.h"

#define MOST 60 /* rows that are seen at once */

/* A long one stands behind a click. */
static void put_rows(struct abl_page *p, const struct abl_report_listing *l,
		     const struct abl_str *table, size_t rows)
{
	const bool folded = rows > MOST && !l->many;

	if (folded)
		abl_str_printf(&p->html, "<details><summary>all %zu rows</summary>\n", rows);
	if (l->many)
		abl_str_puts(&p->html, "<div class=\"many\">\n");
	abl_str_add(&p->html, table->text, table->length);
	if (l->many)
		abl_str_puts(&p->html, "</div>\n");
	if (folded)
		abl_str_puts(&p->html, "</details>\n");
}

int abl_report_listing(struct abl_page *p, const struct abl_report_listing *l, struct abl_err *err)
{
	const size_t before = p->html.length;
	struct abl_str command = {0}, table = {0};
	size_t rows;
	int rc;

	if (l->heading)
		abl_report_heading(p, l->heading);
	if (l->intro)
		abl_report_soft(p, l->intro);
	rc = abl_html_listing(&table, p->store, p->id, l->listing, l->caption, &rows, err);
	if (!rc && rows)
		put_rows(p, l, &table, rows);
	abl_str_finish(&table);
	if (rc)
		return rc;
	if (!rows && l->empty)
		abl_str_printf(&p->html, "<p>%s</p>\n", l->empty);
	else if (!rows)
		p->html.text[p->html.length = before] = '\0';
	if (rows && l->again) {
		abl_str_printf(&command, "%s %s", l->again, p->start.study);
		abl_report_again(p, l->caption, command.text);
	}
	abl_str_finish(&command);
	return 0;
}

static int put_listings(struct abl_page *p, const struct abl_report_listing *l, size_t count,
			struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++)
		rc = abl_report_listing(p, &l[i], err);
	return rc;
}

/* ---- scores ---- */

static void put_label(void *data, const struct abl_read_task *t)
{
	struct abl_page *p = data;

	if (!t->label)
		return;
	abl_str_puts(&p->html, "<p class=\"soft\">");
	abl_html_user(&p->html, t->name);
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

int abl_report_scores(struct abl_page *p, struct abl_err *err)
{
	static const struct abl_report_listing scores = {
		.intro = "Mean and standard deviation over seeds, each task's main metric. A "
			 "diverged "
			 "run counts as the majority predictor, as in the effects.",
		.caption = "Scores by task and variant",
		.empty = "No trial is done yet.",
		.listing = ABL_LISTING_SCORES,
		.again = "results"};
	int rc = abl_report_listing(p, &scores, err);

	return rc ? rc : put_labels(p, err);
}

/* ---- failures ---- */

int abl_report_failures(struct abl_page *p, struct abl_err *err)
{
	static const struct abl_report_listing failures = {
		.caption = "Trials that failed",
		.empty = "None: no trial crashed, diverged or ran out of time.",
		.listing = ABL_LISTING_FAILURES,
		.again = "status"};
	int rc = abl_report_listing(p, &failures, err);

	return rc ? rc : abl_report_logs(p, err);
}

/* ---- provenance ---- */

int abl_report_provenance(struct abl_page *p, struct abl_err *err)
{
	static const struct abl_report_listing listings[] = {
		{.intro = "Every start of this study, the last one first.",
		 .caption = "Starts of the study",
		 .empty = "The study has been planned, but never started.",
		 .listing = ABL_LISTING_STARTS},
		{.heading = "Workers",
		 .intro = "The other machines of each start, the last one first, and what their "
			  "stages ran on.",
		 .caption = "Workers of the starts",
		 .listing = ABL_LISTING_WORKERS},
		{.heading = "Code and environment",
		 .intro = "What each start ran; the folders of code lie in the store, with a list "
			  "beside each.",
		 .caption = "Code and environment of each start",
		 .listing = ABL_LISTING_CODE},
		{.heading = "Data",
		 .intro = "Files that were read, with the XXH3-128 hash of their unpacked content.",
		 .caption = "Data files",
		 .empty = "No data file is recorded: the study runs on the built-in data, or names "
			  "no inputs.",
		 .listing = ABL_LISTING_DATA},
	};

	return put_listings(p, listings, sizeof listings / sizeof *listings, err);
}
