/* SPDX-License-Identifier: Apache-2.0 */
/* report_figures.c - the figures of a part, each with its numbers behind a click. */
#include "figure.h"
#include "files.h"
#include "html.h"
#include "report_parts.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT (64u << 20) /* bytes of one figure, and of its numbers */
#define MOST_VARIANTS 60  /* of a figure that is drawn for narrow screens, too */

static void put_data(struct abl_str *out, const struct abl_str *svg)
{
	abl_str_puts(out, "data:image/svg+xml;base64,");
	abl_html_base64(out, svg->text, svg->length);
}

/* The figure, and its narrow twin for narrow screens. */
static void put_picture(struct abl_page *p, const struct abl_figure *figure,
			const struct abl_str *svg, const struct abl_str *narrow)
{
	/* one that knows no dark ground keeps its white one */
	const bool dark = strstr(svg->text, "prefers-color-scheme") != NULL;
	struct abl_str *out = &p->html;

	abl_str_printf(out, "<div class=\"%s\" tabindex=\"0\" role=\"group\" ",
		       dark ? "drawing" : "drawing white");
	abl_str_printf(out, "aria-label=\"%s\">\n<picture>", figure->name);
	if (narrow->length) {
		abl_str_puts(out, "<source media=\"screen and (max-width: 48rem)\" srcset=\"");
		put_data(out, narrow);
		abl_str_puts(out, "\">\n");
	}
	abl_str_puts(out, "<img alt=\"");
	abl_html_text(out, figure->name);
	abl_str_puts(out, ": ");
	abl_html_text(out, figure->help);
	abl_str_puts(out, ". The numbers follow below.\" src=\"");
	put_data(out, svg);
	abl_str_puts(out, "\"></picture></div>\n");
}

static int put_image(struct abl_page *p, const struct abl_figure *figure, const char *path,
		     struct abl_err *err)
{
	const struct abl_figure_request request = {
		.study = p->study, .folder = p->folder, .column = true, .svg_alone = true};
	char *narrow_path = abl_figure_path(figure, &request, "svg");
	struct abl_str svg = {0}, narrow = {0}, absent = {0};
	const bool twin = p->facts.variants <= MOST_VARIANTS;
	int rc = abl_file_read(path, &svg, LIMIT, err);

	rc = rc || !twin ? rc : abl_figure_draw(p->store, figure, &request, &absent, NULL, err);
	if (!rc && twin && !absent.length)
		rc = abl_file_read(narrow_path, &narrow, LIMIT, err);
	if (!rc)
		put_picture(p, figure, &svg, &narrow);
	abl_str_finish(&svg), abl_str_finish(&narrow), abl_str_finish(&absent);
	free(narrow_path);
	return rc;
}

static int put_numbers(struct abl_page *p, const struct abl_figure *figure, const char *path,
		       struct abl_err *err)
{
	struct abl_str data = {0}, command = {0}, what = {0};
	int rc = abl_file_read(path, &data, LIMIT, err);

	if (!rc) {
		abl_str_puts(&p->html, "<figcaption>\n");
		abl_report_figure_data(&p->html, figure->name, data.length ? data.text : "");
		abl_str_printf(&what, "Figure: %s", figure->name);
		abl_str_printf(&command, "plot %s %s", p->start.study, figure->name);
		abl_report_again(p, what.text, command.text);
		abl_str_puts(&p->html, "</figcaption>\n");
	}
	abl_str_finish(&data), abl_str_finish(&command), abl_str_finish(&what);
	return rc;
}

/* Why one does not apply is said where the last figures are. */
static int put_figure(struct abl_page *p, const struct abl_figure *figure, struct abl_err *err)
{
	const struct abl_figure_request request = {
		.study = p->study, .folder = p->folder, .svg_alone = true};
	char *svg = abl_figure_path(figure, &request, "svg"),
	     *csv = abl_figure_path(figure, &request, "csv");
	struct abl_str absent = {0};
	int rc = abl_figure_draw(p->store, figure, &request, &absent, NULL, err);

	if (!rc && absent.length) {
		abl_str_printf(&p->without, "<li>%s: ", figure->name);
		abl_html_text(&p->without, absent.text);
		abl_str_puts(&p->without, "</li>\n");
	} else if (!rc) {
		abl_str_puts(&p->html, "<figure>\n");
		if (!(rc = put_image(p, figure, svg, err)))
			rc = put_numbers(p, figure, csv, err);
		abl_str_puts(&p->html, "</figure>\n");
	}
	abl_str_finish(&absent);
	free(svg), free(csv);
	return rc;
}

int abl_report_figures(struct abl_page *p, const char *names, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < abl_figure_count(); i++) {
		const struct abl_figure *figure = abl_figure_at(i);

		if (p->drawn[i] || (names && !abl_is_one_of(names, figure->name)))
			continue;
		p->drawn[i] = true;
		rc = put_figure(p, figure, err);
	}
	return rc;
}

/* ---- parts that are figures alone ---- */

int abl_report_curves(struct abl_page *p, struct abl_err *err)
{
	return abl_report_figures(p, "curves", err);
}

/* What no part before has asked for. */
int abl_report_more(struct abl_page *p, struct abl_err *err)
{
	int rc = abl_report_figures(p, NULL, err);

	if (!rc && p->without.length)
		abl_str_printf(&p->html,
			       "<p class=\"soft\">Not drawn:</p><ul class=\"soft\">\n%s</ul>\n",
			       p->without.text);
	return rc;
}
