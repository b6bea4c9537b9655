/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_place.c - errors that show the place: the source line and a caret below it. */
#include "str.h"
#include "yaml_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_COLUMNS 100 /* of a source line; errors hold 1200 bytes in all */
#define SHOWN_MESSAGE 500

/* Length in bytes of the first `columns` characters of a line that ends at '\n' or '\0'. */
static size_t bytes_of(const char *line, int columns)
{
	size_t n = 0;

	while (columns > 0 && line[n] && line[n] != '\n' && line[n] != '\r') {
		do
			n++;
		while ((line[n] & 0xC0) == 0x80);
		columns--;
	}
	return n;
}

static const char *line_start(const char *text, int line)
{
	while (--line > 0) {
		text = strchr(text, '\n');
		if (!text)
			return "";
		text++;
	}
	return text;
}

static void show_line(const struct abl_node *n, struct abl_str *out)
{
	const char *line = line_start(n->file->text, n->line);
	size_t length = bytes_of(line, SHOWN_COLUMNS), lead = bytes_of(line, n->column - 1);
	char number[16];
	int gutter = snprintf(number, sizeof number, "%4d", n->line);

	if (!length || n->column > SHOWN_COLUMNS)
		return;
	abl_str_printf(out, "\n%s | %.*s\n%*s | ", number, (int)length, line, gutter, "");
	for (size_t i = 0; i < lead; i++)
		if ((line[i] & 0xC0) != 0x80)
			abl_str_add(out, line[i] == '\t' ? "\t" : " ", 1);
	abl_str_add(out, "^", 1);
	for (int i = 1; i < n->width && n->column + i <= SHOWN_COLUMNS; i++)
		abl_str_add(out, "~", 1);
}

int abl_node_fail(const struct abl_node *n, const char *help, struct abl_err *err, const char *fmt,
		  ...)
{
	struct abl_str out = {0};
	char message[SHOWN_MESSAGE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	abl_str_printf(&out, "%s:%d:%d: error: %s", n->file->path, n->line, n->column, message);
	show_line(n, &out);
	if (help)
		abl_str_printf(&out, "\n%s", help);
	for (const struct abl_yaml_file *f = n->file; f->from; f = f->from)
		abl_str_printf(&out, "\nincluded from %s:%d", f->from->path, f->from_line);
	abl_err_set(err, ABL_EINPUT, "%s", out.text);
	abl_str_finish(&out);
	return ABL_EINPUT;
}

const char *abl_node_place(const struct abl_node *n, char *out, size_t size)
{
	snprintf(out, size, "%s:%d", n->file->path, n->line);
	return out;
}
