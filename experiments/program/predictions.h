/* SPDX-License-Identifier: Apache-2.0 */
/* predictions.h - a program's predictions, example by example, as the store keeps them: a table
 * `predictions.tsv` with the columns `id` and `correct`, in the program's order. */
#ifndef ABL_PREDICTIONS_H
#define ABL_PREDICTIONS_H

#include "errors.h"
#include "order.h"
#include "str.h"

/* Is what a study says of `from` a file below {out}? For the plan. ABL_EINPUT: without a place. */
int abl_predictions_check(const char *from, struct abl_err *err) ABL_MUST_USE;
/* Reads JSON lines, a list of JSON, CSV or TSV: what the order's `predictions` names, of several
 * files the last. `path` gets the file below {out}; one from before `began` is none. ABL_EINPUT,
 * with file and line: there is none, a row lacks a column, `correct` is no number, an id comes
 * twice. */
int abl_predictions_write(const struct abl_order *o, const char *folder, double began,
			  struct abl_str *path, struct abl_err *err) ABL_MUST_USE;

#endif
