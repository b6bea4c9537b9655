/* SPDX-License-Identifier: Apache-2.0 */
/* chart_write.c - a chart as gnuplot reads it: where everything goes, the numbers, the script. */
#include "chart.h"
#include "chart_layout.h"

#include "files.h"
#include "glyphs.h"
#include "labels.h"
#include "table.h"
#include "utf8.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_style_gp[];

enum { LETTER = 8 }; /* of an axis title, in pixels */

/* A gnuplot string. Nothing is special between single quotes but the quote itself, and of that
 * gnuplot 5.4 does not read two in a row: it stands between double ones. */
static void quote(struct abl_str *out, const char *text, size_t length)
{
	abl_str_puts(out, "'");
	for (size_t i = 0; i < length; i++) {
		char c = iscntrl((unsigned char)text[i]) ? ' ' : text[i];

		if (c == '\'')
			abl_str_puts(out, "' . \"'\" . '");
		else
			abl_str_add(out, &c, 1);
	}
	abl_str_puts(out, "'");
}

/* The script in the making, and what is said otherwise in the PNG (glyphs.h). */
struct script {
	struct abl_str out, plain;
	size_t plain_count;
	struct abl_glyphs glyphs;
	struct abl_str names; /* texts that lost a character, each once: "\n<after>\t<before>\n" */
};

/* Texts that are no longer told apart get a number. */
static void number(struct script *s, const char *before, struct abl_str *after)
{
	struct abl_str line = {0}, alike = {0};
	size_t n = 0;

	abl_str_printf(&alike, "\n%s\t", after->text);
	abl_str_printf(&line, "%s%s\n", alike.text, before);
	abl_str_puts(&s->names, "");
	if (!strstr(s->names.text, line.text))
		abl_str_puts(&s->names, line.text);
	for (const char *at = strstr(s->names.text, alike.text); at; n++) {
		if (!strncmp(at, line.text, line.length))
			break;
		at = strstr(at + 1, alike.text);
	}
	if (n)
		abl_str_printf(after, " #%zu", n + 1);
	abl_str_finish(&line), abl_str_finish(&alike);
}

/* An assignment: "title", or "label_of[3]". */
static void put_value(struct script *s, const char *variable, const char *text, size_t length,
		      bool is_name)
{
	struct abl_str whole = {0}, plain = {0}, line = {0};

	abl_str_printf(&s->out, "%s = ", variable);
	quote(&s->out, text, length);
	abl_str_puts(&s->out, "\n");
	abl_str_add(&whole, text, length);
	if (abl_glyphs_replace(&s->glyphs, whole.length ? whole.text : "", &plain)) {
		if (is_name)
			number(s, whole.text, &plain);
		abl_str_printf(&line, "%s = ", variable);
		quote(&line, plain.text, plain.length);
		abl_str_printf(&s->plain, "plain[%zu] = ", ++s->plain_count);
		quote(&s->plain, line.text, line.length);
		abl_str_puts(&s->plain, "\n");
	}
	abl_str_finish(&whole), abl_str_finish(&plain), abl_str_finish(&line);
}

static void put_text(struct script *s, const char *name, size_t i, const char *text, bool is_name)
{
	char variable[64];

	snprintf(variable, sizeof variable, "%s[%zu]", name, i + 1);
	put_value(s, variable, text, strlen(text), is_name);
}

static void put_number(struct abl_str *out, const char *name, size_t i, double value)
{
	char text[32];

	abl_str_printf(out, "%s[%zu] = %s\n", name, i + 1,
		       isfinite(value) ? abl_format_real(value, text) : "NaN");
}

/* A title that fits into so many pixels. */
static void put_short(struct script *s, const char *name, size_t i, const char *text, int pixels)
{
	char *cut = abl_utf8_cut(text, (size_t)pixels / LETTER);

	put_text(s, name, i, cut, false);
	free(cut);
}

static void put_panel(struct script *s, const struct abl_chart *c, const struct abl_frame *f,
		      size_t i)
{
	struct abl_str *out = &s->out;
	const struct abl_chart_panel *p = &c->panel[i];
	const struct {
		const char *name;
		double value;
	} numbers[] = {
		{"left", f->left},         {"right", f->right},   {"top", f->top},
		{"bottom", f->bottom},     {"x_low", p->x.low},   {"x_high", p->x.high},
		{"x_log", p->x.log},       {"y_low", p->y.low},   {"y_high", p->y.high},
		{"y_log", p->y.log},       {"chance", p->chance}, {"first", (double)p->first + 1},
		{"last", (double)p->last},
	};

	put_text(s, "panel_title", i, f->title, false);
	put_text(s, "panel_more", i, f->more, false);
	put_short(s, "x_title", i, p->x_title, c->panel_width + c->right);
	put_short(s, "y_title", i, p->y_title, p->height);
	abl_str_printf(out, "x_tics[%zu] = \"%s\"\n", i + 1,
		       p->x_tics.length ? p->x_tics.text : "");
	for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
		put_number(out, numbers[k].name, i, numbers[k].value);
}

