/* SPDX-License-Identifier: Apache-2.0 */
/* report_configuration.c - what each variant has other than the baseline, and the baseline. */
#include "differences.h"
#include "html.h"
#include "report_parts.h"

#include <stdlib.h>
#include <string.h>

#define VARIANTS 500 /* shown */

struct differences {
	struct abl_str *out;
	char *variant; /* whose row is open */
	bool set;      /* its design's changes are named */
	bool follows;  /* the list of others is open */
	size_t variants;
};

static void put_one(struct abl_str *out, const struct abl_difference *d)
{
	abl_str_puts(out, "<li><bdi>");
	abl_html_text(out, d->option);
	abl_str_puts(out, "</bdi>: <bdi>");
	abl_html_text(out, d->here);
	abl_str_puts(out, "</bdi> <span class=\"soft\">instead of <bdi>");
	abl_html_text(out, d->baseline);
	abl_str_puts(out, "</bdi></span></li>\n");
}

static void end_row(struct differences *d)
{
	if (!d->variant)
		return;
	abl_str_puts(d->out, d->follows ? "</ul></details></span></td>" : "</ul></span></td>");
	abl_html_row_end(d->out);
	free(d->variant);
	d->variant = NULL;
}

static void begin_row(struct differences *d, const struct abl_difference *row)
{
	end_row(d);
	if (!d->variants++) {
		abl_html_table_begin(d->out, "What each variant has other than the baseline", NULL);
		abl_html_table_column(d->out, "variant", false);
		abl_html_table_column(d->out, "kind", false);
		abl_html_table_column(d->out, "differs in", false);
		abl_html_table_body(d->out);
	}
	d->variant = abl_strdup(row->variant);
	d->set = row->set, d->follows = false;
	abl_html_row_begin(d->out, NULL);
	abl_html_row_name(d->out, "variant", row->variant);
	abl_html_cell(d->out, "kind", false, row->kind);
	abl_str_puts(d->out, "<td role=\"cell\" data-of=\"differs in\"><span><ul>\n");
}

/* What follows from the design's changes stands behind a click. */
static void put_difference(void *data, const struct abl_difference *row)
{
	struct differences *d = data;

	if (!d->variant || strcmp(d->variant, row->variant)) {
		if (d->variants == VARIANTS) {
			end_row(d);
			return;
		}
		begin_row(d, row);
	}
	if (!row->option) {
		abl_str_puts(d->out, "<li>nothing</li>");
		return;
	}
	if (d->set && !row->set && !d->follows) {
		abl_str_puts(d->out, "</ul><details><summary>what follows</summary><ul>\n");
		d->follows = true;
	}
	put_one(d->out, row);
}

int abl_report_configuration(struct abl_page *p, struct abl_err *err)
{
	static const struct abl_report_listing baseline = {
		.heading = "Baseline",
		.intro = "Every option of the baseline. Options set by a task are marked with its "
			 "name.",
		.caption = "Options of the baseline",
		.empty = "The baseline has no options.",
		.listing = ABL_LISTING_BASELINE,
		.many = true};
	struct differences d = {.out = &p->html};
	int rc = abl_read_differences(p->store, p->id, put_difference, &d, err);

	end_row(&d);
	if (d.variants)
		abl_html_table_end(&p->html);
	else if (!rc)
		abl_str_puts(&p->html, "<p>The baseline is the only variant.</p>\n");
	if (!rc && d.variants == VARIANTS)
		abl_str_printf(&p->html,
			       "<p class=\"soft\">The first %d variants; the table of trials has "
			       "the options of all.</p>\n",
			       VARIANTS);
	return rc ? rc : abl_report_listing(p, &baseline, err);
}
