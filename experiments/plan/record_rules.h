/* SPDX-License-Identifier: Apache-2.0 */
/* record_rules.h - how a study is judged, for the record. */
#ifndef ABL_RECORD_RULES_H
#define ABL_RECORD_RULES_H

#include "store.h"
#include "study.h"

/* What its results are held against later, under the row of its study. */
int abl_record_rules(struct abl_store *store, const struct abl_study *s, int64_t study,
		     struct abl_err *err) ABL_MUST_USE;

#endif
