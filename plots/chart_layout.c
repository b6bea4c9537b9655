/* SPDX-License-Identifier: Apache-2.0 */
#include "chart_layout.h"

#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pixels; text heights are those of the sizes in style.gp. */
enum {
	TITLE_TOP = 24,
	TITLE_LINE = 22,
	PANEL_TITLE = 32,
	PANEL_LINE = 18,
	AXIS = 62,
	CAPTION_LINE = 17,
	CAPTION_GAP = 12,
	BOTTOM = 10,
	MARGIN = 18,
	TITLE_LETTER = 10,
	LETTER = 8,
	WIDE_LETTER = 9, /* where nothing beside the panel takes what is more */
	LEAST_PANEL = 180,
	LEAST_ALONE = 110,
	LEAST_HEIGHT = 190,
	MOST_HEIGHT = 320,
};

void abl_chart_fit(struct abl_chart *c)
{
	const int room = c->width - MARGIN;
	double height;

	if (!c->panels || !c->width)
		return;
	if ((size_t)c->grid > c->panels)
		c->grid = (int)c->panels;
	while (c->grid > 1 && room / c->grid - c->left - c->right < LEAST_PANEL)
		c->grid--;
	c->panel_width = room / c->grid - c->left - c->right;
	if (c->panel_width < LEAST_ALONE)
		c->panel_width = LEAST_ALONE;
	height = fmin(fmax(.62 * c->panel_width, LEAST_HEIGHT), MOST_HEIGHT);
	for (size_t p = 0; p < c->panels; p++)
		if (c->kind == ABL_CHART_LINES || c->kind == ABL_CHART_POINTS)
			c->panel[p].height = (int)height;
}

/* Bytes and columns of the word that text begins with, or of as much of it as a line takes. */
static size_t word(const char *text, size_t room, size_t *letters)
{
	size_t bytes = strcspn(text, " "), most = abl_utf8_head(text, room);
	struct abl_str own = {0};

	bytes = most && most < bytes ? most : bytes;
	abl_str_add(&own, text, bytes);
	*letters = abl_utf8_cells(own.text);
	abl_str_finish(&own);
	return bytes;
}

/* Breaks text at spaces into lines of at most `room` characters. */
static int wrap(const char *text, size_t room, struct abl_str *out)
{
	size_t used = 0;
	int lines = *text != 0;

	while (*text) {
		size_t letters, bytes = word(text, room, &letters);

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

/* Into one line or two, the last of which loses its middle where it is too long. */
static void break_title(struct abl_frame *f, const char *text, size_t room)
{
	struct abl_str lines = {0};
	const char *rest;
	size_t first;

	wrap(text, room, &lines);
	abl_str_puts(&lines, "");
	first = strcspn(lines.text, "\n");
	rest = text + first + (text[first] == ' ');
	lines.text[first] = 0;
	f->title = abl_utf8_cut(lines.text, room);
	f->more = abl_utf8_cut(rest, room);
	abl_str_finish(&lines);
}

struct row { /* of panels beside each other */
	size_t first, last;
	int height, title;
};

static struct row row_of(const struct abl_layout *l, const struct abl_chart *c, size_t first)
{
	struct row r = {first, first, 0, PANEL_TITLE};

	for (; r.last < c->panels && r.last < first + (size_t)c->grid; r.last++) {
		if (c->panel[r.last].height > r.height)
			r.height = c->panel[r.last].height;
		if (*l->panel[r.last].more)
			r.title = PANEL_TITLE + PANEL_LINE;
	}
	return r;
}

/* From above to below, as if the picture had this height; returns the height that it takes. */
static int place(struct abl_layout *l, const struct abl_chart *c, int height)
{
	const int cell = c->left + c->panel_width + c->right;
	int top = TITLE_TOP + TITLE_LINE * (l->title_lines ? l->title_lines : 1);

	for (size_t p = 0; p < c->panels;) {
		const struct row r = row_of(l, c, p);

		top += r.title;
		for (; p < r.last; p++) {
			const int left = (int)(p - r.first) * cell + c->left;
			struct abl_frame *f = &l->panel[p];

			f->left = (double)left / l->width;
			f->right = (double)(left + c->panel_width) / l->width;
			f->top = 1 - (double)top / height;
			f->bottom = 1 - (double)(top + c->panel[p].height) / height;
		}
		top += r.height + (c->kind == ABL_CHART_CELLS ? PANEL_LINE : AXIS);
	}
	return top + CAPTION_GAP + l->caption_lines * CAPTION_LINE + BOTTOM;
}

void abl_layout_make(struct abl_layout *l, const struct abl_chart *c)
{
	const int cells = c->grid * (c->left + c->panel_width + c->right) + MARGIN;
	size_t room;

	*l = (struct abl_layout){.width = cells > c->width ? cells : c->width};
	room = (size_t)(l->width - 2 * MARGIN);
	l->panel = abl_calloc(c->panels, sizeof *l->panel);
	for (size_t p = 0; p < c->panels; p++)
		break_title(&l->panel[p], c->panel[p].title,
			    (size_t)(c->panel_width + c->right) /
				    (c->narrow ? WIDE_LETTER : LETTER));
	if (c->title)
		l->title_lines = wrap(c->title, room / TITLE_LETTER, &l->titles);
	if (c->captions.length)
		l->caption_lines = wrap(c->captions.text, room / 7, &l->captions);
	l->height = place(l, c, 1);
	place(l, c, l->height);
}

void abl_layout_finish(struct abl_layout *l, const struct abl_chart *c)
{
	for (size_t p = 0; l->panel && p < c->panels; p++)
		free(l->panel[p].title), free(l->panel[p].more);
	free(l->panel);
	abl_str_finish(&l->titles), abl_str_finish(&l->captions);
}
