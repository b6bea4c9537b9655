/* SPDX-License-Identifier: Apache-2.0 */
/* program_words.c - the {names} in words of a study: which there are, and what they may be. */
#include "hint.h"
#include "program_source.h"

#include <ctype.h>
#include <string.h>

const char *const abl_program_words[] = {"flags", "out",  "state",     "seed",    "variant",
					 "study", "task", "step",      "options", "gpus",
					 "cards", "port", "directory", NULL};

bool abl_is_program_word(const char *name, size_t length)
{
	for (const char *const *w = abl_program_words; *w; w++)
		if (strlen(*w) == length && !memcmp(*w, name, length))
			return true;
	return false;
}

bool abl_placeholder_next(const char **at, const char **name, size_t *length)
{
	for (const char *p = *at; (p = strchr(p, '{')); p++) {
		const char *close = strchr(p, '}');

		if (p[1] == '{') {
			p++;
			continue;
		}
		if (!close)
			return false;
		*name = p + 1;
		*length = (size_t)(close - p - 1);
		*at = close + 1;
		return true;
	}
	return false;
}

/* Behind the last {name}: does a brace open there? */
static bool is_open(const char *rest)
{
	while ((rest = strchr(rest, '{'))) {
		if (rest[1] != '{')
			return true;
		rest += 2;
	}
	return false;
}

static bool is_name(const char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !(*text & 0x80) && !strchr("_-.", *text))
			return false;
	return true;
}

bool abl_placeholder_named(const char *text, const char *name)
{
	const char *found;
	size_t length;

	while (abl_placeholder_next(&text, &found, &length))
		if (strlen(name) == length && !memcmp(name, found, length))
			return true;
	return false;
}

/* Words, then steps, then options: but not the placebo, which reaches nothing. */
struct names {
	const struct abl_study *study;
	size_t words;
};

static const char *name_at(size_t i, const void *data)
{
	const struct names *n = data;
	const struct abl_program *p = n->study->program;

	if (i < n->words)
		return abl_program_words[i];
	i -= n->words;
	return i < p->step_count ? p->steps[i].name
				 : n->study->space->keys[i - p->step_count]->name;
}

int abl_placeholders_check(const struct abl_study *s, const struct abl_node *n, const char *text,
			   struct abl_err *err)
{
	static const char help[] = "'{name}' stands for an option, a step or a word such as "
				   "'{out}'; for braces themselves write '{{' and '}}'";
	struct names names = {.study = s};
	const char *found;
	size_t length, count;

	while (abl_program_words[names.words])
		names.words++;
	count = names.words + s->program->step_count + s->space->key_count - 1;
	while (abl_placeholder_next(&text, &found, &length)) {
		const char *near;
		char name[80];
		bool known = false;

		for (size_t i = 0; i < count && !known; i++)
			known = length && strlen(name_at(i, &names)) == length &&
				!memcmp(name_at(i, &names), found, length);
		if (known)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)length, found);
		near = *name && is_name(name)
			       ? abl_hint_nearest(ABL_HINT_KEY, name, count, name_at, &names)
			       : NULL;
		return abl_node_fail(n, help, err, "'{%s}' stands for nothing%s%s%s", name,
				     near ? "; did you mean '{" : "", near ? near : "",
				     near ? "}'?" : "");
	}
	return is_open(text) ? abl_node_fail(n, help, err, "a brace is open") : 0;
}
