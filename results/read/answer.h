/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - answers that are shown as they come: rows of named cells. */
#ifndef ABL_ANSWER_H
#define ABL_ANSWER_H

#include "errors.h"

#include <stddef.h>
#include <stdint.h>

struct abl_store;
struct abl_query;

enum abl_cell_type { ABL_CELL_NULL, ABL_CELL_INT, ABL_CELL_REAL, ABL_CELL_TEXT };

struct abl_cell {
	const char *name; /* of its column */
	enum abl_cell_type type;
	int64_t i;
	double r;
	const char *text; /* of texts and whole numbers; NULL: of the others */
};

/* Who hears the rows; cells last for the call. */
struct abl_listener {
	void *data;
	/* Once, before the first row, with its cells, or with ABL_CELL_NULL where there is none. */
	void (*head)(void *data, const struct abl_cell *cells, size_t count);
	void (*row)(void *data, const struct abl_cell *cells, size_t count);
};

/* The user's own question, in SQL; the name of a table or view alone asks for all of it.
 * ABL_EINPUT, with SQLite's own words: it cannot be read, it would change something, or it gives
 * no rows. */
int abl_read_sql(struct abl_store *store, const char *sql, const struct abl_listener *to,
		 struct abl_err *err) ABL_MUST_USE;

/* For the questions of this folder: runs the query, whose values are set, and ends it. */
int abl_answer_rows(struct abl_query *q, const struct abl_listener *to,
		    struct abl_err *err) ABL_MUST_USE;

#endif
