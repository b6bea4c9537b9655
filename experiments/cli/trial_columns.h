/* SPDX-License-Identifier: Apache-2.0 */
/* trial_columns.h - a row per trial with the columns that are asked for, or that fit a terminal. */
#ifndef ABL_TRIAL_COLUMNS_H
#define ABL_TRIAL_COLUMNS_H

#include "row_order.h"
#include "store.h"
#include "table.h"

#include <stdbool.h>
#include <stddef.h>

/* Prints the study's trials. `columns`: names joined by ','; NULL: all of them, and in a table for
 * people the first ones that fit 80 columns, with a word on the others; `tests`: the
 * main metric is that on the test file. ABL_EINPUT names the
 * nearest column. */
int abl_print_trials(struct abl_store *store, int64_t study, enum abl_table_format format,
		     const char *columns, const struct abl_row_order *order, bool tests,
		     struct abl_err *err) ABL_MUST_USE;

#endif
