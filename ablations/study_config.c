/* SPDX-License-Identifier: Apache-2.0 */
/* study_config.c - settings of the study file -> configurations. */
#include "hint.h"
#include "node_value.h"
#include "str.h"
#include "study_source.h"

#include <assert.h>
#include <string.h>

void abl_placed_add(struct abl_placed_list *l, const struct abl_placed *p)
{
	abl_grow(&l->items, &l->capacity, l->count + 1, sizeof *l->items);
	l->items[l->count++] = *p;
}

void abl_study_keys_help(const struct abl_study *s, char *out, size_t size)
{
	struct abl_str names = {0};

	for (size_t i = 0; s->program && i < s->space->key_count; i++)
		abl_str_printf(&names, "%s%s", i ? ", " : "", s->space->keys[i]->name);
	if (s->program && s->space->key_count == 1)
		snprintf(out, size, "declare it: 'options: {lr: {type: real, default: 1e-3}}'");
	else if (s->program)
		snprintf(out, size, "the study's options are %s", names.text);
	else
		snprintf(out, size, "'ablate components' lists them all");
	abl_str_finish(&names);
}

static int unknown_key(const struct abl_study *s, const struct abl_node *key, struct abl_err *err)
{
	const char *text = key->kind == ABL_NODE_SCALAR ? key->text : "";
	const char *near = abl_space_nearest(s->space, text);
	char help[200];

	for (const struct abl_study_field *f = s->source->fields; f->name; f++)
		if (!strcmp(f->name, text) && abl_study_field_fits(f, s) &&
		    !abl_hint(ABL_HINT_KEY, text))
			return abl_node_fail(
				key, f->help, err,
				"'%s' is no key of a variant: it stands at the top level "
				"of the study file, for all of them",
				text);
	if (!near && abl_hint(ABL_HINT_STUDY_KEY, text))
		return abl_node_fail(
			key, NULL, err,
			"unknown key '%.60s'; did you mean '%s' at the top level of the "
			"study file, for all variants?",
			text, abl_hint(ABL_HINT_STUDY_KEY, text));
	abl_study_keys_help(s, help, sizeof help);
	return abl_node_fail(key, help, err, "unknown %s '%.60s'%s%s%s",
			     s->program ? "option" : "key", text, near ? "; did you mean '" : "",
			     near ? near : "", near ? "'?" : "");
}

/* A value of the study's key, refused with where to read what it takes. */
static int read_value(const struct abl_study *s, const struct abl_node *n,
		      const struct abl_key *key, struct abl_value *out, struct abl_err *err)
{
	struct abl_str path = {0}, help = {0};
	char place[600];
	int rc;

	if (!s->program)
		return abl_node_value(n, key, out, err);
	abl_str_printf(&path, "options.%s", key->name);
	abl_node_place(abl_study_node(s, path.text, false), place, sizeof place);
	abl_str_printf(&help, "the option is declared at %s", place);
	if (key->role == ABL_KEY_PLACEBO)
		abl_str_clear(&help);
	rc = abl_node_option(n, key->option, key->name, help.length ? help.text : NULL, out, err);
	abl_str_finish(&path);
	abl_str_finish(&help);
	return rc;
}

int abl_placed_read(const struct abl_study *s, const struct abl_node *key,
		    const struct abl_node *value, struct abl_placed *out, struct abl_err *err)
{
	const struct abl_key *k =
		key->kind == ABL_NODE_SCALAR ? abl_space_key(s->space, key->text) : NULL;

	if (!k)
		return unknown_key(s, key, err);
	*out = (struct abl_placed){.setting.key = k, .key = key, .value = value};
	if (read_value(s, value, k, &out->setting.value, err))
		return ABL_EINPUT;
	if (s->vocab_file && !s->init && k->role == ABL_KEY_VOCAB_SIZE)
		return abl_node_fail(key, "remove one of the two", err,
				     "the vocabulary is a file here, so its size cannot be set");
	if (abl_study_check_init(s, out, err))
		return ABL_EINPUT;
	if (!s->has_pretraining && !s->init && k->role == ABL_KEY_PRETRAINING &&
	    !abl_value_equal(&out->setting.value, &k->none))
		return abl_node_fail(value, "add 'pretraining: {texts: ...}' at the top level", err,
				     "there is no 'pretraining:' block to name the texts");
	return 0;
}

int abl_placed_read_map(const struct abl_study *s, const struct abl_node *map, const char *name,
			struct abl_placed_list *out, struct abl_err *err)
{
	if (abl_node_expect(map, ABL_NODE_MAP, name, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < map->count; i += 2) {
		struct abl_placed p;

		if (abl_study_field_of(s, name, map->items[i]->text))
			continue; /* no configuration key: it was read already */
		if (abl_placed_read(s, map->items[i], map->items[i + 1], &p, err))
			return ABL_EINPUT;
		for (size_t j = 0; j < out->count; j++)
			if (out->items[j].setting.key == p.setting.key)
				return abl_node_fail(p.key, "keep one of them", err,
						     "'%s' is set already on line %d",
						     p.setting.key->name, out->items[j].key->line);
		abl_placed_add(out, &p);
	}
	return 0;
}

/* Settings with their places or without: one list from either. */
struct settings {
	const struct abl_placed *placed;
	const struct abl_setting *plain;
	size_t count;
};

static const struct abl_setting *setting_at(const struct settings *l, size_t i)
{
	return l->placed ? &l->placed[i].setting : &l->plain[i];
}

static int set_all(struct abl_values *config, const struct settings *l, struct abl_err *err)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct abl_setting *s = setting_at(l, i);

