/* SPDX-License-Identifier: Apache-2.0 */
#include "line_search.h"

#include "str.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 32, LONGEST_NAME = 80, LONGEST_LINE = 16384 };

const char *const abl_step_names[] = {"step", "global_step", "_step", "iteration",
				      "iter", "epoch",       NULL};

enum item_kind { LITERAL, ANYTHING, VALUE, STEP };

struct item {
	enum item_kind kind;
	char *text; /* LITERAL */
};

struct abl_line_search {
	char *name; /* NULL: the template */
	char *step; /* NULL: by abl_step_names */
	struct item item[ITEMS];
	size_t items;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Would this byte before or behind a name make it another one? */
static bool of_name(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("_.-/@", c));
}

/* ---- behind a name ---- */

/* The bytes of what stands between a name and its number: '=' or ':', or the line between two cells
 * of a table, as Lightning prints its results. */
static size_t separator(const char *text, size_t length)
{
	static const char bar[] = "\xe2\x94\x82"; /* U+2502 */

	if (length >= strlen(bar) && !memcmp(text, bar, strlen(bar)))
		return strlen(bar);
	return length && *text && strchr("=:|", *text);
}

/* The number behind a name that ends here, with blanks and a quote between them. 0: none. */
static size_t value_behind(struct abl_printed *out, const char *line, size_t length, size_t at)
{
	size_t n;

	at += at < length && (line[at] == '"' || line[at] == '\'');
	while (at < length && is_blank(line[at]))
		at++;
	n = separator(line + at, length - at);
	if (!n)
		return 0;
	at += n;
	while (at < length && is_blank(line[at]))
		at++;
	n = at < length ? abl_printed_value(out, line + at, length - at) : 0;
	return n ? at + n : 0;
}

static bool find_name(const char *name, const char *line, size_t length, struct abl_printed *out)
{
	const char *at = line, *end = line + length;
	size_t n = strlen(name);
	bool found = false;

	while (n && (at = memmem(at, (size_t)(end - at), name, n))) {
		struct abl_printed p;
		size_t behind = (size_t)(at - line) + n;

		if ((at == line || !of_name(*name) || !of_name(at[-1])) &&
		    value_behind(&p, line, length, behind)) {
			*out = p;
			found = true;
		}
		at++;
	}
	return found;
}

static void find_step(const struct abl_line_search *s, const char *line, size_t length,
		      struct abl_line_found *out)
{
	const char *const named[] = {s->step, NULL};
	const char *const *names = s->step ? named : abl_step_names;
	struct abl_printed p;

	for (; *names && !out->has_step; names++)
		out->has_step = find_name(*names, line, length, &p) &&
				(s->step || p.value == floor(p.value)) &&
				abl_printed_step(&p, &out->step);
}

void abl_line_names(const char *line, size_t length,
		    void (*name)(void *data, const char *name, size_t length), void *data)
{
	for (size_t i = 0; i < length; i++) {
		size_t end = i, begin;
		struct abl_printed p;

		if (!separator(line + i, length - i))
			continue;
		while (end && is_blank(line[end - 1]))
			end--;
		end -= end && (line[end - 1] == '"' || line[end - 1] == '\'');
		for (begin = end; begin && of_name(line[begin - 1]);)
			begin--;
		if (begin < end && end - begin < LONGEST_NAME &&
		    !isdigit((unsigned char)line[begin]) && value_behind(&p, line, length, end))
			name(data, line + begin, end - begin);
	}
}

/* ---- templates ---- */

/* A text of the template, blanks as one blank, here in the line: the bytes it takes; -1: not. */
static long match_literal(const char *text, const char *line, size_t length, size_t at)
{
	size_t from = at;

	for (; *text; text++) {
		if (*text == ' ') {
			size_t blanks = at;

			while (at < length && is_blank(line[at]))
				at++;
			if (at == blanks && at < length)
				return -1;
		} else if (at >= length || line[at++] != *text) {
			return -1;
		}
	}
	return (long)(at - from);
}

/* From `at` on, all items; the place behind, or 0. */
static size_t match_here(const struct abl_line_search *s, const char *line, size_t length,
			 size_t at, struct abl_line_found *out)
{
	for (size_t i = 0; i < s->items; i++) {
		const struct item *it = &s->item[i];
		struct abl_printed p;
		long n = 0;

		if (it->kind == LITERAL) {
			n = match_literal(it->text, line, length, at);
		} else if (it->kind == ANYTHING && i + 1 == s->items) {
			n = (long)(length - at);
		} else if (it->kind == ANYTHING) { /* up to the next text */
			while (at < length &&
			       match_literal(s->item[i + 1].text, line, length, at) < 0)
				at++;
		} else {
			n = (long)abl_printed_scan(&p, line + at, length - at);
			n = n ? n : -1;
		}
		if (n < 0)
			return 0;
		at += (size_t)n;
		if (it->kind == VALUE)
			out->value = p;
		if (it->kind == STEP && !abl_printed_step(&p, &out->step))
			return 0;
		out->has_step = out->has_step || it->kind == STEP;
	}
	return at;
}

