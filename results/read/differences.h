/* SPDX-License-Identifier: Apache-2.0 */
/* differences.h - what each variant has other than the baseline. */
#ifndef ABL_DIFFERENCES_H
#define ABL_DIFFERENCES_H

#include "errors.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_store;

struct abl_difference { /* texts last for the call */
	const char *variant, *kind;
	const char *option;          /* NULL: the variant differs in nothing */
	const char *here, *baseline; /* values; NULL: there is no such option there */
	bool set; /* by the design; otherwise it follows from what is, or that is not known */
};
/* Variant by variant, in the order of listings, without the baseline; what the design set comes
 * first. */
int abl_read_differences(struct abl_store *store, int64_t study,
			 void (*hear)(void *data, const struct abl_difference *row), void *data,
			 struct abl_err *err) ABL_MUST_USE;

#endif
