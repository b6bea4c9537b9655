/* SPDX-License-Identifier: Apache-2.0 */
/* task_rows.h - the rows of a task's table (table_reader.h), by the columns that its spec names. */
#ifndef ABL_TASK_ROWS_H
#define ABL_TASK_ROWS_H

#include "errors.h"
#include "table_reader.h"
#include "task_spec.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_task_column {
	const char *what; /* in messages: "first text" */
	const char *name; /* as the spec has it: a header name, a number from 0, "last"; NULL: the
			     task has no such column */
	bool optional;    /* the file may lack it */
	bool apart;       /* it can be none of the others: there, an optional one is not there */
	/* a header that has this name, in a file that should have none, says where the column is;
	 * NULL: no such thing */
	const char *headed;
};

/* Called for each row; field [columns] holds NULL where the file has no such column. */
typedef int abl_task_row_hook(void *data, const char *const *field, size_t line,
			      struct abl_err *err);

struct abl_task_rows {
	const struct abl_task_spec *spec; /* its format, its header, what to do with broken rows */
	const char *path;
	const struct abl_task_column *columns;
	size_t count; /* of the columns, at most ABL_ROW_COLUMNS */
	size_t limit; /* rows to give at most; 0 = all */
	abl_task_row_hook *hook;
	void *data;
	size_t rows;    /* out: given to the hook */
	size_t skipped; /* out: too short, left out because the spec says `broken: skip` */
};

/* Reads the file at `path`. ABL_EINPUT with file and line: a missing or empty file, a header alone,
 * a missing column (with the nearest name), a row with too few columns. */
int abl_task_rows_read(struct abl_task_rows *r, struct abl_err *err) ABL_MUST_USE;

#endif
