/* SPDX-License-Identifier: Apache-2.0 */
/* training_table.h - what the trainings of a study reached, beside the scores. */
#ifndef ABL_TRAINING_TABLE_H
#define ABL_TRAINING_TABLE_H

#include "store.h"
#include "table.h"

/* Prints a row per task and variant, means over the trials that are done: the main metric on
 * training examples, the generalisation gap, gradient noise scales, sharpness, seconds. */
int abl_training_print(struct abl_store *store, int64_t study, enum abl_table_format format,
		       struct abl_err *err) ABL_MUST_USE;

#endif
