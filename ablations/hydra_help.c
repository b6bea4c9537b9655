/* SPDX-License-Identifier: Apache-2.0 */
#include "hydra_help.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 16, NAME = 128 };

/* The maps that a line lies in. */
struct nesting {
	struct {
		size_t indent;
		char name[NAME];
	} level[DEEPEST];
	size_t depth;
};

static void add_option(struct abl_help *out, const struct nesting *n, const char *key,
		       const char *value)
{
	struct abl_help_option o = {.metavar = abl_strdup("VALUE"), .help = abl_strdup("")};
	struct abl_str flag = {0};

	for (size_t i = 0; i < n->depth; i++)
		abl_str_printf(&flag, "%s.", n->level[i].name);
	abl_str_puts(&flag, key);
	o.flag = flag.text;
	o.name = abl_strdup(key);
	o.needed = !strcmp(value, "???");
	if (!strcmp(value, "true") ||
	    !strcmp(value, "false")) { /* as is said of truth values elsewhere */
		o.preset = abl_strdup(value);
		*o.preset = (char)toupper((unsigned char)*o.preset);
		o.may_stand = true;
	} else if (!o.needed && strcmp(value, "null") != 0 && !strstr(value, "${")) {
		const size_t length = strlen(value);
		const bool quoted =
			length >= 2 && strchr("'\"", *value) && value[length - 1] == *value;

		o.preset = abl_strdup(value + quoted);
		o.preset[length - 2 * quoted] = '\0';
	}
	abl_grow(&out->option, &out->capacity, out->count + 1, sizeof *out->option);
	out->option[out->count++] = o;
}

/* "key: value" or "key:", which begins a map; anything else, as items of lists, is passed over. */
static void take_line(struct abl_help *out, struct nesting *n, char *line)
{
	const size_t indent = strspn(line, " ");
	char *key = line + indent, *colon = strstr(key, ": ");
	size_t length = strlen(key);

	while (length && strchr(" \r", key[length - 1]))
		key[--length] = '\0';
	while (n->depth && n->level[n->depth - 1].indent >= indent)
		n->depth--;
	if (!isalpha((unsigned char)*key) && *key != '_')
		return;
	if (colon && colon[2]) {
		*colon = '\0';
		add_option(out, n, key, colon + 2 + strspn(colon + 2, " "));
	} else if (length && key[length - 1] == ':' && length < NAME && n->depth < DEEPEST) {
		key[length - 1] = '\0';
		n->level[n->depth].indent = indent;
		memcpy(n->level[n->depth++].name, key, length);
	}
}

/* A name that two maps have is told apart by theirs. */
static void name_options(struct abl_help *out)
{
	for (size_t i = 0; i < out->count; i++) {
		struct abl_help_option *o = &out->option[i];
		bool alone = true;

		for (size_t k = 0; k < out->count; k++) {
			const char *leaf = strrchr(out->option[k].flag, '.');

			alone = alone && (k == i || strcmp(leaf ? leaf + 1 : out->option[k].flag,
							   o->name) != 0);
		}
		if (!alone) {
			free(o->name);
			o->name = abl_strdup(o->flag);
		}
		for (char *c = o->name; *c; c++)
			if (!isalnum((unsigned char)*c))
				*c = '_';
	}
}

bool abl_hydra_help_read(struct abl_help *out, const char *text)
{
	const char *begin = strstr(text, "== Config =="), *end = strstr(text, "Powered by Hydra");
	struct nesting n = {0};
	struct abl_str config = {0};

	if (!begin || !strstr(text, "owered by Hydra"))
		return false;
	begin += strcspn(begin, "\n");
	if (end && end > begin)
		abl_str_add(&config, begin, (size_t)(end - begin));
	else
		abl_str_puts(&config, begin);
	for (char *line = config.text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (strncmp(line, "Override ", 9) != 0)
			take_line(out, &n, line);
	}
	name_options(out);
	abl_str_finish(&config);
	out->hydra = true;
	return true;
}