/* "titles = 2", then title[1] and title[2]. */
static void put_lines(struct script *s, const char *what, const struct abl_str *lines, int count)
{
	const char *at = lines->text;
	char variable[32];

	abl_str_printf(&s->out, "%ss = %d\narray %s[%d]\n", what, count, what, count + 1);
	for (int i = 1; i <= count; i++, at += strcspn(at, "\n") + 1) {
		snprintf(variable, sizeof variable, "%s[%d]", what, i);
		put_value(s, variable, at, strcspn(at, "\n"), false);
	}
}

/* Headings of the columns of each heat map, "cell[first[p] + i]" with as many as it has columns,
 * and what stands in its cells. */
static void put_cells(struct script *s, const struct abl_chart *c)
{
	size_t most = 0, n = 0;

	if (c->kind != ABL_CHART_CELLS)
		return;
	for (size_t p = 0; p < c->panels; p++)
		most = c->panel[p].cells > most ? c->panel[p].cells : most;
	abl_str_printf(&s->out, "widest = %zu\narray cells[%zu]\narray heading[%zu]\n", most,
		       c->panels, c->panels * most);
	for (size_t p = 0; p < c->panels; p++) {
		put_number(&s->out, "cells", p, (double)c->panel[p].cells);
		for (size_t i = 0; i < c->panel[p].cells; i++)
			put_text(s, "heading", p * most + i, c->panel[p].cell[i], true);
	}
	abl_str_printf(&s->out, "array cell[%zu]\n", c->series_count * most);
	for (; n < c->series_count; n++)
		for (size_t i = 0; i < c->series[n].texts; i++)
			put_text(s, "cell", n * most + i, c->series[n].text[i], false);
}

static void put_script(struct script *s, const struct abl_chart *c, const struct abl_layout *l)
{
	struct abl_str *out = &s->out;
	static const char *const of_panel[] = {
		"panel_title", "panel_more", "x_title", "y_title", "x_tics", "left",
		"right",       "top",        "bottom",  "x_low",   "x_high", "x_log",
		"y_low",       "y_high",     "y_log",   "chance",  "first",  "last"};
	static const char *const of_series[] = {"label_of", "note_of", "style_of", "place",
						"thin",     "end_of",  "rows"};

	abl_str_printf(out,
		       "# 'gnuplot %s.gp' in this folder draws %s.svg, .png and .pdf from %s.dat\n",
		       c->name, c->name, c->name);
	abl_str_printf(out, "name = '%s'\nwidth = %d\nheight = %d\nnarrow = %d\n", c->name,
		       l->width, l->height, c->narrow);
	put_lines(s, "title", &l->titles, l->title_lines);
	put_lines(s, "caption", &l->captions, l->caption_lines);
	abl_str_printf(out, "panels = %zu\n", c->panels);
	for (size_t i = 0; i < sizeof of_panel / sizeof *of_panel; i++)
		abl_str_printf(out, "array %s[%zu]\n", of_panel[i], c->panels);
	for (size_t i = 0; i < sizeof of_series / sizeof *of_series; i++)
		abl_str_printf(out, "array %s[%zu]\n", of_series[i], c->series_count);
	for (size_t i = 0; i < c->panels; i++)
		put_panel(s, c, &l->panel[i], i);
	for (size_t i = 0; i < c->series_count; i++) {
		put_text(s, "label_of", i, c->series[i].label, true);
		put_text(s, "note_of", i, c->series[i].note, false);
		put_number(out, "style_of", i, c->series[i].style);
		put_number(out, "place", i, c->series[i].at);
		put_number(out, "thin", i, c->series[i].thin);
		put_number(out, "end_of", i, c->series[i].end);
		put_number(out, "rows", i, (double)c->series[i].rows);
	}
	put_cells(s, c);
	abl_str_printf(out, "plains = %zu\narray plain[%zu]\n%s", s->plain_count,
		       s->plain_count + 1, s->plain_count ? s->plain.text : "");
}

static void put_comment(struct abl_str *out, const char *text)
{
	for (; *text; text++)
		abl_str_add(out, iscntrl((unsigned char)*text) ? " " : text, 1);
}

