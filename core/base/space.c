/* SPDX-License-Identifier: Apache-2.0 */
#include "space.h"

#include "hint.h"

#include <stdlib.h>
#include <string.h>

struct abl_values {
	const struct abl_space *space;
	_Alignas(max_align_t) unsigned char config[];
};

const struct abl_key *abl_space_key(const struct abl_space *space, const char *name)
{
	for (size_t i = 0; i < space->key_count; i++)
		if (!strcmp(space->keys[i]->name, name))
			return space->keys[i];
	return NULL;
}

const struct abl_key *abl_space_role(const struct abl_space *space, enum abl_key_role role)
{
	for (size_t i = 0; i < space->key_count; i++)
		if (space->keys[i]->role == role)
			return space->keys[i];
	return NULL;
}

static const char *key_name(size_t i, const void *data)
{
	const struct abl_space *space = data;

	return space->keys[i]->name;
}

const char *abl_space_nearest(const struct abl_space *space, const char *name)
{
	return abl_hint_nearest(ABL_HINT_KEY, name, space->key_count, key_name, space);
}

void abl_resolving_blame(struct abl_resolving *r, const struct abl_key *key)
{
	if (r && key && r->blamed_count < ABL_BLAMED)
		r->blamed[r->blamed_count++] = key;
}

struct abl_values *abl_values_create(const struct abl_space *space)
{
	struct abl_values *v = abl_calloc(1, sizeof *v + space->bytes);

	v->space = space;
	space->init(space, v->config);
	return v;
}

struct abl_values *abl_values_copy(const struct abl_values *v)
{
	struct abl_values *copy = abl_calloc(1, sizeof *v + v->space->bytes);

	copy->space = v->space;
	memcpy(copy->config, v->config, v->space->bytes);
	return copy;
}

void abl_values_destroy(struct abl_values *v)
{
	free(v);
}

const struct abl_space *abl_values_space(const struct abl_values *v)
{
	return v->space;
}

const void *abl_values_config(const struct abl_values *v)
{
	return v->config;
}

void *abl_values_config_mut(struct abl_values *v)
{
	return v->config;
}

void abl_values_get(const struct abl_values *v, const struct abl_key *key, struct abl_value *out)
{
	v->space->get(v->config, key, out);
}

int abl_values_set(struct abl_values *v, const struct abl_key *key, const struct abl_value *value,
		   struct abl_err *err)
{
	return v->space->set(v->config, key, value, err);
}

bool abl_values_active(const struct abl_values *v, const struct abl_key *key)
{
	return v->space->active(v->space, v->config, key);
}

int abl_values_resolve(struct abl_values *v, struct abl_resolving *r, struct abl_err *err)
{
	return v->space->resolve(v->space, v->config, r, err);
}

const char *abl_values_choice(const struct abl_values *v, enum abl_key_role role)
{
	const struct abl_key *key = abl_space_role(v->space, role);
	struct abl_value value;

	if (!key)
		return "";
	abl_values_get(v, key, &value);
	return value.choice;
}

bool abl_values_lacks(const struct abl_values *v, enum abl_key_role role)
{
	const struct abl_key *key = abl_space_role(v->space, role);
	struct abl_value value;

	if (!key)
		return true;
	abl_values_get(v, key, &value);
	return key->can_remove && abl_value_equal(&value, &key->none);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct abl_key *const *)a)->name,
		      (*(const struct abl_key *const *)b)->name);
}

/* Is there code behind its values that may change? */
static bool has_versions(const struct abl_space *space, const struct abl_key *key)
{
	return space->version && (key->component || key->role == ABL_KEY_PRECISION);
}

/* A key is left out where it has its default, so a new key makes no old stage new. */
static void add_canonical(const struct abl_values *v, const struct abl_key *key,
			  struct abl_str *out)
{
	const struct abl_space *space = v->space;
	struct abl_value now;
	int version;

	abl_values_get(v, key, &now);
	if (!abl_value_equal(&now, &key->def)) {
		abl_str_printf(out, "%s=", key->name);
		abl_value_text(&now, out);
		abl_str_puts(out, "\n");
	}
	version = has_versions(space, key) ? space->version(key, &now) : 1;
	if (version != 1)
		abl_str_printf(out, "%s:%s/%d\n", key->name, now.choice, version);
}

void abl_values_canonical(const struct abl_values *v, unsigned stages, struct abl_str *out)
{
	const struct abl_space *space = v->space;
	const struct abl_key **sorted = abl_malloc((space->key_count + 1) * sizeof *sorted);
	size_t n = 0;

	for (size_t i = 0; i < space->key_count; i++)
		if ((space->keys[i]->stages & stages) && abl_values_active(v, space->keys[i]))
			sorted[n++] = space->keys[i];
	qsort(sorted, n, sizeof *sorted, by_name);
	abl_str_add(out, "", 0);
	for (size_t i = 0; i < n; i++)
		add_canonical(v, sorted[i], out);
	free(sorted);
}

static void add_versions(const struct abl_space *space, const struct abl_key *key,
			 struct abl_str *out)
{
	const char *const *choice = has_versions(space, key) ? key->option->choices : NULL;

	for (; choice && *choice; choice++) {
		const struct abl_value value = {.type = ABL_CHOICE, .choice = *choice};

		abl_str_printf(out, " %s/%d", *choice, space->version(key, &value));
	}
}

const char *abl_space_hash(const struct abl_space *space, char out[ABL_HASH_TEXT])
{
	struct abl_hash *h = abl_hash_create();
	struct abl_str text = {0};

	for (size_t i = 0; i < space->key_count; i++) {
		const struct abl_key *key = space->keys[i];

		abl_str_clear(&text);
		abl_value_text(&key->def, &text);
		abl_str_printf(&text, " %u ", key->stages);
		abl_option_range(key->option, &text);
		add_versions(space, key, &text);
		abl_hash_field(h, key->name, text.text);
	}
	abl_hash_text(h, out);
	abl_hash_destroy(h);
	abl_str_finish(&text);
	return out;
}
