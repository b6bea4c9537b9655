/* SPDX-License-Identifier: Apache-2.0 */
#include "space_json.h"

#include "json.h"

static json_t *value_json(const struct abl_value *v)
{
	switch (v->type) {
	case ABL_INT:
		return json_integer(v->i);
	case ABL_REAL:
		return json_real(v->r);
	case ABL_BOOL:
		return json_boolean(v->i);
	case ABL_CHOICE:
	case ABL_TEXT:
		break;
	}
	return json_string(v->choice);
}

json_t *abl_space_json(const struct abl_space *space, const void *config)
{
	struct abl_value v;
	struct abl_json j;

	abl_json_begin(&j);

	for (size_t i = 0; i < space->key_count; i++) {
		const struct abl_key *key = space->keys[i];

		if (!space->active(space, config, key))
			continue;
		space->get(config, key, &v);
		abl_json_put(&j, j.root, key->name, value_json(&v));
	}
	return abl_json_take(&j);
}

static bool json_value(const json_t *v, struct abl_value *out)
{
	if (json_is_integer(v))
		*out = (struct abl_value){.type = ABL_INT, .i = json_integer_value(v)};
	else if (json_is_real(v))
		*out = (struct abl_value){.type = ABL_REAL, .r = json_real_value(v)};
	else if (json_is_boolean(v))
		*out = (struct abl_value){.type = ABL_BOOL, .i = json_is_true(v)};
	else if (json_is_string(v))
		*out = (struct abl_value){.type = ABL_CHOICE, .choice = json_string_value(v)};
	else
		return false;
	return true;
}

/* Components come first: an option of a component is one of the component that is chosen. */
int abl_space_from_json(const struct abl_space *space, void *config, const json_t *options,
			struct abl_err *err)
{
	json_t *all = (json_t *)(uintptr_t)options, *v; /* only read */
	const char *name;

	space->init(space, config);
	if (!json_is_object(options))
		return abl_err_set(err, ABL_EINPUT, "the configuration is not a map of options");
	for (int components = 1; components >= 0; components--)
		json_object_foreach(all, name, v)
		{
			const struct abl_key *key = abl_space_key(space, name);
			struct abl_value value;

			if (!key || !json_value(v, &value))
				return abl_err_set(err, ABL_EINPUT, "unknown option '%.60s'", name);
			if (key->component == components && space->set(config, key, &value, err))
				return ABL_EINPUT;
		}
	return 0;
}

json_t *abl_values_json(const struct abl_values *v)
{
	return abl_space_json(abl_values_space(v), abl_values_config(v));
}
