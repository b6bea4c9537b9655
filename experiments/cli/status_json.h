/* SPDX-License-Identifier: Apache-2.0 */
/* status_json.h - how everything stands, as one object: docs/nights.md lists its fields. */
#ifndef ABL_STATUS_JSON_H
#define ABL_STATUS_JSON_H

#include "errors.h"

#include <jansson.h>

struct abl_args;

/* Opens the store of the command line, reads and closes it. `name` NULL: all studies. Caller's;
 * NULL after a failure. */
json_t *abl_status_json(const struct abl_args *args, const char *name,
			struct abl_err *err) ABL_MUST_USE;

#endif
