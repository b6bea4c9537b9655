/* SPDX-License-Identifier: Apache-2.0 */
#include "html.h"

#include "utf8.h"

#include <ctype.h>
#include <string.h>

static void put_escaped(struct abl_str *out, const char *text)
{
	static const char special[] = "&<>\"'";
	static const char *const reference[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

	for (; *text; text++) {
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

void abl_html_text(struct abl_str *out, const char *text)
{
	struct abl_str visible = {0};

	if (text && (abl_utf8_turns(text) || abl_utf8_bad(text, strlen(text)) >= 0)) {
		abl_utf8_visible(&visible, text, strlen(text));
		text = visible.text;
	}
	abl_str_puts(out, "");
	put_escaped(out, text ? text : "–");
	abl_str_finish(&visible);
}

void abl_html_user(struct abl_str *out, const char *text)
{
	abl_html_element(out, "bdi", text);
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

/* These stand in strings only, where an escape means the same. */
void abl_html_json(struct abl_str *out, const char *json)
{
	for (size_t n; *json; json += n) {
		n = strcspn(json, "<>&");
		abl_str_add(out, json, n);
		if (json[n])
			abl_str_printf(out, "\\u%04x", (unsigned char)json[n++]);
	}
}

/* ---- tables ---- */

void abl_html_table_begin(struct abl_str *out, const char *caption, const char *class)
{
	abl_str_printf(out, "<div class=\"wide%s%s\"><table role=\"table\">\n", class ? " " : "",
		       class ? class : "");
	if (caption)
		abl_html_element(out, "caption class=\"said\"", caption);
	abl_str_puts(out, "<thead role=\"rowgroup\"><tr role=\"row\">");
}

void abl_html_table_column(struct abl_str *out, const char *heading, bool number)
{
	abl_html_element(out,
			 number ? "th scope=\"col\" role=\"columnheader\" class=\"n\""
				: "th scope=\"col\" role=\"columnheader\"",
			 heading);
}

void abl_html_table_body(struct abl_str *out)
{
	abl_str_puts(out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

void abl_html_table_end(struct abl_str *out)
{
	abl_str_puts(out, "</tbody></table></div>\n");
}

void abl_html_row_begin(struct abl_str *out, const char *class)
{
	if (class)
		abl_str_printf(out, "<tr role=\"row\" class=\"%s\">", class);
	else
		abl_str_puts(out, "<tr role=\"row\">");
}

void abl_html_row_end(struct abl_str *out)
{
	abl_str_puts(out, "</tr>\n");
}

static void put_cell(struct abl_str *out, const char *tag, const char *attributes,
		     const char *heading, const char *text)
{
	abl_str_printf(out, "<%s %s data-of=\"", tag, attributes);
	abl_html_text(out, heading);
	abl_str_puts(out, "\"><span>");
	abl_html_text(out, text && *text ? text : NULL);
	abl_str_printf(out, "</span></%s>", tag);
}

void abl_html_cell(struct abl_str *out, const char *heading, bool number, const char *text)
{
	put_cell(out, "td", number ? "role=\"cell\" class=\"n\"" : "role=\"cell\"", heading, text);
}

void abl_html_row_name(struct abl_str *out, const char *heading, const char *text)
{
	put_cell(out, "th", "role=\"rowheader\" scope=\"row\"", heading, text);
}
