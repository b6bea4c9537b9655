/* SPDX-License-Identifier: Apache-2.0 */
/* status_left.h - how long a study will take yet. */
#ifndef ABL_STATUS_LEFT_H
#define ABL_STATUS_LEFT_H

#include "errors.h"

#include <jansson.h>
#include <stdint.h>

struct abl_store;

/* Seconds: what the run says of itself, which knows best, else what the store knows. `file` is that
 * of the run, NULL: it runs another study, or none. */
int abl_status_left(struct abl_store *store, int64_t study, const json_t *file, double *left,
		    struct abl_err *err) ABL_MUST_USE;

#endif
