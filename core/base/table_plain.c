/* SPDX-License-Identifier: Apache-2.0 */
/* table_plain.c - tables of aligned columns, for a terminal. */
#include "table_internal.h"

#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH 80 /* columns that the gaps try to stay within */
#define LEAST 12 /* columns that a text keeps when it is cut */

static size_t window; /* 0 = any */

void abl_table_window(size_t columns)
{
	window = columns;
}

/* A cell as it is shown: on its line, and without what a terminal would act upon. `out` is its
 * memory. */
static const char *plain(struct abl_str *out, const char *text)
{
	abl_str_clear(out);
	abl_utf8_visible(out, text, strlen(text));
	for (char *p = out->text; *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	return out->text;
}

static void add_padded(struct abl_str *out, const char *text, size_t width, bool right, bool last)
{
	char *cut = abl_utf8_cut(text, width);
	const size_t cells = abl_utf8_cells(cut), gap = width > cells ? width - cells : 0;

	if (right)
		abl_str_printf(out, "%*s", (int)gap, "");
	abl_str_puts(out, cut);
	if (!right && !last)
		abl_str_printf(out, "%*s", (int)gap, "");
	free(cut);
}

/* How the table is laid out. */
struct layout {
	size_t *width; /* of each column */
	size_t shown;  /* columns, from the left */
	size_t total;  /* of those, without the gaps */
	size_t gap;
	size_t room; /* 0 = any */
};

static void measure(const struct abl_table *t, struct layout *l)
{
	struct abl_str cell = {0};

	for (size_t i = 0; i < t->width; i++)
		l->width[i] = abl_utf8_cells(plain(&cell, t->columns[i].name));
	for (size_t i = 0; i < t->count; i++) {
		size_t n = abl_utf8_cells(plain(&cell, abl_table_shown(&t->cells[i])));

		if (n > l->width[i % t->width])
			l->width[i % t->width] = n;
	}
	l->shown = t->width;
	for (size_t i = 0; i < t->width; i++)
		l->total += l->width[i];
	abl_str_finish(&cell);
}

static size_t width_of(const struct layout *l)
{
	return l->total + l->gap * (l->shown - 1);
}

/* May its texts lose their middles? Numbers may not. */
static bool may_be_cut(const struct abl_table *t, size_t at)
{
	if (t->columns[at].right || t->columns[at].whole)
		return false;
	for (size_t i = at; i < t->count; i += t->width)
		if (t->cells[i].numbers || t->cells[i].is_number)
			return false;
	return true;
}

/* The widest text gives way, column by column, then those at the right. */
static void fit(const struct abl_table *t, struct layout *l)
{
	while (width_of(l) > l->room) {
		size_t widest = t->width;

		for (size_t i = 0; i < t->width; i++)
			if (l->width[i] > LEAST && may_be_cut(t, i) &&
			    (widest == t->width || l->width[i] > l->width[widest]))
				widest = i;
		if (widest == t->width)
			break;
		l->width[widest]--;
		l->total--;
	}
	while (t->drop && l->shown > 1 && width_of(l) > l->room)
		l->total -= l->width[--l->shown];
}

static void add_dropped(const struct abl_table *t, const struct layout *l, struct abl_str *out)
{
	struct abl_str names = {0};

	if (l->shown == t->width)
		return;
	abl_str_printf(&names, "%zu more column%s:", t->width - l->shown,
		       abl_plural((int64_t)(t->width - l->shown)));
	for (size_t i = l->shown; i < t->width; i++)
		abl_str_printf(&names, "%s %s", i > l->shown ? "," : "", t->columns[i].name);
	abl_str_wrap(out, l->room < WIDTH ? WIDTH - l->room : 0, 2, names.text);
	abl_str_finish(&names);
}

void abl_table_plain(const struct abl_table *t, struct abl_str *out)
{
	struct layout l = {.width = abl_calloc(t->width, sizeof *l.width),
			   .gap = 3,
			   .room = t->room ? t->room : window};
	struct abl_str cell = {0};

	measure(t, &l);
	while (l.gap > 1 && width_of(&l) > (l.room && l.room < WIDTH ? l.room : WIDTH))
		l.gap--;
	if (l.room)
		fit(t, &l);
	for (size_t i = 0; i < t->width + t->count; i++) {
		size_t at = i % t->width;
		const char *text = i < t->width ? t->columns[at].name
						: abl_table_shown(&t->cells[i - t->width]);

		if (at >= l.shown)
			continue;
		if (at)
			abl_str_printf(out, "%*s", (int)l.gap, "");
		add_padded(out, plain(&cell, text), l.width[at], t->columns[at].right,
			   at + 1 == l.shown);
		if (at + 1 == l.shown)
			abl_str_puts(out, "\n");
	}
	add_dropped(t, &l, out);
	abl_str_finish(&cell);
	free(l.width);
}
