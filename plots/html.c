/* SPDX-License-Identifier: Apache-2.0 */
#include "html.h"

#include "table.h"

#include <ctype.h>
#include <string.h>

void abl_html_text(struct abl_str *out, const char *text)
{
	static const char special[] = "&<>\"'";
	static const char *const reference[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

	for (text = text ? text : "–"; *text; text++) {
		const char *at = strchr(special, *text);

		if (at)
			abl_str_puts(out, reference[at - special]);
		else
			abl_str_add(out,
				    iscntrl((unsigned char)*text) && !strchr("\n\t", *text) ? " "
											    : text,
				    1);
	}
}

void abl_html_element(struct abl_str *out, const char *tag, const char *text)
{
	abl_str_printf(out, "<%s>", tag);
	abl_html_text(out, text);
	abl_str_printf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void abl_html_base64(struct abl_str *out, const void *bytes, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = bytes;

	for (size_t i = 0; i < length; i += 3) {
		size_t n = length - i < 3 ? length - i : 3;
		unsigned word = (unsigned)in[i] << 16 | (n > 1 ? (unsigned)in[i + 1] << 8 : 0) |
				(n > 2 ? in[i + 2] : 0);
		char four[4] = {digits[word >> 18], digits[word >> 12 & 63],
				n > 1 ? digits[word >> 6 & 63] : '=',
				n > 2 ? digits[word & 63] : '='};

		abl_str_add(out, four, 4);
	}
}

/* Numbers lie to the right. */
static bool is_number(const struct abl_cell *c)
{
	return c->type == ABL_CELL_INT || c->type == ABL_CELL_REAL;
}

struct rows {
	struct abl_str *out;
	size_t count;
};

void abl_html_cell(struct abl_str *out, const char *heading, bool number, const char *text)
{
	abl_str_puts(out, number ? "<td class=\"n\" data-of=\"" : "<td data-of=\"");
	abl_html_text(out, heading);
	abl_str_puts(out, "\">");
	abl_html_text(out, text && *text ? text : NULL);
	abl_str_puts(out, "</td>");
}

/* "exit_code" -> "exit code" */
static void add_name(struct abl_str *out, const struct abl_cell *c)
{
	abl_str_puts(out, c->name);
	for (char *at = out->text; *at; at++)
		*at = *at == '_' ? ' ' : *at;
}

static void put_headings(struct abl_str *out, const struct abl_cell *cells, size_t count)
{
	abl_str_puts(out, "<div class=\"wide\"><table>\n<thead><tr>");
	for (size_t i = 0; i < count; i++) {
		struct abl_str name = {0};

		add_name(&name, &cells[i]);
		abl_html_element(out, is_number(&cells[i]) ? "th class=\"n\"" : "th", name.text);
		abl_str_finish(&name);
	}
	abl_str_puts(out, "</tr></thead>\n<tbody>\n");
}

static void put_cell(struct abl_str *out, const struct abl_cell *c)
{
	struct abl_str name = {0};
	const char *shown = c->text;
	char text[32];

	add_name(&name, c);
	if (c->type == ABL_CELL_REAL)
		shown = abl_format_score(c->r, text);
	else if (c->type == ABL_CELL_INT && !strcmp(c->name, "seed"))
		shown = abl_format_seed(c->i, text);
	abl_html_cell(out, name.text, is_number(c), shown);
	abl_str_finish(&name);
}

/* The headings come with the first row: no row, no table. */
static void no_head(void *data, const struct abl_cell *cells, size_t count)
{
}

static void put_row(void *data, const struct abl_cell *cells, size_t count)
{
	struct rows *r = data;

	if (!r->count++)
		put_headings(r->out, cells, count);
	abl_str_puts(r->out, "<tr>");
	for (size_t i = 0; i < count; i++)
		put_cell(r->out, &cells[i]);
	abl_str_puts(r->out, "</tr>\n");
}

int abl_html_listing(struct abl_str *out, struct abl_store *store, int64_t study,
		     enum abl_listing what, size_t *rows, struct abl_err *err)
{
	struct rows r = {.out = out};
	int rc = abl_read_listing(store, what, study,
				  &(struct abl_listener){&r, .head = no_head, .row = put_row}, err);

	if (r.count)
		abl_str_puts(out, "</tbody></table></div>\n");
	*rows = r.count;
	return rc;
}
