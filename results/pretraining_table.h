/* SPDX-License-Identifier: Apache-2.0 */
/* pretraining_table.h - what a study's pre-trainings reached on the held-out documents. */
#ifndef ABL_PRETRAINING_TABLE_H
#define ABL_PRETRAINING_TABLE_H

#include "store.h"
#include "str.h"

/* A heading, a row per variant, and which of the numbers must not be compared; appends. Nothing
 * when the study has no finished pre-training. */
int abl_pretraining_table(struct abl_str *out, struct abl_store *store, int64_t study,
			  struct abl_err *err) ABL_MUST_USE;

#endif
