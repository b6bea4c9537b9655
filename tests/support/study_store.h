/* SPDX-License-Identifier: Apache-2.0 */
/* study_store.h - puts a study of reference/verdicts.json into a store: tasks, arms, rules,
 * changes, and what every trial came to. */
#ifndef ABL_STUDY_STORE_H
#define ABL_STUDY_STORE_H

#include "store.h"

#include <jansson.h>

/* Ends the program with a message when anything fails. */
void study_store_fill(struct abl_store *s, const json_t *study);

#endif
