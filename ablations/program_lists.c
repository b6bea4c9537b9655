/* SPDX-License-Identifier: Apache-2.0 */
/* program_lists.c - plain values, lists of words and environment variables of a study with
 * `command:`. */
#include "hint.h"
#include "node_value.h"
#include "program_source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

char **abl_program_no_words(void)
{
	return abl_calloc(1, sizeof(char *));
}

void abl_program_words_free(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}

/* `python train.py "{flags}"` as a list, so that it can be copied: [python, train.py, "{flags}"] */
static void show_as_list(const char *text, const char *name, struct abl_str *out)
{
	size_t words = 0;

	abl_str_printf(out, "write a list, a word each: '%s: [", name);
	while (*(text += strspn(text, " \t\n"))) {
		const char quote = *text == '"' || *text == '\'' ? *text++ : 0;
		const size_t n =
			quote ? strcspn(text, quote == '"' ? "\"" : "'") : strcspn(text, " \t\n");
		bool plain = n && isalnum((unsigned char)*text);

		for (size_t i = 0; i < n; i++)
			plain = plain &&
				(isalnum((unsigned char)text[i]) || strchr("_-./=", text[i]));
		abl_str_printf(out, "%s%s%.*s%s", words++ ? ", " : "", plain ? "" : "\"", (int)n,
			       text, plain ? "" : "\"");
		text += n;
		text += quote && *text == quote;
	}
	abl_str_puts(out, "]'");
}

static int refuse_text(const struct abl_node *n, const char *name, struct abl_err *err)
{
	struct abl_str help = {0};

	show_as_list(n->text, name, &help);
	abl_node_fail(n, help.text, err,
		      "'%s' needs a list of words, not one text: no shell takes "
		      "it apart",
		      name);
	abl_str_finish(&help);
	return ABL_EINPUT;
}

/* {flags} without quotes is a map in YAML. */
static bool is_bare_name(const struct abl_node *n)
{
	return n->kind == ABL_NODE_MAP && n->count == 2 && n->items[0]->kind == ABL_NODE_SCALAR &&
	       abl_node_is_null(n->items[1]);
}

static int read_word(const struct abl_node *n, const char *name, char **out, struct abl_err *err)
{
	if (is_bare_name(n))
		return abl_node_fail(n, "write it in quotes", err,
				     "{%.40s} without quotes is a map in YAML, not a word",
				     n->items[0]->text);
	if (n->kind != ABL_NODE_SCALAR)
		return abl_node_fail(n, "one list of words, without lists inside", err,
				     "a word of '%s' is a text, not a %s", name,
				     n->kind == ABL_NODE_LIST ? "list" : "map");
	if (!*n->text && !n->quoted)
		return abl_node_fail(n, "an empty word is written \"\"", err,
				     "a word of '%s' is missing", name);
	*out = abl_strdup(n->text);
	return 0;
}

int abl_program_words_read(const struct abl_node *n, const char *name, bool one, char ***out,
			   struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);
	char **words;

	if (n->kind == ABL_NODE_SCALAR && abl_node_is_null(n))
		return abl_node_expect(n, ABL_NODE_LIST, name, err);
	if (n->kind == ABL_NODE_SCALAR && !one)
		return refuse_text(n, name, err);
	if (n->kind == ABL_NODE_MAP && !is_bare_name(n))
		return abl_node_expect(n, ABL_NODE_LIST, name, err);
	words = abl_calloc(count + 1, sizeof *words);
	abl_program_words_free(*out);
	*out = words;
	for (size_t i = 0; i < count; i++)
		if (read_word(items[i], name, &words[i], err))
			return ABL_EINPUT;
	return 0;
}

bool abl_is_own_variable(const char *name)
{
	return abl_is_one_of("ABLATE_TRIAL|ABLATE_EVENTS|ABLATE_OPTIONS|ABLATE_SEED|ABLATE_OUT|"
			     "ABLATE_STAGE",
			     name);
}

int abl_program_variable(const struct abl_node *n, const char **out, struct abl_err *err)
{
	const char *c;

	if (abl_node_text(n, "environment", out, err))
		return ABL_EINPUT;
	for (c = *out;
	     isalpha((unsigned char)*c) || *c == '_' || (c > *out && isdigit((unsigned char)*c));)
		c++;
	if (*c)
		return abl_node_fail(n, "use letters, digits and '_', no digit first", err,
				     "an environment variable cannot be called '%.60s'", *out);
	if (abl_is_own_variable(*out))
		return abl_node_fail(n, "call it otherwise", err, "'%s' is set by 'ablate' itself",
				     *out);
	return 0;
}

int abl_program_settings_read(const struct abl_node *n, const char *name,
			      struct abl_program_setting **out, size_t *count, struct abl_err *err)
{
	if (abl_node_expect(n, ABL_NODE_MAP, name, err))
		return ABL_EINPUT;
	*out = abl_calloc(n->count / 2, sizeof **out);
	for (size_t i = 0; i < n->count; i += 2) {
		const struct abl_node *value = n->items[i + 1];
		const char *variable;

		if (abl_program_variable(n->items[i], &variable, err))
			return ABL_EINPUT;
		if (is_bare_name(value))
			return abl_node_fail(value, "write it in quotes", err,
					     "{%.40s} without quotes is a map in YAML, not a text",
					     value->items[0]->text);
		if (value->kind != ABL_NODE_SCALAR || (!*value->text && !value->quoted))
			return abl_node_fail(value, "an empty one is written \"\"", err,
					     "'%s' needs a text", variable);
		(*out)[*count].name = abl_strdup(variable);
		(*out)[(*count)++].value = abl_strdup(value->text);
	}
	return 0;
}

int abl_program_value(const struct abl_node *n, const struct abl_option *row, void *out,
		      struct abl_err *err)
{
	struct abl_value v;

	if (abl_node_option(n, row, row->name, NULL, &v, err))
		return ABL_EINPUT;
	return abl_option_set(row, out, row->name, &v, err);
}

int abl_program_truth(const struct abl_node *n, const char *name, bool *out, struct abl_err *err)
{
	const struct abl_option row = {.name = name, .type = ABL_BOOL};

	return abl_program_value(n, &row, out, err);
}

#define DAY 86400.

int abl_program_seconds(const struct abl_node *n, const char *name, double *out,
			struct abl_err *err)
{
	static const struct {
		const char *units;
		double seconds;
	} units[] = {
		{"|s|sec|second|seconds", 1}, {"min|m|minute|minutes", 60}, {"h|hour|hours", 3600}};
	const char *text, *unit;
	char number[40];
	double factor = 0;
	size_t length;

	if (abl_node_text(n, name, &text, err))
		return ABL_EINPUT;
	length = strspn(text, "0123456789.");
	unit = text + length + strspn(text + length, " ");
	snprintf(number, sizeof number, "%.*s", (int)length, text);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (*unit ? abl_is_one_of(units[i].units, unit) : !i)
			factor = units[i].seconds;
	if (!length || !factor || !abl_parse_real(number, out))
		return abl_node_fail(n, "seconds: 120, \"120 s\" or \"2 min\"", err,
				     "'%s' needs a time, not '%.40s'", name, text);
	*out *= factor;
	if (*out > DAY)
		return abl_node_fail(n, NULL, err, "'%s' is out of range: a day at most", name);
	return 0;
}
