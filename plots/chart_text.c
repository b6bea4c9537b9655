/* SPDX-License-Identifier: Apache-2.0 */
#include "chart_text.h"

#include "table.h"
#include "utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 12, NUMBER = 8, MOST_LABEL = 26, MOST_NOTE = 44, LEAST_PLOT = 16, GAP = 1 };

/* Of a series, by its style; the last is for those without a colour. */
static const char *const marks[] = {"●", "■", "▲", "◆", "○", "□", "△", "◇", "·"};

static const char *mark_of(int style)
{
	return marks[style < 0 ? 8 : style % 8];
}

/* ---- a canvas of characters ---- */

struct canvas {
	size_t width, height;
	const char **glyph; /* [height][width] NULL = blank */
};

static struct canvas canvas(size_t width, size_t height)
{
	return (struct canvas){width, height, abl_calloc(width * height, sizeof(char *))};
}

static void put(struct canvas *k, long column, long row, const char *glyph)
{
	if (column >= 0 && row >= 0 && (size_t)column < k->width && (size_t)row < k->height)
		k->glyph[(size_t)row * k->width + (size_t)column] = glyph;
}

static void add_canvas_row(const struct canvas *k, size_t row, struct abl_str *out)
{
	for (size_t i = 0; i < k->width; i++) {
		const char *glyph = k->glyph[row * k->width + i];

		abl_str_puts(out, glyph ? glyph : " ");
	}
}

/* Text in a field of `room` columns; what does not fit loses its middle. */
static void add_field(struct abl_str *out, const char *text, size_t room, bool right)
{
	char *cut = abl_utf8_cut(text, room);
	const size_t blank = room - abl_utf8_cells(cut);

	abl_str_printf(out, "%*s%s%*s", right ? (int)blank : 0, "", cut, right ? 0 : (int)blank,
		       "");
	free(cut);
}

static void end_line(struct abl_str *out)
{
	while (out->length && out->text[out->length - 1] == ' ')
		out->text[--out->length] = 0;
	abl_str_puts(out, "\n");
}

/* Of an axis. */
static void add_title(struct abl_str *out, size_t indent, const char *title, size_t columns)
{
	abl_str_printf(out, "%*s", (int)indent, "");
	add_field(out, title, columns > indent + LEAST_PLOT ? columns - indent : LEAST_PLOT, false);
	end_line(out);
}

static long column_of(const struct abl_chart_range *r, double value, size_t width)
{
	return isfinite(value) ? lround(abl_chart_share(r, value) * (double)(width - 1)) : -1;
}

/* A word under an axis, centred on its place; left out where there is no room. `used` is how far
 * the line goes. */
static void add_word(const char *text, long place, size_t width, size_t *used, struct abl_str *out)
{
	const size_t letters = abl_utf8_cells(text);
	const long half = (long)letters / 2;
	size_t from = place > half ? (size_t)(place - half) : 0;

	from = from + letters > width && letters <= width ? width - letters : from;
	if (place < 0 || letters > width || (*used && from < *used + 2))
		return;
	abl_str_printf(out, "%*s%s", (int)(from - *used), "", text);
	*used = from + letters;
}

/* Numbers under an axis, from the left. */
static void add_scale(const struct abl_chart_range *r, const double *at, size_t n, size_t width,
		      struct abl_str *out)
{
	size_t used = 0;
	char text[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof text, "%.3g", at[i]);
		add_word(text, column_of(r, at[i], width), width, &used, out);
	}
	end_line(out);
}

/* The same of an axis whose places 0, 1, ... have names. */
static void add_names(const struct abl_chart_panel *p, size_t width, struct abl_str *out)
{
	size_t used = 0;

	for (size_t i = 0; i < p->cells; i++)
		add_word(p->cell[i], column_of(&p->x, (double)i, width), width, &used, out);
	end_line(out);
}

/* ---- rows: an estimate and its interval each ---- */

static size_t widest(const struct abl_chart *c, const struct abl_chart_panel *p, bool note,
		     size_t most)
{
	size_t width = 0;

	for (size_t s = p->first; s < p->last; s++) {
		const struct abl_chart_series *k = &c->series[s];
		const size_t cells = abl_utf8_cells(note ? k->note : k->label);

		width = cells > width ? cells : width;
	}
	return width < most ? width : most;
}

static void draw_row(struct canvas *k, const struct abl_chart_panel *p,
		     const struct abl_chart_series *s)
{
	const double *row = s->rows ? s->row[0] : NULL;
	long low, high;

	put(k, column_of(&p->x, 0, k->width), 0, "│");
	if (s->end == ABL_END_CROSS)
		put(k, 0, 0, "×");
	if (!row || !isfinite(row[0]))
		return;
	for (size_t i = 0; i < s->rows; i++)
		put(k, column_of(&p->x, s->row[i][5], k->width), 0, "·");
	low = column_of(&p->x, row[1], k->width), high = column_of(&p->x, row[2], k->width);
	for (long at = low; at >= 0 && at <= high; at++)
		put(k, at, 0, at == low ? "├" : at == high ? "┤" : "─");
	put(k, column_of(&p->x, row[0], k->width), 0, row[3] == 1 ? "●" : "○");
}

