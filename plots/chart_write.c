/* SPDX-License-Identifier: Apache-2.0 */
/* chart_write.c - a chart as gnuplot reads it: where everything goes, the numbers, the script. */
#include "chart.h"

#include "files.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_style_gp[];

/* Pixels; text heights are those of the sizes in style.gp. */
enum {
	TITLE = 46,
	PANEL_TITLE = 32,
	AXIS = 62,
	CAPTION_LINE = 17,
	CAPTION_GAP = 12,
	BOTTOM = 10,
	MARGIN = 18,
	TITLE_LETTER = 10,
	LETTER = 8
};

struct frame { /* shares of the picture, as gnuplot's "screen" coordinates */
	double left, right, top, bottom;
};

struct layout {
	int width, height; /* pixels */
	struct frame *panel;
	struct abl_str captions; /* one line each, "\n" between */
	int caption_lines;
};

/* Breaks text at spaces into lines of at most `room` characters. */
static int wrap(const char *text, size_t room, struct abl_str *out)
{
	size_t used = 0;
	int lines = *text != 0;

	while (*text) {
		size_t bytes = strcspn(text, " "), letters = 0;

		for (size_t i = 0; i < bytes; i++)
			letters += ((unsigned char)text[i] & 0xC0) != 0x80;
		if (used && used + 1 + letters > room) {
			abl_str_puts(out, "\n");
			lines++, used = 0;
		}
		abl_str_printf(out, "%s%.*s", used ? " " : "", (int)bytes, text);
		used += letters + (used != 0);
		text += bytes + (text[bytes] == ' ');
	}
	return lines;
}

static void lay_out(const struct abl_chart *c, struct layout *l)
{
	int columns = c->panels < (size_t)c->grid ? (int)c->panels : c->grid;
	int cell = c->left + c->panel_width + c->right, top = TITLE;

	l->width = columns * cell + MARGIN;
	if (c->title && l->width < (int)abl_chart_letters(c->title) * TITLE_LETTER + 2 * MARGIN)
		l->width = (int)abl_chart_letters(c->title) * TITLE_LETTER + 2 * MARGIN;
	l->panel = abl_calloc(c->panels, sizeof *l->panel);
	l->caption_lines =
		c->captions.length
			? wrap(c->captions.text, (size_t)(l->width - 2 * MARGIN) / 7, &l->captions)
			: 0;
	for (int pass = 0; pass < 2; pass++, top = TITLE) {
		for (size_t p = 0; p < c->panels; p += (size_t)columns) {
			int tallest = 0;

			for (size_t i = p; i < c->panels && i < p + (size_t)columns; i++)
				tallest =
					c->panel[i].height > tallest ? c->panel[i].height : tallest;
			top += PANEL_TITLE;
			for (size_t i = p; pass && i < c->panels && i < p + (size_t)columns; i++)
				l->panel[i] = (struct frame){
					.left = (double)((int)(i - p) * cell + c->left) / l->width,
					.right = (double)((int)(i - p) * cell + c->left +
							  c->panel_width) /
						 l->width,
					.top = 1 - (double)top / l->height,
					.bottom =
						1 - (double)(top + c->panel[i].height) / l->height};
			top += tallest + AXIS;
		}
		l->height = top + CAPTION_GAP + l->caption_lines * CAPTION_LINE + BOTTOM;
	}
}

/* A gnuplot string: nothing but the quote itself is special between single quotes. */
static void quote(struct abl_str *out, const char *text, size_t length)
{
	abl_str_puts(out, "'");
	for (size_t i = 0; i < length; i++) {
		char c = iscntrl((unsigned char)text[i]) ? ' ' : text[i];

		abl_str_add(out, &c, 1);
		if (c == '\'')
			abl_str_add(out, &c, 1);
	}
	abl_str_puts(out, "'");
}

static void put_text(struct abl_str *out, const char *name, size_t i, const char *text)
{
	abl_str_printf(out, "%s[%zu] = ", name, i + 1);
	quote(out, text, strlen(text));
	abl_str_puts(out, "\n");
}

static void put_number(struct abl_str *out, const char *name, size_t i, double value)
{
	char text[32];

	abl_str_printf(out, "%s[%zu] = %s\n", name, i + 1, abl_format_real(value, text));
}

