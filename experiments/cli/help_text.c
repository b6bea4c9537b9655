/* SPDX-License-Identifier: Apache-2.0 */
#include "help_pages.h"

#include "str.h"

#include <stdlib.h>
#include <string.h>

enum {
	USAGE = 14,  /* column at which a usage goes on */
	VALUES = 25, /* column at which the help of options begins */
	SOURCE = 79  /* a line of text that would be longer with the next one's first word */
};

/* The line `text`, broken; what brackets hold stays together. */
static void put_words(struct abl_str *out, size_t from, size_t indent, const char *text, size_t n)
{
	struct abl_str line = {0};
	const size_t begin = out->length;
	bool inside = false;

	for (size_t i = 0; i < n; i++) {
		inside = text[i] == '[' || (inside && text[i] != ']');
		abl_str_add(&line, text[i] == ' ' && inside ? "\1" : text + i, 1);
	}
	abl_str_wrap(out, from, indent, line.length ? line.text : "");
	for (size_t i = begin; i < out->length; i++)
		if (out->text[i] == '\1')
			out->text[i] = ' ';
	abl_str_finish(&line);
}

static void put_usage(struct abl_str *out, const struct abl_command *c)
{
	const char *usage = c->usage;
	size_t n = strcspn(usage, "\n");

	abl_str_printf(out, "usage: ablate %s%s", c->name, n ? " " : "");
	put_words(out, USAGE + strlen(c->name) + 1, USAGE, usage, n);
	for (usage += n + (usage[n] == '\n'); *usage; usage += n + (usage[n] == '\n')) {
		n = strcspn(usage, "\n"); /* another form of the command, which names it */
		abl_str_printf(out, "%*s", (int)strspn(usage, " "), "");
		put_words(out, strspn(usage, " "), USAGE, usage + strspn(usage, " "),
			  n - strspn(usage, " "));
	}
}

/* Column at which the last cell of a line begins that is a row of a table; 0: it is none. */
static size_t last_cell(const char *line, size_t n)
{
	size_t at = 0;

	for (size_t i = strspn(line, " "); i + 2 < n; i++)
		if (line[i] == ' ' && line[i + 1] == ' ' && line[i + 2] != ' ')
			at = i + 2;
	return at;
}

/* Is the line broken only since lines of the source end somewhere? */
static bool goes_on(const char *line, size_t n, const char *next)
{
	const size_t indent = strspn(line, " "), cell = last_cell(line, n);

	if (indent || cell)
		return cell && strspn(next, " ") == cell;
	if (!n || !*next || *next == ' ' || *next == '\n')
		return false;
	return !strchr(".:", line[n - 1]) || n + 1 + strcspn(next, " \n") > SOURCE;
}

static void put_text(struct abl_str *out, const char *text)
{
	struct abl_str line = {0};

	while (*text) {
		const size_t n = strcspn(text, "\n");
		const char *next = text + n + (text[n] == '\n'), *words;
		size_t indent, more;

		abl_str_add(&line, text, n);
		text = next;
		if (line.length && goes_on(line.text, n, next)) {
			abl_str_puts(&line, " ");
			text += strspn(text, " ");
			continue;
		}
		words = line.length ? line.text : "";
		indent = strspn(words, " ");
		more = last_cell(words, line.length);
		abl_str_printf(out, "%*s", (int)indent, "");
		abl_str_wrap(out, indent, more ? more : indent, words + indent);
		abl_str_clear(&line);
	}
	abl_str_finish(&line);
}

static void put_option(struct abl_str *out, const struct abl_command_option *o)
{
	struct abl_str left = {0};

	if (o->letter)
		abl_str_printf(&left, "-%c, --%s", o->letter, o->name);
	else
		abl_str_printf(&left, "    --%s", o->name);
	if (o->value)
		abl_str_printf(&left, " %s", o->value);
	abl_str_printf(out, "  %-22s ", left.text);
	abl_str_wrap(out, left.length > 22 ? left.length + 3 : VALUES, VALUES, o->help);
	abl_str_finish(&left);
}

void abl_help_text(const struct abl_command *c, FILE *out)
{
	struct abl_str text = {0};

	put_usage(&text, c);
	abl_str_puts(&text, "\n");
	put_text(&text, c->summary);
	if (c->details) {
		abl_str_puts(&text, "\n");
		put_text(&text, c->details);
	}
	fputs(text.text, out);
	abl_str_clear(&text);
	if (c->rows) {
		c->rows(out);
		put_text(&text, c->ending);
	}
	if (c->options)
		abl_str_puts(&text, "\noptions:\n");
	for (const struct abl_command_option *o = c->options; o && o->name; o++)
		put_option(&text, o);
	if (text.length)
		fputs(text.text, out);
	abl_str_finish(&text);
}