static void add_rows(const struct abl_chart *c, const struct abl_chart_panel *p, size_t columns,
		     struct abl_str *out)
{
	const size_t label = widest(c, p, false, MOST_LABEL);
	size_t note = widest(c, p, true, MOST_NOTE), width;
	const double ends[] = {p->x.low, 0, p->x.high};

	if (label + note + 2 * GAP + LEAST_PLOT > columns)
		note = columns > label + 2 * GAP + LEAST_PLOT
			       ? columns - label - 2 * GAP - LEAST_PLOT
			       : 0;
	width = columns > label + note + 2 * GAP + LEAST_PLOT ? columns - label - note - 2 * GAP
							      : LEAST_PLOT;
	for (size_t s = p->first; s < p->last; s++) {
		struct canvas k = canvas(width, 1);

		draw_row(&k, p, &c->series[s]);
		add_field(out, c->series[s].label, label, false);
		abl_str_puts(out, " ");
		add_canvas_row(&k, 0, out);
		abl_str_puts(out, " ");
		add_field(out, c->series[s].note, note, false);
		end_line(out);
		free(k.glyph);
	}
	abl_str_printf(out, "%*s", (int)(label + GAP), "");
	add_scale(&p->x, ends, 3, width, out);
	add_title(out, label + GAP, p->x_title, columns);
}

/* ---- lines and points: y by x ---- */

static long line_of(const struct abl_chart_range *r, double value)
{
	return isfinite(value) ? HEIGHT - 1 - lround(abl_chart_share(r, value) * (HEIGHT - 1)) : -1;
}

static void draw_line(struct canvas *k, const struct abl_chart_panel *p,
		      const struct abl_chart_series *s, bool joined)
{
	const char *mark = s->thin || s->curve ? "·" : mark_of(s->style);
	const double *before = NULL;

	for (size_t i = 0; i < s->rows; i++) {
		const double *row = s->row[i];
		const long to = column_of(&p->x, row[0], k->width), y = line_of(&p->y, row[1]);
		const long from = before ? column_of(&p->x, before[0], k->width) : to;

		for (long at = from + 1; joined && !s->loose && before && y >= 0 && at < to; at++) {
			const double share = (double)(at - from) / (double)(to - from);

			put(k, at,
			    lround((1 - share) * (double)line_of(&p->y, before[1]) +
				   share * (double)y),
			    mark);
		}
		put(k, to, y, mark);
		before = isfinite(row[1]) ? row : NULL;
	}
	if (s->end == ABL_END_CROSS && before)
		put(k, column_of(&p->x, before[0], k->width), line_of(&p->y, before[1]), "×");
}

/* Which series is named on which line of the canvas: the nearest free one to where it ends. */
static void place_names(const struct abl_chart *c, const struct abl_chart_panel *p,
			const struct abl_chart_series *on[HEIGHT])
{
	for (size_t s = p->first; s < p->last; s++) {
		const struct abl_chart_series *k = &c->series[s];
		const long wanted = HEIGHT - 1 - lround(k->at * (HEIGHT - 1));

		if (!*k->label)
			continue;
		for (long away = 0; away < HEIGHT; away++) {
			const long up = wanted - away, down = wanted + away;
			const long at = up >= 0 && up < HEIGHT && !on[up]         ? up
					: down >= 0 && down < HEIGHT && !on[down] ? down
										  : -1;

			if (at < 0)
				continue;
			on[at] = k;
			break;
		}
	}
}

static void add_plot_line(const struct canvas *k, const struct abl_chart_panel *p, size_t row,
			  const struct abl_chart_series *named, size_t label, struct abl_str *out)
{
	const double share = 1 - (double)row / (HEIGHT - 1);
	const double y = p->y.log ? p->y.low * pow(p->y.high / p->y.low, share)
				  : p->y.low + share * (p->y.high - p->y.low);
	char text[32];

	snprintf(text, sizeof text, "%.4g", y);
	add_field(out, row % 4 == 0 || row == HEIGHT - 1 ? text : "", NUMBER, true);
	abl_str_puts(out, " │");
	add_canvas_row(k, row, out);
	if (named) {
		abl_str_printf(out, " %s ", mark_of(named->style));
		add_field(out, named->label, label, false);
	}
	end_line(out);
}

