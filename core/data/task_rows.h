/* SPDX-License-Identifier: Apache-2.0 */
/* task_rows.h - the rows of a task's table (table_reader.h), by the columns that its spec names. */
#ifndef ABL_TASK_ROWS_H
#define ABL_TASK_ROWS_H

#include "errors.h"
#include "left_out.h"
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
	bool gold; /* it is the label: the spec may say what stands for none */
};

/* Called for each row; field [columns] holds NULL where the file has no such column, and where the
 * row has no gold label. Returns 0, an error, or what abl_task_rows_broken() does. */
struct abl_task_rows;
typedef int abl_task_row_hook(struct abl_task_rows *r, const char *const *field, size_t line,
			      struct abl_err *err);

struct abl_task_rows {
	const struct abl_task_spec *spec; /* its format, its header, what to do with broken rows */
	const char *path;
	const struct abl_task_column *columns;
	size_t count; /* of the columns, at most ABL_ROW_COLUMNS */
	size_t limit; /* rows to give at most; 0 = all */
	bool all;     /* rows without a gold label are given as well: predictions are by number */
	bool each;    /* every row must be given, if without the optional columns: a prediction is
			 due for it, whatever the spec says of broken rows */
	abl_task_row_hook *hook;
	void *data;
	size_t rows;                  /* out: given to the hook, and taken */
	struct abl_left_out left_out; /* out */
};

/* Reads the file at `path`. ABL_EINPUT with file and line: a missing or empty file, a header alone,
 * a missing column (with the nearest name), a row with too few columns, or with more than the
 * header has (without a header: with another number than the first row). */
int abl_task_rows_read(struct abl_task_rows *r, struct abl_err *err) ABL_MUST_USE;

/* The place in the file of the row that the hook is given, from 0; those left out count. */
size_t abl_task_rows_place(const struct abl_task_rows *r);

/* What becomes of a row that is broken: 1 where the spec says `broken: skip`, and it is counted as
 * left out; else ABL_EINPUT with "file:line: " before the message. */
int abl_task_rows_broken(struct abl_task_rows *r, enum abl_left_why why, size_t line,
			 struct abl_err *err, const char *fmt, ...) ABL_PRINTF(5, 6);

#endif
