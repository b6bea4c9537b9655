/* SPDX-License-Identifier: Apache-2.0 */
/* loose_json.h - JSON as Python writes it: NaN and Infinity as values, numbers of any length, a
 * byte order mark; and as shells write it: .5 for 0.5. */
#ifndef ABL_LOOSE_JSON_H
#define ABL_LOOSE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* One value, the caller's; NULL: it is not JSON, and `error` (may be NULL) says why. `text` is
 * written to, in place, and need not end with a zero. */
json_t *abl_loose_json(char *text, size_t length, json_error_t *error);
/* What stands in the value for NaN or Infinity: a text that nobody writes. */
bool abl_loose_json_special(const char *text, double *out);

#endif
