/* SPDX-License-Identifier: Apache-2.0 */
/* removable.h - studies and variants as they are named to be removed, and who leans on them. */
#ifndef ABL_REMOVABLE_H
#define ABL_REMOVABLE_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

struct abl_removable {
	int64_t study, variant; /* variant 0: the whole study */
};

/* What "STUDY" or "STUDY/VARIANT" names, in any plan. ABL_EINPUT: there is none (the nearest name
 * is offered), or it is the baseline of a study. */
int abl_removable_find(struct abl_store *store, const char *word, struct abl_removable *out,
		       struct abl_err *err) ABL_MUST_USE;
/* The studies that confirm the best variant of this one. */
int abl_read_confirmers(struct abl_store *store, int64_t study,
			void (*hear)(void *data, int64_t study, const char *name), void *data,
			struct abl_err *err) ABL_MUST_USE;

#endif
