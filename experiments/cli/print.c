/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"

#include "utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void abl_print_exact(struct abl_str *text)
{
	if (text->length)
		fwrite(text->text, 1, text->length, stdout);
	abl_str_finish(text);
}

void abl_print_text(struct abl_str *text)
{
	struct abl_str shown = {0};

	if (text->length)
		abl_utf8_visible(&shown, text->text, text->length);
	abl_print_exact(&shown);
	abl_str_finish(text);
}

void abl_print_table(struct abl_table *t, enum abl_table_format format)
{
	struct abl_str out = {0};

	abl_table_render(t, format, &out);
	abl_print_exact(&out);
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

/* Seconds since 1970 of a column that holds times, as a date; NULL: it is none. */
static const char *date_of(const struct abl_printed *p, const struct abl_cell *c, char out[32])
{
	const time_t when = (time_t)(c->type == ABL_CELL_INT ? (double)c->i : c->r);
	struct tm day;

	if (abl_table_is_for_machines(p->format) || when < 100000000 ||
	    !abl_is_one_of("created|started|ended|finished", c->name) || !gmtime_r(&when, &day))
		return NULL;
	return strftime(out, 32, "%Y-%m-%d %H:%M:%S", &day) ? out : NULL;
}

static void take_row(void *data, const struct abl_cell *cells, size_t count)
{
	const struct abl_printed *p = data;
	struct abl_table *t = p->table;
	char shown[32];

	for (size_t i = 0; i < count; i++) {
		const bool is_number =
			cells[i].type == ABL_CELL_INT || cells[i].type == ABL_CELL_REAL;

		if (is_number && date_of(p, &cells[i], shown)) {
			abl_table_text(t, shown);
			continue;
		}
		switch (cells[i].type) {
		case ABL_CELL_INT:
			if (!strcmp(cells[i].name, "seed"))
				abl_table_real(t, (double)cells[i].i,
					       abl_format_seed(cells[i].i, shown));
			else
				abl_table_int(t, cells[i].i);
			break;
		case ABL_CELL_REAL:
			abl_table_real(t, cells[i].r, abl_format_number(cells[i].r, shown));
			break;
		default:
			abl_table_text(t, cells[i].text);
		}
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
	if (!rc && p->table) {
		abl_table_fit(p->table, p->room, p->drop);
		abl_print_table(p->table, p->format);
	}
	p->table = NULL;
	return rc;
}
