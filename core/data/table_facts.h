/* SPDX-License-Identifier: Apache-2.0 */
/* table_facts.h - what a table's columns look like: how many different values, numbers or words. */
#ifndef ABL_TABLE_FACTS_H
#define ABL_TABLE_FACTS_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>

#define ABL_FACTS_VALUES 1000 /* different values of a column that are told apart */

struct abl_column_facts {
	char *first;     /* the cell of the file's first row: the header's name, or a value */
	size_t filled;   /* rows after the first in which it is not empty */
	size_t distinct; /* different values of them, at most ABL_FACTS_VALUES + 1 */
	bool number;     /* all of them are numbers, and */
	bool whole;      /* whole ones */
	bool first_number;
	bool first_seen;    /* the first row's value comes again */
	double least, most; /* of numbers */
	double words;       /* mean number of blank-separated words */
	double units;       /* the same, with each character of scripts without blanks as one */
	size_t long_units;  /* of a long cell: 99 % have as many or fewer */
};

struct abl_table_facts {
	const char
		*format; /* a task's: "tsv" where the first line has a TAB, "jsonl", else "csv" */
	size_t rows;     /* after the first one */
	struct abl_column_facts *column;
	size_t columns; /* of the first row */
};

/* Reads the table at `path`. ABL_EINPUT: what the reader of its format refuses, an empty file. *out
 * is overwritten; end it with abl_table_facts_finish() after success. */
int abl_table_facts_read(struct abl_table_facts *out, const char *path,
			 struct abl_err *err) ABL_MUST_USE;
void abl_table_facts_finish(struct abl_table_facts *f); /* null-safe */

/* Appends the texts of some columns as a text for pre-training: a row is a document, a cell a line,
 * blanks and line ends within it made one blank. Rows without any of them are left out. */
int abl_table_texts(const char *path, const char *format, bool header, const size_t *columns,
		    size_t count, struct abl_str *out, struct abl_err *err) ABL_MUST_USE;

#endif
