/* SPDX-License-Identifier: Apache-2.0 */
/* levels.h - which value each variant has of the keys that the study varies. */
#ifndef ABL_READ_LEVELS_H
#define ABL_READ_LEVELS_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

struct abl_level { /* texts last for the call */
	const char *variant, *name;
	const char *canonical; /* NULL: the variant has no such key */
	double number;         /* NaN: it is no number */
};
/* Variant by variant in the order of listings, each with every key that its designs set in some
 * variant and that varies; in a study of an earlier program, every key that varies, but for what
 * usually follows from another. Values are those on the task. */
int abl_read_levels(struct abl_store *store, int64_t study, const char *task,
		    void (*hear)(void *data, const struct abl_level *level), void *data,
		    struct abl_err *err) ABL_MUST_USE;

#endif
