/* SPDX-License-Identifier: Apache-2.0 */
/* load_variants.h - what the labels of a loaded study say of its variants. */
#ifndef ABL_LOAD_VARIANTS_H
#define ABL_LOAD_VARIANTS_H

#include "load_known.h"

/* Sets l->baseline: the one asked for, the one that the study has, or the one called so. */
int abl_load_choose_baseline(struct abl_load *l, const struct abl_load_known *known,
			     struct abl_err *err) ABL_MUST_USE;
/* Puts the variants of the study and of the file, with options and changes of the latter; their
 * rows, in the order of the file, to `out`. */
int abl_load_put_variants(const struct abl_load *l, const struct abl_load_known *known,
			  struct abl_store *store, int64_t *out, struct abl_err *err) ABL_MUST_USE;
/* Fills l->unpaired. */
void abl_load_find_unpaired(struct abl_load *l, const struct abl_load_known *known);

#endif
