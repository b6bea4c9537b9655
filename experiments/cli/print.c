/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"

#include <stdio.h>

void abl_print_text(struct abl_str *text)
{
	if (text->length)
		fwrite(text->text, 1, text->length, stdout);
	abl_str_finish(text);
}

void abl_print_table(struct abl_table *t, enum abl_table_format format)
{
	struct abl_str out = {0};

	abl_table_render(t, format, &out);
	abl_print_text(&out);
	abl_table_destroy(t);
}

/* The first row decides where its column lies. */
static void take_head(void *data, const struct abl_cell *cells, size_t count)
{
	struct abl_printed *p = data;

	p->table = abl_table_create();
	for (size_t i = 0; i < count; i++)
		abl_table_column(p->table, cells[i].name,
				 cells[i].type == ABL_CELL_INT || cells[i].type == ABL_CELL_REAL);
}

static void take_row(void *data, const struct abl_cell *cells, size_t count)
{
	struct abl_table *t = ((struct abl_printed *)data)->table;
	char shown[32];

	for (size_t i = 0; i < count; i++)
		switch (cells[i].type) {
		case ABL_CELL_INT:
			abl_table_int(t, cells[i].i);
			break;
		case ABL_CELL_REAL:
			snprintf(shown, sizeof shown, "%.6g", cells[i].r);
			abl_table_real(t, cells[i].r, shown);
			break;
		default:
			abl_table_text(t, cells[i].text);
		}
}

struct abl_listener abl_print_rows(struct abl_printed *p)
{
	return (struct abl_listener){.data = p, .head = take_head, .row = take_row};
}

int abl_print_end(struct abl_printed *p, int rc)
{
	if (rc)
		abl_table_destroy(p->table);
	else if (p->table)
		abl_print_table(p->table, p->format);
	p->table = NULL;
	return rc;
}
