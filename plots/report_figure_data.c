/* SPDX-License-Identifier: Apache-2.0 */
/* report_figure_data.c - the numbers of a figure: its CSV (chart.h) as a table behind a click, and
 * to save. */
#include "html.h"
#include "report_parts.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 200 /* shown; the CSV has all */

struct data {
	struct abl_str *out;
	struct abl_str heading[64]; /* of its columns; more are not shown */
	size_t width, rows;
};

/* The cell that begins at `at` (RFC 4180, as table.h writes it), and what comes after it: ',', a
 * line end, or the end. */
static const char *read_cell(const char *at, struct abl_str *cell)
{
	abl_str_clear(cell);
	abl_str_puts(cell, "");
	if (*at != '"') {
		const size_t n = strcspn(at, ",\r\n");

		abl_str_add(cell, at, n);
		return at + n;
	}
	for (at++; *at && !(*at == '"' && at[1] != '"'); at++) {
		at += *at == '"';
		abl_str_add(cell, at, 1);
	}
	return at + (*at == '"');
}

static void put_cell(struct data *d, size_t column, const char *text)
{
	double value;
	char number[32];

	if (column >= sizeof d->heading / sizeof *d->heading)
		return;
	if (!d->rows) {
		abl_str_puts(&d->heading[column], text);
		abl_html_table_column(d->out, text, column > 1);
		d->width = column + 1;
	} else if (!column) {
		abl_html_row_name(d->out, d->heading[column].text, text);
	} else if (column < d->width && abl_parse_real(text, &value)) {
		abl_html_cell(d->out, d->heading[column].text, true,
			      abl_format_number(value, number));
	} else if (column < d->width) {
		abl_html_cell(d->out, d->heading[column].text, false, text);
	}
}

static const char *put_row(struct data *d, const char *at, bool shown)
{
	struct abl_str cell = {0};

	if (shown && d->rows)
		abl_html_row_begin(d->out, NULL);
	for (size_t column = 0;; column++) {
		at = read_cell(at, &cell);
		if (shown)
			put_cell(d, column, cell.text);
		if (*at != ',')
			break;
		at++;
	}
	if (shown && d->rows)
		abl_html_row_end(d->out);
	else if (shown)
		abl_html_table_body(d->out);
	d->rows++;
	abl_str_finish(&cell);
	return at + strspn(at, "\r\n");
}

void abl_report_figure_data(struct abl_str *out, const char *name, const char *csv)
{
	struct data d = {.out = out};
	struct abl_str caption = {0};

	abl_str_printf(&caption, "Numbers of the figure %s", name);
	abl_str_puts(out, "<details class=\"numbers\"><summary>the numbers of this figure"
			  "</summary>\n<p><a download=\"");
	abl_html_text(out, name);
	abl_str_puts(out, ".csv\" href=\"data:text/csv;base64,");
	abl_html_base64(out, csv, strlen(csv));
	abl_str_puts(out, "\">Save as CSV</a></p>\n");
	abl_html_table_begin(out, caption.text, NULL);
	for (const char *at = csv; *at;)
		at = put_row(&d, at, d.rows <= ROWS);
	abl_html_table_end(out);
	if (d.rows > ROWS + 1)
		abl_str_printf(out, "<p class=\"soft\">The first %d of %zu rows.</p>\n", ROWS,
			       d.rows - 1);
	abl_str_puts(out, "</details>\n");
	for (size_t i = 0; i < d.width; i++)
		abl_str_finish(&d.heading[i]);
	abl_str_finish(&caption);
}
