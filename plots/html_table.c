/* SPDX-License-Identifier: Apache-2.0 */
/* html_table.c - whole tables: those of commands, and listings of the store. */
#include "html.h"

#include "table_internal.h"

#include <string.h>

void abl_html_table(struct abl_str *out, const struct abl_table *t, const char *caption)
{
	abl_html_table_begin(out, caption, NULL);
	for (size_t i = 0; i < t->width; i++)
		abl_html_table_column(out, t->columns[i].name, t->columns[i].right);
	abl_html_table_body(out);
	for (size_t i = 0; t->width && i < t->count; i++) {
		const struct column *c = &t->columns[i % t->width];

		if (i % t->width == 0) {
			abl_html_row_begin(out, NULL);
			abl_html_row_name(out, c->name, t->cells[i].shown);
		} else {
			abl_html_cell(out, c->name, c->right, t->cells[i].shown);
		}
		if ((i + 1) % t->width == 0)
			abl_html_row_end(out);
	}
	abl_html_table_end(out);
}

/* ---- listings ---- */

/* Numbers lie to the right. */
static bool is_number(const struct abl_cell *c)
{
	return c->type == ABL_CELL_INT || c->type == ABL_CELL_REAL;
}

/* "exit_code" -> "exit code" */
static void add_name(struct abl_str *out, const struct abl_cell *c)
{
	abl_str_puts(out, c->name);
	for (char *at = out->text; *at; at++)
		*at = *at == '_' ? ' ' : *at;
}

static void put_headings(const struct abl_html_rows *r, const struct abl_cell *cells, size_t count)
{
	abl_html_table_begin(r->out, r->caption, NULL);
	for (size_t i = 0; i < count; i++) {
		struct abl_str name = {0};

		add_name(&name, &cells[i]);
		abl_html_table_column(r->out, name.text, is_number(&cells[i]));
		abl_str_finish(&name);
	}
	abl_html_table_body(r->out);
}

static void put_cell(struct abl_str *out, const struct abl_cell *c, bool first)
{
	struct abl_str name = {0};
	const char *shown = c->text;
	char text[32];

	add_name(&name, c);
	if (c->type == ABL_CELL_REAL)
		shown = abl_format_score(c->r, text);
	else if (c->type == ABL_CELL_INT && !strcmp(c->name, "seed"))
		shown = abl_format_seed(c->i, text);
	if (first)
		abl_html_row_name(out, name.text, shown);
	else
		abl_html_cell(out, name.text, is_number(c), shown);
	abl_str_finish(&name);
}

/* The headings come with the first row: no row, no table. */
static void no_head(void *data, const struct abl_cell *cells, size_t count)
{
}

void abl_html_row(struct abl_html_rows *r, const struct abl_cell *cells, size_t count)
{
	if (!r->count++)
		put_headings(r, cells, count);
	abl_html_row_begin(r->out, NULL);
	for (size_t i = 0; i < count; i++)
		put_cell(r->out, &cells[i], !i);
	abl_html_row_end(r->out);
}

static void put_row(void *data, const struct abl_cell *cells, size_t count)
{
	abl_html_row(data, cells, count);
}

int abl_html_listing(struct abl_str *out, struct abl_store *store, int64_t study,
		     enum abl_listing what, const char *caption, size_t *rows, struct abl_err *err)
{
	struct abl_html_rows r = {.out = out, .caption = caption};
	int rc = abl_read_listing(store, what, study,
				  &(struct abl_listener){&r, .head = no_head, .row = put_row}, err);

	if (r.count)
		abl_html_table_end(out);
	*rows = r.count;
	return rc;
}
