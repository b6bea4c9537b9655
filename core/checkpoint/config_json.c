/* SPDX-License-Identifier: Apache-2.0 */
#include "config_json.h"

#include "native_space.h"
#include "space_json.h"

json_t *abl_config_json(const struct abl_config *c)
{
	return abl_space_json(abl_native_space(), c);
}

int abl_config_from_json(struct abl_config *c, const json_t *options, struct abl_err *err)
{
	int rc = abl_space_from_json(abl_native_space(), c, options, err);

	return rc ? rc : abl_config_resolve(c, NULL, err);
}
