/* SPDX-License-Identifier: Apache-2.0 */
/* html.h - pieces of a page. All texts that come from users go through abl_html_text(). */
#ifndef ABL_HTML_H
#define ABL_HTML_H

#include "errors.h"
#include "listings.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends text with & < > " ' written as references and control characters as spaces (but not tab
 * and line end). NULL = an en dash. */
void abl_html_text(struct abl_str *out, const char *text);
/* Appends <tag>text</tag>; `tag` may carry attributes. */
void abl_html_element(struct abl_str *out, const char *tag, const char *text);
/* A cell that knows its column's heading: narrow screens show the two side by side. */
void abl_html_cell(struct abl_str *out, const char *heading, bool number, const char *text);
void abl_html_base64(struct abl_str *out, const void *bytes, size_t length);
/* Appends the rows of a listing as a table, or nothing when there are none; `rows` gets their
 * number. Columns that are named in "_" style read with spaces; numbers lie to the right. */
int abl_html_listing(struct abl_str *out, struct abl_store *store, int64_t study,
		     enum abl_listing what, size_t *rows, struct abl_err *err) ABL_MUST_USE;

#endif