static void add_plot(const struct abl_chart *c, const struct abl_chart_panel *p, size_t columns,
		     struct abl_str *out)
{
	const size_t label = widest(c, p, false, MOST_LABEL), beside = NUMBER + 2 + 3 + label;
	const size_t width = columns > beside + LEAST_PLOT ? columns - beside : LEAST_PLOT;
	const struct abl_chart_series *on[HEIGHT] = {NULL};
	struct canvas k = canvas(width, HEIGHT);
	const double ends[] = {p->x.low,
			       p->x.log ? sqrt(p->x.low * p->x.high) : (p->x.low + p->x.high) / 2,
			       p->x.high};

	for (int mark = 0; mark < 2; mark++)
		for (size_t s = p->last; s-- > p->first;) /* the baseline lies above the others */
			if (c->series[s].curve != mark)
				draw_line(&k, p, &c->series[s], c->kind == ABL_CHART_LINES);
	place_names(c, p, on);
	add_title(out, NUMBER + 1, p->y_title, columns);
	for (size_t row = 0; row < HEIGHT; row++)
		add_plot_line(&k, p, row, on[row], label, out);
	abl_str_printf(out, "%*s └", NUMBER, "");
	for (size_t i = 0; i < width; i++)
		abl_str_puts(out, "─");
	abl_str_printf(out, "\n%*s", NUMBER + 2, "");
	if (p->cells)
		add_names(p, width, out);
	else
		add_scale(&p->x, ends, 3, width, out);
	add_title(out, NUMBER + 2, p->x_title, columns);
	free(k.glyph);
}

/* ---- cells: a table of numbers ---- */

static void add_cells(const struct abl_chart *c, const struct abl_chart_panel *p, size_t columns,
		      struct abl_str *out)
{
	struct abl_table *t = abl_table_create();

	abl_table_fit(t, columns, true);
	abl_table_column(t, "", false);
	for (size_t i = 0; i < p->cells; i++)
		abl_table_column(t, p->cell[i], true);
	for (size_t s = p->first; s < p->last; s++) {
		abl_table_text(t, c->series[s].label);
		for (size_t i = 0; i < p->cells; i++)
			abl_table_text(t, i < c->series[s].texts ? c->series[s].text[i] : NULL);
	}
	abl_table_render(t, ABL_TABLE_PLAIN, out);
	abl_table_destroy(t);
}

/* ---- the whole ---- */

static void add_paragraph(const char *text, size_t columns, struct abl_str *out)
{
	size_t used = 0;

	while (*text) {
		const size_t bytes = strcspn(text, " ");
		char *word = abl_strdup(text);
		size_t cells;

		word[bytes] = 0;
		cells = abl_utf8_cells(word);
		if (used && used + 1 + cells > columns) {
			abl_str_puts(out, "\n");
			used = 0;
		}
		abl_str_printf(out, "%s%s", used ? " " : "", word);
		used += cells + (used != 0);
		text += bytes + (text[bytes] == ' ');
		free(word);
	}
	abl_str_puts(out, "\n");
}

void abl_chart_text(const struct abl_chart *c, size_t columns, struct abl_str *out)
{
	static void (*const draw[])(const struct abl_chart *, const struct abl_chart_panel *,
				    size_t, struct abl_str *) = {[ABL_CHART_LINES] = add_plot,
								 [ABL_CHART_ROWS] = add_rows,
								 [ABL_CHART_POINTS] = add_plot,
								 [ABL_CHART_CELLS] = add_cells};

	add_paragraph(c->title ? c->title : "", columns, out);
	for (size_t p = 0; p < c->panels; p++) {
		abl_str_puts(out, "\n");
		add_paragraph(c->panel[p].title, columns, out);
		draw[c->kind](c, &c->panel[p], columns, out);
	}
	abl_str_puts(out, "\n");
	if (c->captions.length)
		add_paragraph(c->captions.text, columns, out);
}

void abl_chart_text_ascii(const char *text, struct abl_str *out)
{
	static const char *const signs[][2] = {
		{"●", "*"},  {"■", "#"}, {"▲", "+"},     {"◆", "@"}, {"○", "o"}, {"□", "%"},
		{"△", "^"},  {"◇", "&"}, {"·", "'"},     {"×", "x"}, {"│", "|"}, {"├", "["},
		{"┤", "]"},  {"─", "-"}, {"└", "+"},     {"−", "-"}, {"…", "~"}, {"←", "<-"},
		{"→", "->"}, {"–", "-"}, {"\u00a0", " "}};

	while (*text) {
		const unsigned char c = (unsigned char)*text;
		size_t i = 0, bytes = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		bytes = strnlen(text, bytes);
		if (bytes == 1) {
			abl_str_add(out, text, 1);
		} else {
			while (i < sizeof signs / sizeof *signs &&
			       strncmp(text, signs[i][0], bytes))
				i++;
			abl_str_puts(out, i < sizeof signs / sizeof *signs ? signs[i][1] : "?");
		}
		text += bytes;
	}
}