static void put_data(struct abl_str *out, const struct abl_chart *c)
{
	char text[32];

	for (size_t i = 0; i < c->series_count; i++) {
		const struct abl_chart_series *s = &c->series[i];

		abl_str_puts(out, i ? "\n\n# " : "# ");
		put_comment(out, c->panel[s->panel].title);
		abl_str_puts(out, ": ");
		put_comment(out, *s->label ? s->label : "all");
		abl_str_printf(out, "\n# %s\n", c->columns);
		for (size_t row = 0; row < s->rows; row++)
			for (int k = 0; k < c->column_count; k++) {
				double x = s->row[row][k];

				abl_str_printf(out, "%s%s",
					       isfinite(x) ? abl_format_real(x, text) : "NaN",
					       k + 1 < c->column_count ? "\t" : "\n");
			}
	}
}

/* Places on an axis of names go by these. */
static void add_value(struct abl_table *t, const struct abl_chart_panel *p, int column,
		      double value)
{
	if (!column && p->cells)
		abl_table_text(t, p->cell[(size_t)value]);
	else
		abl_table_real(t, value, NULL);
}

static void put_csv(struct abl_str *out, const struct abl_chart *c)
{
	struct abl_table *t = abl_table_create();
	const char *at = c->columns;

	abl_table_column(t, "panel", false);
	abl_table_column(t, "series", false);
	for (int k = 0; k < c->column_count; k++) {
		char *name = abl_strdup(at);

		name[strcspn(name, "\t")] = 0;
		abl_table_column(t, name, true);
		at += strlen(name) + (at[strlen(name)] == '\t');
		free(name);
	}
	for (size_t i = 0; i < c->series_count; i++) {
		const struct abl_chart_series *s = &c->series[i];

		for (size_t row = 0; row < s->rows; row++) {
			abl_table_text(t, c->panel[s->panel].title);
			abl_table_text(t, s->name ? s->name : *s->label ? s->label : "all");
			for (int k = 0; k < c->column_count; k++)
				add_value(t, &c->panel[s->panel], k, s->row[row][k]);
		}
	}
	abl_table_render(t, ABL_TABLE_CSV, out);
	abl_table_destroy(t);
}

static int put_file(const struct abl_chart *c, const char *folder, const char *ending,
		    const struct abl_str *text, struct abl_err *err)
{
	struct abl_str file = {0};
	char *path;
	int rc;

	abl_str_printf(&file, "%s.%s", c->name, ending);
	path = abl_path_join(folder, file.text);
	rc = abl_file_write(path, text->text, text->length, err);
	abl_str_finish(&file);
	free(path);
	return rc;
}

/* All texts of the chart, to see what there are no glyphs for. */
static void find_missing(const struct abl_chart *c, struct abl_glyphs *g)
{
	struct abl_str texts = {0}, ignored = {0};

	abl_str_puts(&texts, c->title ? c->title : "");
	abl_str_puts(&texts, c->captions.length ? c->captions.text : "");
	for (size_t i = 0; i < c->panels; i++)
		abl_str_printf(&texts, "%s%s%s", c->panel[i].title, c->panel[i].x_title,
			       c->panel[i].y_title);
	for (size_t i = 0; i < c->series_count; i++)
		abl_str_printf(&texts, "%s%s", c->series[i].label, c->series[i].note);
	abl_glyphs_replace(g, texts.text, &ignored);
	abl_str_finish(&texts), abl_str_finish(&ignored);
}

int abl_chart_write(struct abl_chart *c, const char *folder, const char *template,
		    struct abl_str *missing, struct abl_err *err)
{
	struct script script = {0};
	struct abl_layout l;
	struct abl_str data = {0}, csv = {0};
	int rc;

	if (!c->svg_alone) /* whoever reads it has fonts of his own */
		find_missing(c, &script.glyphs);
	if (script.glyphs.missing.length) {
		abl_str_puts(missing, script.glyphs.missing.text);
		abl_chart_caption(c, "□ in PNG and PDF: no font here has the character; the SVG "
				     "keeps it.");
	}
	abl_chart_fit(c);
	abl_layout_make(&l, c);
	put_data(&data, c);
	put_script(&script, c, &l);
	if (c->svg_alone)
		abl_str_puts(&script.out, "kinds = 'svg'\n");
	abl_str_printf(&script.out, "\n%s\n%s", abl_file_style_gp, template);
	put_csv(&csv, c);
	if (!(rc = put_file(c, folder, "dat", &data, err)) &&
	    !(rc = put_file(c, folder, "csv", &csv, err)))
		rc = put_file(c, folder, "gp", &script.out, err);
	abl_layout_finish(&l, c);
	abl_str_finish(&data), abl_str_finish(&csv);
	abl_str_finish(&script.out), abl_str_finish(&script.plain), abl_str_finish(&script.names);
	abl_glyphs_finish(&script.glyphs);
	return rc;
}
