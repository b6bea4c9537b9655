/* SPDX-License-Identifier: Apache-2.0 */
/* json_rows.h - a table of JSON lines: an object a row, its keys as columns; and what JSON is that
 * is none. */
#ifndef ABL_JSON_ROWS_H
#define ABL_JSON_ROWS_H

#include "table_reader.h"

/* As abl_rows_read(): the first row given is a header, the keys of the first object. Texts are
 * given as they are, numbers and true and false as JSON writes them; a key that is missing or null
 * is NULL, a list or an object is abl_row_nested. ABL_EINPUT with the line: not a JSON object. */
int abl_json_rows_read(const char *path, abl_row_hook *hook, void *data,
		       struct abl_err *err) ABL_MUST_USE;

/* The error for a file of JSON where another table is due: what kind of JSON it is, what to do. */
int abl_json_rows_refuse(const char *path, struct abl_err *err);

#endif
