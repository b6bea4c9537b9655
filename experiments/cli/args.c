/* SPDX-License-Identifier: Apache-2.0 */
#include "args.h"

#include "hint.h"
#include "study_name.h"
#include "str.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *option_at(size_t i, const void *data)
{
	return ((const struct abl_command_option *)data)[i].name;
}

static int find(const struct abl_command *c, const char *name, size_t length, char letter)
{
	const struct abl_command_option *o = c->options;

	for (int i = 0; o && o[i].name; i++)
		if (letter ? o[i].letter == letter
			   : strlen(o[i].name) == length && !strncmp(o[i].name, name, length))
			return i;
	return -1;
}

static int unknown(const struct abl_command *c, const char *word, const char *name,
		   struct abl_err *err)
{
	size_t n = 0;
	const char *near;

	while (c->options && c->options[n].name)
		n++;
	near = abl_hint(ABL_HINT_OPTION, name);
	if (near && strchr(near, ' '))
		return abl_err_set(err, ABL_EINPUT, "'%s' has no option '%s': %s", c->name, word,
				   near);
	near = abl_hint_nearest(ABL_HINT_OPTION, name, n, option_at, c->options);
	return abl_err_set(err, ABL_EINPUT,
			   "'%s' has no option '%s'%s%s%s; 'ablate %s --help' lists them", c->name,
			   word, near ? "; did you mean '--" : "", near ? near : "",
			   near ? "'?" : "", c->name);
}

static bool among(const char *value, const char *choices)
{
	size_t n = strlen(value);

	for (const char *p = choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (!strncmp(p, value, n) && (p[n] == '|' || !p[n]) && n)
			return true;
	return false;
}

static int check(const struct abl_command_option *o, const char *value, struct abl_err *err)
{
	int64_t i;
	double r;

	if (o->type == ABL_ARG_INT && abl_is_huge_int(value))
		return abl_err_set(err, ABL_EINPUT, "--%s is out of range: %s", o->name, value);
	if (o->type == ABL_ARG_INT && !abl_parse_int(value, &i))
		return abl_err_set(err, ABL_EINPUT, "--%s needs %s, not '%s'", o->name,
				   abl_parse_real(value, &r) ? "a whole number" : "a number",
				   value);
	if (o->type == ABL_ARG_REAL && !abl_parse_real(value, &r))
		return abl_err_set(err, ABL_EINPUT, "--%s needs a number, not '%s'", o->name,
				   value);
	if (o->choices && !among(value, o->choices))
		return abl_err_set(err, ABL_EINPUT, "--%s cannot be '%s'; it is one of %s", o->name,
				   value, o->choices);
	return 0;
}

/* Values of an option that is given several times. */
static const char *joined(const char *before, const char *value)
{
	struct abl_str text = {0};
	const char *kept;

	abl_str_printf(&text, "%s\n%s", before, value);
	kept = abl_intern(text.text);
	abl_str_finish(&text);
	return kept;
}

int abl_args_parse(struct abl_args *out, const struct abl_command *c, int argc, char **argv,
		   struct abl_err *err)
{
	bool only_words = false;

	*out = (struct abl_args){.command = c};
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value;
		int at;

		if (only_words || word[0] != '-' || !word[1]) {
			if (out->words == ABL_ARGS_MAX || out->words == c->max_words)
				return abl_err_set(err, ABL_EINPUT,
						   "unexpected argument '%s'; usage: ablate %s %s",
						   word, c->name, c->usage);
			out->word[out->words++] = word;
			continue;
		}
		if (!strcmp(word, "--")) {
			only_words = true;
			out->own_words = out->words;
			continue;
		}
		if (word[1] == '-') {
			size_t length = strcspn(word + 2, "=");

			value = word[2 + length] ? word + 3 + length : NULL;
			at = find(c, word + 2, length, 0);
		} else {
			value = word[2] ? word + 2 : NULL;
			at = find(c, "", 0, word[1]);
		}
		if (at < 0)
			return unknown(c, word, word + 1 + (word[1] == '-'), err);
		if (c->options[at].type == ABL_ARG_FLAG) {
			if (value)
				return abl_err_set(err, ABL_EINPUT, "--%s takes no value",
						   c->options[at].name);
			value = "";
		} else if (!value && ++i == argc) {
			return abl_err_set(err, ABL_EINPUT, "--%s needs a value: %s",
					   c->options[at].name, c->options[at].value);
		} else {
			value = value ? value : argv[i];
			if (check(&c->options[at], value, err))
				return ABL_EINPUT;
		}
		if (c->options[at].many && out->option[at])
			value = joined(out->option[at], value);
		/* a name, which a keyboard may spell otherwise than the study's file */
		out->option[at] = strcmp(c->options[at].name, "task") ? value : abl_nfc(value);
	}
	if (!only_words)
		out->own_words = out->words;
	if (out->words < c->min_words)
		return abl_err_set(err, ABL_EINPUT, "an argument is missing; usage: ablate %s %s",
				   c->name, c->usage);
	return 0;
}

static const char *given(const struct abl_args *a, const char *name)
{
	int at = find(a->command, name, strlen(name), 0);

	assert(at >= 0);
	return a->option[at];
}

bool abl_command_takes(const struct abl_command *command, const char *option)
{
	return find(command, option, strlen(option), 0) >= 0;
}

const char *abl_args_given(const struct abl_args *a, const char *name)
{
	return abl_command_takes(a->command, name) ? given(a, name) : NULL;
}

static const struct abl_command *const *commands; /* all of them, ending with NULL */

void abl_commands_are(const struct abl_command *const *all)
{
	commands = all;
}

const struct abl_command *abl_command_at(size_t i)
{
	return commands ? commands[i] : NULL;
}

const struct abl_command *abl_command_find(const char *name)
{
	for (size_t i = 0; commands && commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

const char *abl_args_text(const struct abl_args *a, const char *name)
{
	return given(a, name);
}

bool abl_args_flag(const struct abl_args *a, const char *name)
{
	return given(a, name) != NULL;
}

int64_t abl_args_int(const struct abl_args *a, const char *name, int64_t fallback)
{
	const char *text = given(a, name);

	if (text)
		(void)abl_parse_int(text, &fallback);
	return fallback;
}

double abl_args_real(const struct abl_args *a, const char *name, double fallback)
{
	const char *text = given(a, name);

	if (text)
		(void)abl_parse_real(text, &fallback);
	return fallback;
}

const char *abl_args_store(const struct abl_args *a)
{
	const char *store = given(a, "store");

	if (!store)
		store = getenv("ABLATE_STORE");
	return store && *store ? store : "./ablate-store";
}
