/* SPDX-License-Identifier: Apache-2.0 */
/* html.h - pieces of a page. All texts that come from users go through abl_html_text() or
 * abl_html_user(). */
#ifndef ABL_HTML_H
#define ABL_HTML_H

#include "errors.h"
#include "listings.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_table;

/* Appends text with & < > " ' written as references and control characters as spaces (but not tab
 * and line end); what would turn the direction of the text, and bytes that are no UTF-8, are
 * written out ("\u202e"). NULL = an en dash. */
void abl_html_text(struct abl_str *out, const char *text);
/* The same for a name within a sentence: one in Arabic leaves the words around it where they are.
 */
void abl_html_user(struct abl_str *out, const char *text);
/* Appends <tag>text</tag>; `tag` may carry attributes. */
void abl_html_element(struct abl_str *out, const char *tag, const char *text);
void abl_html_base64(struct abl_str *out, const void *bytes, size_t length);
/* Appends JSON for a <script> that holds data: nothing in it can end the script. */
void abl_html_json(struct abl_str *out, const char *json);

/* ---- tables: begin, rows of cells, end ---- */

/* `caption` is said to those who do not see the heading above; it may be NULL. Class: "told" etc.,
 * may be NULL. */
void abl_html_table_begin(struct abl_str *out, const char *caption, const char *class);
void abl_html_table_column(struct abl_str *out, const char *heading, bool number);
void abl_html_table_body(struct abl_str *out); /* after the last column */
void abl_html_table_end(struct abl_str *out);
void abl_html_row_begin(struct abl_str *out, const char *class); /* class may be NULL */
void abl_html_row_end(struct abl_str *out);
/* A cell knows its column's heading: narrow screens show the two side by side. */
void abl_html_cell(struct abl_str *out, const char *heading, bool number, const char *text);
/* The cell that names its row. */
void abl_html_row_name(struct abl_str *out, const char *heading, const char *text);

/* Appends a table as a whole; its first column names the rows. html_table.c. */
void abl_html_table(struct abl_str *out, const struct abl_table *t, const char *caption);
/* Rows as the store tells them; the first one brings the headings. Begins zeroed but for out and
 * caption; where count is not 0 in the end, abl_html_table_end() follows. */
struct abl_html_rows {
	struct abl_str *out;
	const char *caption;
	size_t count;
};
void abl_html_row(struct abl_html_rows *r, const struct abl_cell *cells, size_t count);
/* Appends the rows of a listing as a table, or nothing when there are none; `rows` gets their
 * number. Columns that are named in "_" style read with spaces; numbers lie to the right. */
int abl_html_listing(struct abl_str *out, struct abl_store *store, int64_t study,
		     enum abl_listing what, const char *caption, size_t *rows,
		     struct abl_err *err) ABL_MUST_USE;

#endif
