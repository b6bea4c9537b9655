/* SPDX-License-Identifier: Apache-2.0 */
/* space_json.h - the values of an option space as a JSON object. */
#ifndef ABL_SPACE_JSON_H
#define ABL_SPACE_JSON_H

#include "space.h"

#include <jansson.h>

/* Every active key and its value (caller's reference). */
json_t *abl_space_json(const struct abl_space *space, const void *config);
json_t *abl_values_json(const struct abl_values *v);
/* The values that the object names, the others at their defaults; not resolved. ABL_EINPUT: not an
 * object, a key that the space does not have, a value that cannot be. */
int abl_space_from_json(const struct abl_space *space, void *config, const json_t *options,
			struct abl_err *err) ABL_MUST_USE;

#endif
