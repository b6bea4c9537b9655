/* SPDX-License-Identifier: Apache-2.0 */
/* rules.h - how a study is judged, and what its designs set. */
#ifndef ABL_READ_RULES_H
#define ABL_READ_RULES_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

/* Its rules as of its last plan, by name, subject and value; schema_6.sql says what they are. Texts
 * last for the call. None: it was planned by an earlier program. */
int abl_read_rules(struct abl_store *store, int64_t study,
		   void (*hear)(void *data, const char *name, const char *subject,
				const char *value),
		   void *data, struct abl_err *err) ABL_MUST_USE;

/* What the designs set in the variants of its last plan that the baseline has otherwise, variant by
 * variant, in their order. `variant` is its row, `canonical` the value's exact text. */
int abl_read_changes(struct abl_store *store, int64_t study,
		     void (*hear)(void *data, int64_t variant, const char *label, const char *name,
				  const char *canonical),
		     void *data, struct abl_err *err) ABL_MUST_USE;

#endif
