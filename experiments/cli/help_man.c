/* SPDX-License-Identifier: Apache-2.0 */
#include "help_pages.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a character above ASCII, which is written by its number: roff reads no UTF-8. */
static size_t put_character(FILE *out, const char *text, size_t length)
{
	const unsigned char first = (unsigned char)*text;
	const size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	unsigned long point = first & (0xffu >> (n + 1));

	for (size_t i = 1; i < n && i < length; i++)
		point = point << 6 | ((unsigned char)text[i] & 0x3f);
	fprintf(out, "\\[u%04lX]", point);
	return n;
}

/* As roff takes it: no line of it is a request. */
static void put(FILE *out, const char *text, size_t length)
{
	bool start = true;

	for (size_t i = 0; i < length; i++) {
		if (start && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", out);
		start = text[i] == '\n';
		if ((unsigned char)text[i] >= 0x80)
			i += put_character(out, text + i, length - i) - 1;
		else if (text[i] == '\\')
			fputs("\\e", out);
		else if (text[i] == '-')
			fputs("\\-", out);
		else
			putc(text[i], out);
	}
}

static void put_text(FILE *out, const char *text)
{
	put(out, text, strlen(text));
}

/* Lines are joined; one that begins with a blank, or is short on purpose, stays one. */
static void put_paragraphs(FILE *out, const char *text)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");

		if (!n)
			fputs(".PP\n", out);
		else if (*text == ' ' || *text == '\t')
			fputs(".br\n", out);
		put(out, text + strspn(text, " \t"),
		    n > strspn(text, " \t") ? n - strspn(text, " \t") : 0);
		if (n)
			putc('\n', out);
		text += n + (text[n] == '\n');
	}
}

/* What the command prints of a table, as it is. */
static void put_rows(FILE *out, const struct abl_command *c)
{
	char *rows = NULL;
	size_t length = 0;
	FILE *f = open_memstream(&rows, &length);

	if (!f)
		return;
	c->rows(f);
	fclose(f);
	fputs(".nf\n", out);
	put(out, rows, length);
	fputs(".fi\n.PP\n", out);
	free(rows);
	if (c->ending)
		put_paragraphs(out, c->ending);
}

static void put_options(FILE *out, const struct abl_command *c)
{
	if (!c->options || !c->options->name)
		return;
	fputs(".SH OPTIONS\n", out);
	for (const struct abl_command_option *o = c->options; o->name; o++) {
		fputs(".TP\n", out);
		if (o->letter)
			fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
		fputs("\\fB\\-\\-", out);
		put_text(out, o->name);
		fputs("\\fR", out);
		if (o->value) {
			fputs(" \\fI", out);
			put_text(out, o->value);
			fputs("\\fR", out);
		}
		putc('\n', out);
		put_text(out, o->help);
		putc('\n', out);
	}
}

static void put_title(FILE *out, const char *name, const char *summary)
{
	fputs(".TH ABLATE", out);
	if (*name)
		putc('-', out);
	for (const char *p = name; *p; p++)
		putc(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p, out);
	fprintf(out, " 1 \"\" \"ablate " ABL_VERSION "\" \"ablate\"\n.SH NAME\nablate%s%s \\- ",
		*name ? "\\-" : "", name);
	put_text(out, summary);
	fputs("\n.SH SYNOPSIS\n\\fBablate", out);
	if (*name)
		fprintf(out, " %s", name);
	fputs("\\fR ", out);
}

static void put_command(FILE *out, const struct abl_command *c)
{
	put_title(out, c->name, c->summary);
	put_text(out, c->usage);
	putc('\n', out);
	if (c->details || c->rows)
		fputs(".SH DESCRIPTION\n", out);
	if (c->details)
		put_paragraphs(out, c->details);
	if (c->rows) {
		fputs(".PP\n", out);
		put_rows(out, c);
	}
	put_options(out, c);
	fputs(".SH EXIT STATUS\n0 done, 1 something failed, 2 wrong usage or bad input, 3 "
	      "interrupted.\n.SH SEE ALSO\n.BR ablate (1)\n",
	      out);
}

void abl_man_page(const struct abl_command *c, FILE *out)
{
	if (c) {
		put_command(out, c);
		return;
	}
	put_title(out, "", "which part of this model buys what, and how sure are we?");
	fputs("\\fICOMMAND\\fR [...]\n.SH COMMANDS\n", out);
	for (size_t i = 0; (c = abl_command_at(i)); i++) {
		if (c->hidden)
			continue;
		fprintf(out, ".TP\n.BR ablate\\-%s (1)\n", c->name);
		put_text(out, c->summary);
		putc('\n', out);
	}
	fputs(".SH EXIT STATUS\n0 done, 1 something failed, 2 wrong usage or bad input, 3 "
	      "interrupted.\n",
	      out);
}
