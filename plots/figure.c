/* SPDX-License-Identifier: Apache-2.0 */
#include "figure.h"

#include "chart.h"
#include "chart_text.h"
#include "dark.h"
#include "files.h"
#include "gnuplot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SVG_LIMIT (64u << 20) /* bytes */

enum { COLUMN = 440, PAGE = 930 }; /* pixels: 85 mm and 180 mm */

#define FIGURE(name) extern const struct abl_figure abl_figure_##name;
#include "figures.def"
#undef FIGURE

static const struct abl_figure *const figures[] = {
#define FIGURE(name) &abl_figure_##name,
#include "figures.def"
#undef FIGURE
};

size_t abl_figure_count(void)
{
	return sizeof figures / sizeof *figures;
}

const struct abl_figure *abl_figure_at(size_t i)
{
	return figures[i];
}

static const char *name_at(size_t i, const void *data)
{
	(void)data;
	return figures[i]->name;
}

int abl_figure_find(const struct abl_figure **out, const char *name, struct abl_err *err)
{
	struct abl_str list = {0};
	const char *near = abl_nearest(name, abl_figure_count(), name_at, NULL);

	for (size_t i = 0; i < abl_figure_count(); i++) {
		if (!strcmp(figures[i]->name, name)) {
			*out = figures[i];
			abl_str_finish(&list);
			return 0;
		}
		abl_str_printf(&list, "%s%s", i ? ", " : "", figures[i]->name);
	}
	abl_err_set(err, ABL_EINPUT, "unknown figure '%s'%s%s%s; choose from %s", name,
		    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", list.text);
	abl_str_finish(&list);
	return ABL_EINPUT;
}

/* Adds text as a part of a file's name, which is no path. */
static void add_part(struct abl_str *out, const char *text)
{
	for (const char *c = text; *c; c++)
		abl_str_add(out, *c == '/' || (*c == '.' && c == text) ? "_" : c, 1);
}

/* What the files of a drawing are called, without their endings. */
static void add_stem(struct abl_str *out, const struct abl_figure *figure,
		     const struct abl_figure_request *request)
{
	const char *const asked[] = {figure->by_option ? request->option : NULL, request->metric,
				     request->column ? "column" : NULL};

	abl_str_puts(out, figure->name);
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		if (asked[i]) {
			abl_str_puts(out, "-");
			add_part(out, asked[i]);
		}
}

const char *const abl_figure_pictures[] = {"png", "svg", "pdf", NULL};

char *abl_figure_path(const struct abl_figure *figure, const struct abl_figure_request *request,
		      const char *ending)
{
	struct abl_str name = {0};
	char *path;

	add_stem(&name, figure, request);
	abl_str_printf(&name, ".%s", ending);
	path = abl_path_join(request->folder, name.text);
	abl_str_finish(&name);
	return path;
}

char *abl_figure_folder(const char *store_folder, const char *study)
{
	char *plots = abl_path_join(store_folder, "plots");
	struct abl_str name = {0};
	char *folder;

	add_part(&name, study);
	folder = abl_path_join(plots, name.length ? name.text : "_");
	abl_str_finish(&name);
	free(plots);
	return folder;
}

bool abl_figure_folder_takes_files(const char *folder)
{
	struct abl_err refused = {0};

	return !abl_mkdir_all(folder, &refused) && !access(folder, W_OK);
}

/* No picture of earlier numbers is left beside new ones. */
static int remove_files(const struct abl_figure *figure, const struct abl_figure_request *request,
			struct abl_err *err)
{
	static const char *const endings[] = {"png", "svg", "pdf", "gp", "dat", "csv"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof endings / sizeof *endings; i++) {
		char *path = abl_figure_path(figure, request, endings[i]);

		if (unlink(path) && errno != ENOENT)
			rc = abl_err_set(err, ABL_EIO, "cannot replace '%s': %s", path,
					 strerror(errno));
		free(path);
	}
	return rc;
}

static int finish_svg(const struct abl_chart *chart, const struct abl_figure *figure,
		      const struct abl_figure_request *request, struct abl_err *err)
{
	char *path = abl_figure_path(figure, request, "svg");
	struct abl_str svg = {0};
	int rc = abl_file_read(path, &svg, SVG_LIMIT, err);

	if (!rc) {
		abl_dark_finish_svg(&svg, chart->title ? chart->title : figure->name,
				    chart->captions.length ? chart->captions.text : figure->help);
		rc = abl_file_write(path, svg.text, svg.length, err);
	}
	abl_str_finish(&svg);
	free(path);
	return rc;
}

/* The chart of a figure, ready to be drawn. */
static int fill(struct abl_chart *chart, struct abl_store *store, const struct abl_figure *figure,
		const struct abl_figure_request *request, struct abl_str *absent,
		struct abl_err *err)
{
	chart->narrow = request->column;
	chart->svg_alone = request->svg_alone;
	chart->width = request->column ? COLUMN : PAGE;
	abl_str_clear(absent);
	return figure->collect(chart, store, request, absent, err);
}

int abl_figure_draw(struct abl_store *store, const struct abl_figure *figure,
		    const struct abl_figure_request *request, struct abl_str *absent,
		    struct abl_str *remark, struct abl_err *err)
{
	struct abl_str stem = {0}, script = {0}, missing = {0};
	struct abl_chart chart = {0};
	int rc;

	add_stem(&stem, figure, request);
	abl_str_printf(&script, "%s.gp", stem.text);
	chart.name = stem.text;
	if ((rc = fill(&chart, store, figure, request, absent, err)) ||
	    (rc = abl_mkdir_all(request->folder, err)) ||
	    (rc = remove_files(figure, request, err)) || absent->length)
		goto fail;
	if (!(rc = abl_chart_write(&chart, request->folder, figure->template, &missing, err)) &&
	    !(rc = abl_gnuplot_run(request->folder, script.text, err)))
		rc = finish_svg(&chart, figure, request, err);
	if (!rc && missing.length && remark)
		abl_str_printf(remark,
			       "%s.png: no installed font has %s, so it shows □ there; Debian's "
			       "fonts-noto-cjk and fonts-noto-color-emoji have many",
			       stem.text, missing.text);
fail:
	abl_chart_finish(&chart);
	abl_str_finish(&stem), abl_str_finish(&script), abl_str_finish(&missing);
	return rc;
}

int abl_figure_text(struct abl_store *store, const struct abl_figure *figure,
		    const struct abl_figure_request *request, size_t columns, bool utf8,
		    struct abl_str *out, struct abl_str *absent, struct abl_err *err)
{
	struct abl_chart chart = {.name = figure->name};
	struct abl_str text = {0};
	int rc = fill(&chart, store, figure, request, absent, err);

	if (!rc && !absent->length) {
		abl_chart_fit(&chart);
		abl_chart_text(&chart, columns, &text);
		if (utf8)
			abl_str_add(out, text.text, text.length);
		else
			abl_chart_text_ascii(text.text, out);
	}
	abl_str_finish(&text);
	abl_chart_finish(&chart);
	return rc;
}
