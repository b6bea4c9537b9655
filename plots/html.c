/* SPDX-License-Identifier: Apache-2.0 */
#include "html.h"

#include "sql.h"
#include "store.h"
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
static bool is_number(struct abl_query *q, int column)
{
	enum abl_column type = abl_query_type(q, column);

	return type == ABL_COLUMN_INT || type == ABL_COLUMN_REAL;
}

/* Of a query that stands on its first row. */
static void put_headings(struct abl_str *out, struct abl_query *q, int columns)
{
	abl_str_puts(out, "<div class=\"wide\"><table>\n<thead><tr>");
	for (int i = 0; i < columns; i++) {
		struct abl_str name = {0};

		abl_str_puts(&name, abl_query_name(q, i));
		for (char *c = name.text; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		abl_html_element(out, is_number(q, i) ? "th class=\"n\"" : "th", name.text);
		abl_str_finish(&name);
	}
	abl_str_puts(out, "</tr></thead>\n<tbody>\n");
}

static void put_cell(struct abl_str *out, struct abl_query *q, int column)
{
	bool real = abl_query_type(q, column) == ABL_COLUMN_REAL;
	char text[32];

	abl_html_element(out, is_number(q, column) ? "td class=\"n\"" : "td",
			 real ? abl_format_score(abl_query_real(q, column), text)
			      : abl_query_text(q, column));
}

int abl_html_query(struct abl_str *out, struct abl_store *store, int64_t study, const char *sql,
		   size_t *rows, struct abl_err *err)
{
	struct abl_query *q;
	int code, columns;

	*rows = 0;
	if ((code = abl_query_open(&q, abl_store_sql(store), sql, err)))
		return code;
	abl_query_set_int(q, 1, study);
	columns = abl_query_columns(q);
	while ((code = abl_query_step(q, err)) > 0) {
		if (!(*rows)++)
			put_headings(out, q, columns);
		abl_str_puts(out, "<tr>");
		for (int i = 0; i < columns; i++)
			put_cell(out, q, i);
		abl_str_puts(out, "</tr>\n");
	}
	abl_query_close(q);
	if (*rows)
		abl_str_puts(out, "</tbody></table></div>\n");
	return code;
}
