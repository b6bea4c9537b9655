/* SPDX-License-Identifier: Apache-2.0 */
#include "config_json.h"

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
		break;
	}
	return json_string(v->choice);
}

json_t *abl_config_json(const struct abl_config *c)
{
	json_t *o = json_object();
	struct abl_value v;

	for (size_t i = 0; i < abl_key_count(); i++) {
		const struct abl_key *key = abl_key_at(i);

		if (!abl_config_active(c, key))
			continue;
		abl_config_get(c, key, &v);
		json_object_set_new(o, key->name, value_json(&v));
	}
	return o;
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

/* Slots come first: an option of a component is one of the component that is chosen. */
int abl_config_from_json(struct abl_config *c, const json_t *options, struct abl_err *err)
{
	json_t *all = (json_t *)(uintptr_t)options, *v; /* only read */
	const char *name;

	abl_config_init(c);
	if (!json_is_object(options))
		return abl_err_set(err, ABL_EINPUT, "the configuration is not a map of options");
	for (int slots = 1; slots >= 0; slots--)
		json_object_foreach(all, name, v)
		{
			const struct abl_key *key = abl_key_find(name);
			struct abl_value value;

			if (!key || !json_value(v, &value))
				return abl_err_set(err, ABL_EINPUT, "unknown option '%.60s'", name);
			if (key->is_slot == slots && abl_config_set(c, key, &value, err))
				return ABL_EINPUT;
		}
	return abl_config_resolve(c, NULL, NULL, err);
}
