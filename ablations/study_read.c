/* SPDX-License-Identifier: Apache-2.0 */
/* study_read.c - reads the maps of a study file by a table of its keys. */
#include "hint.h"
#include "node_value.h"
#include "str.h"
#include "study_source.h"

#include <stdio.h>
#include <string.h>

int abl_study_read_option(struct abl_study *s, const struct abl_option *o, const struct abl_node *n,
			  struct abl_err *err)
{
	struct abl_value v;

	if (abl_node_option(n, o, o->name, NULL, &v, err))
		return ABL_EINPUT;
	return abl_option_set(o, s, o->name, &v, err);
}

void abl_study_field_type(const struct abl_study_field *f, struct abl_str *out)
{
	if (f->option)
		abl_option_range(f->option, out);
	else
		abl_str_puts(out, f->type);
}

bool abl_study_field_fits(const struct abl_study_field *f, const struct abl_study *s)
{
	return f->of == ABL_OF_ALL || (f->of == ABL_OF_PROGRAM) == (s->program != NULL);
}

const char *abl_field_of_name(enum abl_field_of of)
{
	static const char *const names[] = {[ABL_OF_ALL] = "all",
					    [ABL_OF_ENGINE] = "of the built-in engine",
					    [ABL_OF_PROGRAM] = "with 'command:'"};

	return names[of];
}

/* The row of prefix + key that is no deeper, or NULL. `fits`: one for this study. */
static const struct abl_study_field *find_field(const struct abl_study *s, const char *prefix,
						const char *key, bool fits)
{
	size_t n = strlen(prefix);

	for (const struct abl_study_field *f = s->source->fields; f->name; f++)
		if (!strncmp(f->name, prefix, n) && !strcmp(f->name + n, key) &&
		    !strchr(key, '.') && (!fits || abl_study_field_fits(f, s)))
			return f;
	return NULL;
}

const struct abl_study_field *abl_study_field_of(const struct abl_study *s, const char *map,
						 const char *key)
{
	const size_t n = strlen(map);

	for (const struct abl_study_field *f = s->source->fields; f->name; f++)
		if (!strncmp(f->name, map, n) && f->name[n] == '.' &&
		    !strcmp(f->name + n + 1, key) && abl_study_field_fits(f, s))
			return f;
	return NULL;
}

/* The keys of one map. */
struct keys {
	const struct abl_study *study;
	const struct abl_study_field *fields;
	const char *prefix;
};

static const char *key_at(size_t i, const void *data)
{
	const struct keys *k = data;
	const char *name = k->fields[i].name;
	size_t n = strlen(k->prefix);

	return !strncmp(name, k->prefix, n) && !strchr(name + n, '.') &&
			       abl_study_field_fits(&k->fields[i], k->study)
		       ? name + n
		       : NULL;
}

/* A key of the other kind of study. */
static int misplaced(const struct abl_study *s, const struct abl_node *key,
		     const struct abl_study_field *f, struct abl_err *err)
{
	const struct abl_node *root = s->source->tree.root;

	if (s->program)
		return abl_node_fail(
			key, "remove it", err,
			"'%s' is for studies of the built-in engine; this one has '%s:'", f->name,
			abl_node_get(root, "command") ? "command" : "steps");
	return abl_node_fail(key, "remove it, or name the program: 'command: [python, train.py]'",
			     err, "'%s' belongs to a study with 'command:', and this one has none",
			     f->name);
}

/* The keys of a file are looked at before its options are known. */
static bool is_option(const struct abl_study *s, const char *name)
{
	const struct abl_node *options = abl_node_get(s->source->tree.root, "options");

	if (!s->program)
		return abl_space_key(s->space, name);
	return options && options->kind == ABL_NODE_MAP && abl_node_get(options, name);
}

static int unknown(const struct abl_study *s, const struct abl_node *key, const char *prefix,
		   struct abl_err *err)
{
	const struct keys keys = {s, s->source->fields, prefix};
	const char *help = "'ablate components study-file' lists the keys of a study file", *near,
		   *meant;
	const struct abl_study_field *other = find_field(s, prefix, key->text, false);
	size_t count = 0;

	if (other)
		return misplaced(s, key, other, err);
	while (keys.fields[count].name)
		count++;
	near = abl_hint_nearest(ABL_HINT_STUDY_KEY, key->text, count, key_at, &keys);
	if (!near && !*prefix && is_option(s, key->text))
		return abl_node_fail(key, help, err, "'%s' belongs under 'baseline:'", key->text);
	if (!*prefix && !s->program && !abl_hint(ABL_HINT_STUDY_KEY, key->text) &&
	    (meant = abl_hint(ABL_HINT_KEY, key->text)) && abl_space_key(s->space, meant))
		return abl_node_fail(key, help, err,
				     "unknown key '%.60s'; did you mean '%s', under 'baseline:'?",
				     key->text, meant);
	return abl_node_fail(key, help, err, "unknown key '%.60s'%s%s%s", key->text,
			     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int read_field(struct abl_study *s, const struct abl_study_field *f,
		      const struct abl_node *value, struct abl_err *err)
{
	if (f->option)
		return abl_study_read_option(s, f->option, value, err);
	return f->read ? f->read(s, value, err) : 0;
}

int abl_study_check_keys(const struct abl_study *s, const struct abl_node *map, const char *prefix,
			 struct abl_err *err)
{
	size_t n = strlen(prefix);
	char name[32] = "study";

	if (n)
		snprintf(name, sizeof name, "%.*s", (int)n - 1, prefix);
	if (abl_node_expect(map, ABL_NODE_MAP, name, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < map->count; i += 2)
		if (!find_field(s, prefix, map->items[i]->text, true))
			return unknown(s, map->items[i], prefix, err);
	return 0;
}

int abl_study_read_fields(struct abl_study *s, const struct abl_node *map, const char *prefix,
			  struct abl_err *err)
{
	const struct keys keys = {s, s->source->fields, prefix};

	if (abl_study_check_keys(s, map, prefix, err))
		return ABL_EINPUT;
	for (size_t i = 0; keys.fields[i].name; i++) {
		const struct abl_study_field *f = &keys.fields[i];
		const char *key = key_at(i, &keys);
		const struct abl_node *value = key ? abl_node_get(map, key) : NULL;

		if (value && read_field(s, f, value, err))
			return ABL_EINPUT;
		if (key && !value && !strcmp(f->def, "needed"))
			return abl_node_fail(map, f->help, err, "'%s' is missing", f->name);
	}
	return 0;
}