static bool find_template(const struct abl_line_search *s, const char *line, size_t length,
			  struct abl_line_found *out)
{
	const struct item *first = &s->item[0];
	bool found = false;

	length = length < LONGEST_LINE ? length : LONGEST_LINE;
	for (size_t at = 0; at < length;) {
		struct abl_line_found f = {0};
		char head = first->kind == LITERAL ? *first->text : '0';
		size_t end = 0;

		if (at && of_name(head) && of_name(line[at - 1])) {
			at++;
			continue;
		}
		end = match_here(s, line, length, at, &f);
		if (end) {
			*out = f;
			found = true;
		}
		at = end > at ? end : at + 1;
	}
	return found;
}

/* The {word} at text: its bytes, braces included; 0: it is a brace as such. */
static size_t placeholder(const char *text)
{
	size_t n = 1;

	while (isalnum((unsigned char)text[n]) || strchr("_-./@", text[n] ? text[n] : ' '))
		n++;
	return *text == '{' && text[n] == '}' ? n + 1 : 0;
}

static void add_literal(struct abl_line_search *s, struct abl_str *text)
{
	if (text->length)
		s->item[s->items++] = (struct item){LITERAL, abl_strdup(text->text)};
	abl_str_clear(text);
}

static int add_placeholder(struct abl_line_search *s, const char *text, size_t length,
			   const char *name, struct abl_err *err)
{
	struct item *it = &s->item[s->items];
	enum item_kind before = s->items ? it[-1].kind : LITERAL;
	size_t inside = length - 2;

	text++;
	if (!inside)
		it->kind = ANYTHING;
	else if ((inside == 5 && !memcmp(text, "value", 5)) ||
		 (inside == strlen(name) && !memcmp(text, name, inside)))
		it->kind = VALUE;
	else if (inside == 4 && !memcmp(text, "step", 4))
		it->kind = STEP;
	else
		return abl_err_set(err, ABL_EINPUT,
				   "'{%.*s}' is no word of a template: there is {%s}, {step}, and "
				   "{} for anything",
				   (int)inside, text, name);
	if (before != LITERAL)
		return abl_err_set(err, ABL_EINPUT,
				   "nothing stands between '{%.*s}' and what is before it",
				   (int)inside, text);
	s->items++;
	return 0;
}

static int compile(struct abl_line_search *s, const char *what, const char *name,
		   struct abl_err *err)
{
	struct abl_str text = {0};
	int rc = 0, values = 0;

	for (const char *p = what; *p && !rc;) {
		size_t n = placeholder(p);

		if (s->items + 2 > ITEMS) {
			rc = abl_err_set(err, ABL_EINPUT, "a template of more than %d parts",
					 ITEMS);
		} else if (n) {
			add_literal(s, &text);
			rc = add_placeholder(s, p, n, name, err);
			values += !rc && s->item[s->items - 1].kind == VALUE;
			p += n;
		} else {
			bool twice = (*p == '{' || *p == '}') && p[1] == *p;

			if (!is_blank(*p) || !text.length || text.text[text.length - 1] != ' ')
				abl_str_add(&text, is_blank(*p) ? " " : p, 1);
			p += 1 + twice;
		}
	}
	add_literal(s, &text);
	abl_str_finish(&text);
	if (!rc && values != 1)
		rc = abl_err_set(err, ABL_EINPUT, "the template '%s' has {%s} %s", what, name,
				 values ? "twice" : "nowhere");
	return rc;
}

int abl_line_search_create(struct abl_line_search **out, const char *what, const char *name,
			   const char *step, struct abl_err *err)
{
	struct abl_line_search *s = abl_calloc(1, sizeof *s);
	const char *brace = strchr(what, '{');
	int rc = 0;

	while (brace && !placeholder(brace))
		brace = strchr(brace + 1, '{');
	s->step = step ? abl_strdup(step) : NULL;
	if (brace)
		rc = compile(s, what, name, err);
	else
		s->name = abl_strdup(what);
	if (rc) {
		abl_line_search_destroy(s);
		return rc;
	}
	*out = s;
	return 0;
}

bool abl_line_search_find(const struct abl_line_search *s, const char *line, size_t length,
			  struct abl_line_found *out)
{
	*out = (struct abl_line_found){0};
	if (s->name ? !find_name(s->name, line, length, &out->value)
		    : !find_template(s, line, length, out))
		return false;
	if (!out->has_step)
		find_step(s, line, length, out);
	return true;
}

void abl_line_search_destroy(struct abl_line_search *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->items; i++)
		free(s->item[i].text);
	free(s->name);
	free(s->step);
	free(s);
}