/* A title that fits into so many pixels. */
static void put_short(struct abl_str *out, const char *name, size_t i, const char *text, int pixels)
{
	char *cut = abl_chart_shorten(text, (size_t)pixels / LETTER);

	put_text(out, name, i, cut);
	free(cut);
}

static void put_panel(struct abl_str *out, const struct abl_chart *c, const struct frame *f,
		      size_t i)
{
	const struct abl_chart_panel *p = &c->panel[i];
	const struct {
		const char *name;
		double value;
	} numbers[] = {
		{"left", f->left},
		{"right", f->right},
		{"top", f->top},
		{"bottom", f->bottom},
		{"x_low", p->x.low},
		{"x_high", p->x.high},
		{"x_log", p->x.log},
		{"y_low", p->y.low},
		{"y_high", p->y.high},
		{"y_log", p->y.log},
		{"first", (double)p->first + 1},
		{"last", (double)p->last},
	};

	put_short(out, "panel_title", i, p->title, c->panel_width + c->right);
	put_short(out, "x_title", i, p->x_title, c->panel_width + c->right);
	put_short(out, "y_title", i, p->y_title, p->height);
	abl_str_printf(out, "x_tics[%zu] = \"%s\"\n", i + 1,
		       p->x_tics.length ? p->x_tics.text : "");
	for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
		put_number(out, numbers[k].name, i, numbers[k].value);
}

static void put_script(struct abl_str *out, const struct abl_chart *c, const struct layout *l)
{
	static const char *const of_panel[] = {
		"panel_title", "x_title", "y_title", "x_tics", "left",   "right", "top",   "bottom",
		"x_low",       "x_high",  "x_log",   "y_low",  "y_high", "y_log", "first", "last"};
	static const char *const of_series[] = {"label_of", "note_of", "style_of", "place"};

	abl_str_printf(out,
		       "# 'gnuplot %s.gp' in this folder draws %s.svg and %s.png from %s.dat\n",
		       c->name, c->name, c->name, c->name);
	abl_str_printf(out, "name = '%s'\nwidth = %d\nheight = %d\ntitle = ", c->name, l->width,
		       l->height);
	quote(out, c->title ? c->title : "", c->title ? strlen(c->title) : 0);
	abl_str_printf(out, "\ncaptions = %d\narray caption[%d]\n", l->caption_lines,
		       l->caption_lines + 1);
	for (int i = 0, at = 0; i < l->caption_lines; i++) {
		size_t n = strcspn(l->captions.text + at, "\n");

		abl_str_printf(out, "caption[%d] = ", i + 1);
		quote(out, l->captions.text + at, n);
		abl_str_puts(out, "\n");
		at += (int)n + 1;
	}
	abl_str_printf(out, "panels = %zu\n", c->panels);
	for (size_t i = 0; i < sizeof of_panel / sizeof *of_panel; i++)
		abl_str_printf(out, "array %s[%zu]\n", of_panel[i], c->panels);
	for (size_t i = 0; i < sizeof of_series / sizeof *of_series; i++)
		abl_str_printf(out, "array %s[%zu]\n", of_series[i], c->series_count);
	for (size_t i = 0; i < c->panels; i++)
		put_panel(out, c, &l->panel[i], i);
	for (size_t i = 0; i < c->series_count; i++) {
		put_text(out, "label_of", i, c->series[i].label);
		put_text(out, "note_of", i, c->series[i].note);
		put_number(out, "style_of", i, c->series[i].style);
		put_number(out, "place", i, c->series[i].at);
	}
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

int abl_chart_write(const struct abl_chart *c, const char *folder, const char *template,
		    struct abl_err *err)
{
	struct layout l = {0};
	struct abl_str data = {0}, script = {0};
	int rc;

	lay_out(c, &l);
	put_data(&data, c);
	put_script(&script, c, &l);
	abl_str_printf(&script, "\n%s\n%s", abl_file_style_gp, template);
	if (!(rc = put_file(c, folder, "dat", &data, err)))
		rc = put_file(c, folder, "gp", &script, err);
	abl_str_finish(&data), abl_str_finish(&script), abl_str_finish(&l.captions);
	free(l.panel);
	return rc;
}
