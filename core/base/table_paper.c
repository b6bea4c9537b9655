/* SPDX-License-Identifier: Apache-2.0 */
/* table_paper.c - tables as papers and READMEs have them: Markdown, and LaTeX with booktabs. */
#include "table_internal.h"

#include <stdlib.h>
#include <string.h>

/* Is the hyphen at `at` the sign of a number, or one that takes away? */
static bool is_minus(const char *text, const char *at)
{
	if (*at != '-' || !at[1])
		return false;
	if (at[1] == ' ')
		return at > text && at[-1] == ' ';
	return strchr("0123456789.", at[1]) && (at == text || strchr(" [(,", at[-1]));
}

static void add_markdown(struct abl_str *out, const char *text, bool numbers)
{
	for (const char *p = text; *p; p++)
		if (numbers && is_minus(text, p))
			abl_str_puts(out, "−");
		else
			abl_str_printf(out, *p == '|' || *p == '<' ? "\\%c" : "%c",
				       *p == '\n' ? ' ' : *p);
}

bool abl_next_note(const char **text, struct abl_str *note)
{
	const char *p = *text;

	abl_str_clear(note);
	if (!p || !*p)
		return false;
	for (; *p && (*p != '\n' || p[1] == ' '); p++)
		if (*p == '\n') /* of the indent, one blank stays */
			p += strspn(p + 2, " ");
		else
			abl_str_add(note, p, 1);
	*text = p + (*p == '\n');
	return true;
}

/* Every note through `add`, with something before it. */
static void add_notes(struct abl_str *out, const char *notes, const char *before,
		      void (*add)(struct abl_str *out, const char *text, bool numbers))
{
	struct abl_str note = {0};

	while (abl_next_note(&notes, &note)) {
		abl_str_puts(out, before);
		add(out, note.text ? note.text : "", true);
		abl_str_puts(out, "\n");
	}
	abl_str_finish(&note);
}

void abl_table_markdown(const struct abl_table *t, struct abl_str *out)
{
	if (t->caption) {
		add_markdown(out, t->caption, true);
		abl_str_puts(out, "\n\n");
	}
	for (size_t i = 0; i < t->width + t->count; i++) {
		size_t at = i % t->width;
		const struct cell *c = i < t->width ? NULL : &t->cells[i - t->width];

		abl_str_puts(out, at ? " | " : "| ");
		add_markdown(out, c ? abl_table_shown(c) : t->columns[at].name, c && c->numbers);
		if (at + 1 < t->width)
			continue;
		abl_str_puts(out, " |\n");
		for (size_t k = 0; i + 1 == t->width && k < t->width; k++)
			abl_str_printf(out, "|%s%s", t->columns[k].right ? "---:" : "---",
				       k + 1 == t->width ? "|\n" : "");
	}
	abl_str_puts(out, t->notes ? "\n" : "");
	add_notes(out, t->notes, "- ", add_markdown);
}

/* What LaTeX has a command for: a character of UTF-8, and how it is written. */
static const struct {
	const char *character, *command;
} tex_commands[] = {
	{"&", "\\&"},      {"%", "\\%"},   {"$", "\\$"},    {"#", "\\#"},
	{"_", "\\_"},      {"{", "\\{"},   {"}", "\\}"},    {"\\", "\\textbackslash{}"},
	{"~", "\\~{}"},    {"^", "\\^{}"}, {"<", "$<$"},    {">", "$>$"},
	{"|", "$|$"},      {"\n", " "},    {"±", "$\\pm$"}, {"×", "$\\times$"},
	{"…", "\\dots{}"}, {"−", "$-$"},
};
#define TEX_COMMANDS (sizeof tex_commands / sizeof *tex_commands)

static void add_tex(struct abl_str *out, const char *text, bool numbers)
{
	for (const char *p = text; *p; p++) {
		size_t k = 0, n = 0;

		while (k < TEX_COMMANDS &&
		       strncmp(p, tex_commands[k].character, n = strlen(tex_commands[k].character)))
			k++;
		if (numbers && is_minus(text, p)) {
			abl_str_puts(out, "$-$");
		} else if (k < TEX_COMMANDS) {
			abl_str_puts(out, tex_commands[k].command);
			p += n - 1;
		} else {
			abl_str_add(out, p, 1);
		}
	}
}

static void add_tex_rows(const struct abl_table *t, struct abl_str *out)
{
	abl_str_puts(out, "\\begin{tabular}{");
	for (size_t i = 0; i < t->width; i++)
		abl_str_puts(out, t->columns[i].right ? "r" : "l");
	abl_str_puts(out, "}\n\\toprule\n");
	for (size_t i = 0; i < t->width + t->count; i++) {
		size_t at = i % t->width;
		const struct cell *c = i < t->width ? NULL : &t->cells[i - t->width];

		abl_str_puts(out, at ? " & " : "");
		if (c && !c->shown)
			abl_str_puts(out, "--");
		else
			add_tex(out, c ? c->shown : t->columns[at].name, c && c->numbers);
		if (at + 1 == t->width)
			abl_str_puts(out, i + 1 == t->width ? " \\\\\n\\midrule\n" : " \\\\\n");
	}
	abl_str_puts(out, "\\bottomrule\n\\end{tabular}\n");
}

void abl_table_tex(const struct abl_table *t, struct abl_str *out)
{
	abl_str_puts(out, "% \\usepackage{booktabs}\n");
	if (t->caption) {
		abl_str_puts(out, "\\begin{table}\n\\centering\n\\caption{");
		add_tex(out, t->caption, true);
		abl_str_puts(out, "}\n");
	}
	add_tex_rows(t, out);
	add_notes(out, t->notes, "\\par\\noindent\\footnotesize ", add_tex);
	if (t->caption)
		abl_str_puts(out, "\\end{table}\n");
}