		if (abl_values_set(config, s->key, &s->value, err))
			return ABL_EINPUT;
	}
	return 0;
}

int abl_study_build(const struct abl_study *s, const struct abl_point *point, int t,
		    struct abl_values **out, struct abl_resolving *r, struct abl_err *err)
{
	const struct abl_placed_list *base = &s->source->baseline;
	const struct settings of_point = {.placed = point ? point->settings.items : NULL,
					  .count = point ? point->settings.count : 0},
			      of_task = {.plain = t >= 0 ? s->tasks[t].overrides : NULL,
					 .count = t >= 0 ? s->tasks[t].override_count : 0};
	/* An option of a program that a task sets can be what a design varies. */
	const struct settings lists[3] = {{.placed = base->items, .count = base->count},
					  s->program ? of_task : of_point,
					  s->program ? of_point : of_task};
	struct abl_values *config = abl_values_create(s->space);
	int rc = abl_study_start(s, config, err);

	*out = NULL;
	for (int i = 0; i < 3 && !rc; i++)
		rc = set_all(config, &lists[i], err);
	rc = rc ? rc : abl_values_resolve(config, r, err);
	if (rc)
		abl_values_destroy(config);
	else
		*out = config;
	return rc;
}

static bool is_blamed(const struct abl_resolving *r, const struct abl_key *key)
{
	for (size_t i = 0; i < r->blamed_count; i++)
		if (r->blamed[i] == key)
			return true;
	return false;
}

const char *abl_study_combined_help(const struct abl_study *s)
{
	return s->program ? "the study's 'constraints' say what can be combined"
			  : "'ablate components' lists what can be combined";
}

int abl_study_baseline(const struct abl_study *s, struct abl_values **out, struct abl_err *err)
{
	const struct abl_node *root = s->source->tree.root, *at = abl_node_get(root, "baseline");
	const struct abl_placed_list *l = &s->source->baseline;
	struct abl_resolving r = {0};
	struct abl_err inner = {0};

	if (!abl_study_build(s, NULL, -1, out, &r, &inner))
		return 0;
	for (size_t i = 0; i < l->count; i++)
		if (is_blamed(&r, l->items[i].setting.key))
			at = l->items[i].value;
	if (s->program && !at)
		at = abl_node_get(root, "constraints");
	return abl_node_fail(at ? at : root, abl_study_combined_help(s), err, "%s%s",
			     s->program ? "the baseline is refused: " : "", inner.text);
}

/* Does the key say something only where there is pre-training? */
static bool needs_pretraining(const struct abl_space *space, const struct abl_key *key)
{
	const unsigned others = ABL_AT_VOCAB | ABL_AT_FINETUNE | ABL_AT_EVALUATE | ABL_AT_TUNING;
	const struct abl_key *pretraining = abl_space_role(space, ABL_KEY_PRETRAINING);
	struct abl_values *with, *without;
	bool needs;

	if (!(key->stages & others))
		return true;
	if (!pretraining)
		return false;
	with = abl_values_create(space);
	without = abl_values_create(space);
	needs = !abl_values_set(without, pretraining, &pretraining->none, NULL) &&
		abl_values_active(with, key) && !abl_values_active(without, key);
	abl_values_destroy(with);
	abl_values_destroy(without);
	return needs;
}

int abl_study_check_pretraining(const struct abl_study *s, const struct abl_placed *p,
				struct abl_err *err)
{
	const struct abl_key *key = p->setting.key;
	const bool whole = s->init && key->role == ABL_KEY_PRETRAINING;

	if (s->has_pretraining || (!whole && !needs_pretraining(s->space, key)))
		return 0;
	if (s->init)
		return abl_node_fail(
			p->key, "pre-train here: 'pretraining: {texts: ...}'", err,
			"'%s' belongs to pre-training, but this study starts from a checkpoint: a "
			"single pre-training is a sample of one, so no verdict is possible",
			key->name);
	return abl_node_fail(p->key,
			     "add 'pretraining: {texts: ...}', or remove it from the design", err,
			     "'%s' is a part of pre-training, but this study has no 'pretraining:' "
			     "block: every variant is trained from scratch",
			     key->name);
}

struct abl_values *abl_study_config(const struct abl_study *s, size_t v, size_t t)
{
	struct abl_values *config;
	int rc = abl_study_build(s, &s->source->points[v], (int)t, &config, NULL, NULL);

	assert(!rc);
	(void)rc;
	return config;
}
