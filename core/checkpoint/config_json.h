/* SPDX-License-Identifier: Apache-2.0 */
/* config_json.h - a configuration as a JSON object: in trial files, in the results database, under
 * "ablate" in a checkpoint's config.json. */
#ifndef ABL_CONFIG_JSON_H
#define ABL_CONFIG_JSON_H

#include "config.h"

#include <jansson.h>

/* Every active option by its key (caller's reference). */
json_t *abl_config_json(const struct abl_config *c);
/* The configuration that the options make, resolved; those not named have their defaults.
 * ABL_EINPUT: not an object, an option that this version does not know, a value that cannot be. */
int abl_config_from_json(struct abl_config *c, const json_t *options,
			 struct abl_err *err) ABL_MUST_USE;

#endif
