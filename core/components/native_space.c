/* SPDX-License-Identifier: Apache-2.0 */
#include "native_space.h"

#include "compute.h"
#include "native_config.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

/* The functions of the space: the same, on memory whose format only this folder knows. */

static void space_init(const struct abl_space *self, void *config)
{
	abl_config_init(config);
}

static void space_get(const void *config, const struct abl_key *key, struct abl_value *out)
{
	abl_config_get(config, key, out);
}

static int space_set(void *config, const struct abl_key *key, const struct abl_value *value,
		     struct abl_err *err)
{
	return abl_config_set(config, key, value, err);
}

static bool space_active(const struct abl_space *self, const void *config,
			 const struct abl_key *key)
{
	return abl_config_active(config, key);
}

/* What a study trains must be possible on this machine, too. */
static int space_resolve(const struct abl_space *self, void *config, struct abl_resolving *r,
			 struct abl_err *err)
{
	int rc = abl_config_resolve(config, r, err);

	if (rc)
		return rc;
	rc = abl_compute_check(((const struct abl_config *)config)->precision, err);
	if (rc)
		abl_resolving_blame(r, abl_config_key("precision"));
	return rc;
}

/* Of number formats: raise when the numbers change that products in it come to. */
static const struct {
	const char *precision;
	int version;
} formats[] = {{"fp32", 1}, {"bf16", 3}};

static int space_version(const struct abl_key *key, const struct abl_value *value)
{
	if (key->role == ABL_KEY_PRECISION)
		for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
			if (!strcmp(formats[i].precision, value->choice))
				return formats[i].version;
	return abl_component_find((enum abl_slot)abl_key_slot(key), value->choice)->version;
}

static struct abl_space space = {.name = "native",
				 .bytes = sizeof(struct abl_config),
				 .init = space_init,
				 .get = space_get,
				 .set = space_set,
				 .active = space_active,
				 .resolve = space_resolve,
				 .version = space_version};

static void add_keys(void)
{
	space.keys = abl_config_keys(&space.key_count);
}

const struct abl_space *abl_native_space(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, add_keys);
	return &space;
}

const struct abl_config *abl_native_config(const struct abl_values *v)
{
	assert(abl_values_space(v) == abl_native_space());
	return abl_values_config(v);
}

struct abl_config *abl_native_config_mut(struct abl_values *v)
{
	assert(abl_values_space(v) == abl_native_space());
	return abl_values_config_mut(v);
}
