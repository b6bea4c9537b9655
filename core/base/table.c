/* SPDX-License-Identifier: Apache-2.0 */
#include "table_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const format_names[] = {
	[ABL_TABLE_PLAIN] = "table", [ABL_TABLE_CSV] = "csv", [ABL_TABLE_JSON] = "json",
	[ABL_TABLE_MARKDOWN] = "md", [ABL_TABLE_TEX] = "tex",
};

enum abl_table_format abl_table_format(const char *name)
{
	int format = ABL_TABLE_PLAIN;

	while (name && format < ABL_TABLE_TEX && strcmp(name, format_names[format]))
		format++;
	assert(!name || !strcmp(name, format_names[format]));
	return (enum abl_table_format)format;
}

bool abl_table_is_for_machines(enum abl_table_format format)
{
	return format == ABL_TABLE_CSV || format == ABL_TABLE_JSON;
}

/* ---- filling ---- */

struct abl_table *abl_table_create(void)
{
	return abl_calloc(1, sizeof(struct abl_table));
}

void abl_table_destroy(struct abl_table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->width; i++)
		free(t->columns[i].name);
	abl_table_top(t, 0);
	free(t->columns);
	free(t->cells);
	free(t->caption);
	free(t->notes);
	free(t);
}

void abl_table_column(struct abl_table *t, const char *name, bool right)
{
	assert(!t->count);
	abl_grow(&t->columns, &t->width_capacity, t->width + 1, sizeof *t->columns);
	t->columns[t->width++] = (struct column){abl_strdup(name), right};
}

void abl_table_whole(struct abl_table *t)
{
	t->columns[t->width - 1].whole = true;
}

void abl_table_fit(struct abl_table *t, size_t room, bool drop)
{
	t->room = room;
	t->drop = drop;
}

void abl_table_caption(struct abl_table *t, const char *caption, const char *notes)
{
	assert(!t->caption);
	t->caption = abl_strdup(caption);
	t->notes = notes ? abl_strdup(notes) : NULL;
}

static void add(struct abl_table *t, const char *shown, const char *exact, bool is_number)
{
	assert(t->width);
	abl_grow(&t->cells, &t->cell_capacity, t->count + 1, sizeof *t->cells);
	t->cells[t->count++] =
		(struct cell){shown ? abl_strdup(shown) : NULL, exact ? abl_strdup(exact) : NULL,
			      is_number, is_number};
}

void abl_table_text(struct abl_table *t, const char *text)
{
	add(t, text, NULL, false);
}

void abl_table_numbers(struct abl_table *t, const char *text)
{
	add(t, text, NULL, false);
	t->cells[t->count - 1].numbers = true;
}

void abl_table_int(struct abl_table *t, int64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", (long long)value);
	add(t, text, text, true);
}

/* Reads back as the same number; a whole one has no exponent. */
static const char *format_exact(double value, char out[32])
{
	if (value != trunc(value) || fabs(value) >= 1e15)
		return abl_format_real(value, out);
	snprintf(out, 32, "%.0f", value == 0 ? 0. : value);
	return out;
}

void abl_table_real(struct abl_table *t, double value, const char *shown)
{
	char exact[32];

	if (isnan(value))
		add(t, NULL, NULL, true);
	else
		add(t, shown, isfinite(value) ? format_exact(value, exact) : NULL, true);
}

/* ---- printing ---- */

/* A text that a spreadsheet would evaluate: it has one more character in front, which makes it a
 * text there. */
static bool is_formula(const char *text)
{
	double number;

	return *text && text[1] && strchr("=+-@\t\r", *text) && !abl_parse_real(text, &number);
}

static void add_csv(struct abl_str *out, const char *text) /* RFC 4180 */
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		abl_str_puts(out, text);
		return;
	}
	abl_str_puts(out, "\"");
	for (; *text; text++)
		abl_str_add(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	abl_str_puts(out, "\"");
}

static void add_formula(struct abl_str *out, const char *text)
{
	struct abl_str safe = {0};

	abl_str_printf(&safe, "'%s", text);
	add_csv(out, safe.text);
	abl_str_finish(&safe);
}

static void render_csv(const struct abl_table *t, struct abl_str *out)
{
	for (size_t i = 0; i < t->width + t->count; i++) {
		size_t at = i % t->width;
		const struct cell *c = i < t->width ? NULL : &t->cells[i - t->width];

		if (at)
			abl_str_puts(out, ",");
		if (c && !c->exact && c->shown && is_formula(c->shown))
			add_formula(out, c->shown);
		else
			add_csv(out, !c         ? t->columns[at].name
				     : c->exact ? c->exact
				     : c->shown ? c->shown
						: "");
		if (at + 1 == t->width)
			abl_str_puts(out, "\n");
	}
}

static void add_json(struct abl_str *out, const char *text)
{
	abl_str_puts(out, "\"");
	for (; *text; text++)
		if ((unsigned char)*text < 0x20)
			abl_str_printf(out, "\\u%04x", (unsigned)*text);
		else
			abl_str_printf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	abl_str_puts(out, "\"");
}

static void render_json(const struct abl_table *t, struct abl_str *out)
{
	abl_str_puts(out, "[");
	for (size_t i = 0; i < t->count; i++) {
		const struct cell *c = &t->cells[i];
		size_t at = i % t->width;

		abl_str_puts(out, at ? ", " : i ? ",\n {" : "\n {");
		add_json(out, t->columns[at].name);
		abl_str_puts(out, ": ");
		if (c->exact)
			abl_str_puts(out, c->exact);
		else if (c->is_number || !c->shown)
			abl_str_puts(out, "null");
		else
			add_json(out, c->shown);
		if (at + 1 == t->width)
			abl_str_puts(out, "}");
	}
	abl_str_puts(out, t->count ? "\n]\n" : "]\n");
}

void abl_table_render(const struct abl_table *t, enum abl_table_format format, struct abl_str *out)
{
	static void (*const renderers[])(const struct abl_table *, struct abl_str *) = {
		[ABL_TABLE_PLAIN] = abl_table_plain, [ABL_TABLE_CSV] = render_csv,
		[ABL_TABLE_JSON] = render_json,      [ABL_TABLE_MARKDOWN] = abl_table_markdown,
		[ABL_TABLE_TEX] = abl_table_tex,
	};

	assert(t->width && t->count % t->width == 0);
	renderers[format](t, out);
}
