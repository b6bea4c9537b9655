/* SPDX-License-Identifier: Apache-2.0 */
/* show_trial.h - one trial whole: what `ablate show` prints. */
#ifndef ABL_SHOW_TRIAL_H
#define ABL_SHOW_TRIAL_H

#include "errors.h"
#include "str.h"

#include <jansson.h>
#include <stdint.h>

struct abl_store;

/* All that the store has of it, and what its study file makes of it, as one object; docs/nights.md
 * lists its fields. NULL after a failure; caller's. */
json_t *abl_show_trial(struct abl_store *store, int64_t trial, struct abl_err *err) ABL_MUST_USE;
/* The same for people. Appends. */
void abl_show_trial_text(const json_t *trial, struct abl_str *out);

#endif
