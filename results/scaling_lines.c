/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_lines.c - which variants differ in nothing but their size. */
#include "scaling_axes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAME_SIZE 1e-3 /* heads of tasks differ by less */

static bool same_size(double x, double y)
{
	return fabs(x - y) <= SAME_SIZE * fmax(fabs(x), fabs(y));
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool is_number(const struct abl_axes_option *o, size_t variants)
{
	for (size_t v = 0; v < variants; v++)
		if (o->text[v] && isnan(o->number[v]))
			return false;
	return true;
}

/* Two variants of a line so far that differ in the option: does that part them? A number does where
 * it leaves the size as it is; a word always does, but for one that names the size: each word has
 * one size, and there are three at least. */
static bool parts(const struct abl_axes *a, const struct abl_axes_option *o, const double *x,
		  char *const *line)
{
	const bool number = is_number(o, a->variants);
	bool differs = false, names_size = true;
	size_t words = 0;

	for (size_t v = 0; v < a->variants; v++) {
		bool first = true;

		for (size_t w = 0; w < v && line[v]; w++) {
			if (!line[w] || strcmp(line[v], line[w]))
				continue;
			const bool size = same_size(x[v], x[w]),
				   text = same_text(o->text[v], o->text[w]);

			if (size && !text && number)
				return true;
			differs |= !text, first &= !text;
			names_size &= size == text;
		}
		words += line[v] && first;
	}
	return differs && !number && !(names_size && words >= 3);
}

static void add_to_lines(const struct abl_axes *a, const struct abl_axes_option *o, char **line)
{
	for (size_t v = 0; v < a->variants; v++) {
		struct abl_str text = {0};

		if (!line[v] || !o->text[v])
			continue;
		abl_str_printf(&text, "%s%s%s=%s", line[v], *line[v] ? ", " : "", o->name,
			       o->text[v]);
		free(line[v]);
		line[v] = text.text;
	}
}

static void part(const struct abl_axes *a, const double *x, char **line)
{
	for (size_t v = 0; v < a->variants; v++)
		if (line[v])
			free(line[v]), line[v] = abl_strdup("");
	for (size_t i = 0; i < a->options; i++)
		if (parts(a, &a->option[i], x, line))
			add_to_lines(a, &a->option[i], line);
}

/* A variant that is alone at one size makes no line. */
static void drop_lonely(const struct abl_axes *a, const double *x, char **line)
{
	bool *lonely = abl_calloc(a->variants + 1, sizeof *lonely);

	for (size_t v = 0; v < a->variants; v++) {
		lonely[v] = true;
		for (size_t w = 0; w < a->variants && line[v] && lonely[v]; w++)
			lonely[v] = !line[w] || strcmp(line[v], line[w]) || same_size(x[v], x[w]);
	}
	for (size_t v = 0; v < a->variants; v++)
		if (lonely[v])
			free(line[v]), line[v] = NULL;
	free(lonely);
}

char **abl_axes_lines(const struct abl_axes *a, const double *x)
{
	char **line = abl_calloc(a->variants + 1, sizeof *line);

	for (size_t v = 0; v < a->variants; v++)
		line[v] = isfinite(x[v]) && x[v] > 0 ? abl_strdup("") : NULL;
	part(a, x, line);
	drop_lonely(a, x, line);
	part(a, x, line); /* so that what only those differ in is in no line's name */
	return line;
}

/* Words seen as an option, in place of those that they follow from. */
static void by_words_seen(const struct abl_axes *a, struct abl_axes *out)
{
	static char name[] = "words_seen";
	struct abl_axes_option *seen;

	*out = *a;
	out->option = abl_calloc(a->options + 1, sizeof *out->option);
	out->options = 0;
	for (size_t i = 0; i < a->options; i++)
		if (strcmp(a->option[i].name, "pretrain_epochs") != 0 &&
		    strcmp(a->option[i].name, "pretrain_steps") != 0)
			out->option[out->options++] = a->option[i];
	seen = &out->option[out->options++];
	seen->name = name;
	seen->text = abl_calloc(a->variants + 1, sizeof *seen->text);
	seen->number = abl_calloc(a->variants + 1, sizeof *seen->number);
	for (size_t v = 0; v < a->variants; v++) {
		char text[32];

		snprintf(text, sizeof text, "%.2g", a->seen[v]); /* steps are rounded */
		seen->number[v] = strtod(text, NULL);
		snprintf(text, sizeof text, "%.0f", seen->number[v]);
		seen->text[v] = abl_strdup(text);
	}
}

/* Does the line hold a variant that has none yet? */
static bool is_new(char *const *line, char *const *before, size_t n, const char *name)
{
	for (size_t v = 0; v < n; v++)
		if (line[v] && !before[v] && !strcmp(line[v], name))
			return true;
	return false;
}

char **abl_axes_lines_same_steps(const struct abl_axes *a, const double *x, char *const *before)
{
	struct abl_axes same;
	bool *new = abl_calloc(a->variants + 1, sizeof *new);
	char **line;

	by_words_seen(a, &same);
	line = abl_axes_lines(&same, x);
	for (size_t v = 0; v < a->variants; v++)
		new[v] = x == a->words &&line[v] && is_new(line, before, a->variants, line[v]);
	for (size_t v = 0; v < a->variants; v++) {
		struct abl_str name = {0};

		if (new[v])
			abl_str_printf(&name, "steps=same%s%s", *line[v] ? ", " : "", line[v]);
		free(line[v]);
		line[v] = name.text;
	}
	abl_axes_lines_finish(same.option[same.options - 1].text, a->variants);
	free(same.option[same.options - 1].number), free(same.option), free(new);
	return line;
}

void abl_axes_lines_finish(char **line, size_t n)
{
	for (size_t i = 0; line && i < n; i++)
		free(line[i]);
	free(line);
}
