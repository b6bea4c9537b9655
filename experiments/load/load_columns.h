/* SPDX-License-Identifier: Apache-2.0 */
/* load_columns.h - what each column of a table of results is. */
#ifndef ABL_LOAD_COLUMNS_H
#define ABL_LOAD_COLUMNS_H

#include "load_table.h"

#include <stdbool.h>

enum abl_load_role { /* the first ones have one column at most, by their names */
		     ABL_LOAD_VARIANT,
		     ABL_LOAD_TASK,
		     ABL_LOAD_SEED,
		     ABL_LOAD_STATE,
		     ABL_LOAD_REASON,
		     ABL_LOAD_SECONDS,
		     ABL_LOAD_NAMED, /* how many these are */
		     ABL_LOAD_METRIC = ABL_LOAD_NAMED,
		     ABL_LOAD_OPTION,
		     ABL_LOAD_NOTHING, /* no name, or no value */
};
#define ABL_LOAD_NO_COLUMN ((size_t)-1)

struct abl_load_column {
	enum abl_load_role role;
	bool number, whole; /* every value is a number, an integer */
	bool asked;         /* named on the command line */
	bool loose;         /* differs within a variant on a task: no option */
};
struct abl_load_columns {
	struct abl_load_column *column; /* [columns of the table] */
	size_t named[ABL_LOAD_NAMED];   /* ABL_LOAD_NO_COLUMN: there is none */
	size_t metric; /* the main one that was asked for; ABL_LOAD_NO_COLUMN: none was */
	size_t first;  /* the first metric */
};

/* `options`: names of columns of numbers that are options, separated by commas; or NULL. `metric`:
 * the main one; or NULL. Ends with abl_load_columns_finish(). */
int abl_load_columns_find(struct abl_load_columns *out, const struct abl_load_table *t,
			  const char *options, const char *metric,
			  struct abl_err *err) ABL_MUST_USE;
void abl_load_columns_finish(struct abl_load_columns *c);

/* The number in a cell of a metric. False: it is empty, or says that there is none. */
bool abl_load_number(const struct abl_load_table *t, size_t row, size_t column, double *out);

#endif
