/* SPDX-License-Identifier: Apache-2.0 */
/* carry_rows.h - inside store_carry: rows of any table on their way into another store, where rows
 * have other numbers. */
#ifndef ABL_CARRY_ROWS_H
#define ABL_CARRY_ROWS_H

#include "store_carry.h"

struct abl_query;
struct abl_sql;

/* Whose number a column has. OF_TAKEN: a stage whose work is taken. */
enum abl_carry_of {
	ABL_OF_STUDY,
	ABL_OF_VARIANT,
	ABL_OF_TRIAL,
	ABL_OF_STAGE,
	ABL_OF_TAKEN,
	ABL_OF_RUN,
	ABL_OF_WORKER,
	ABL_OF_ROWS, /* how many there are */
	ABL_OF_NONE,
};

struct abl_carry_map { /* sorted by `from` */
	int64_t *from, *to;
	size_t count, from_capacity, to_capacity;
};

struct abl_carry {
	const struct abl_carry_request *request;
	struct abl_sql *from, *to;
	int64_t study; /* in the store that it comes from */
	struct abl_carry_map map[ABL_OF_ROWS];
	/* of a stage that was taken: what is added to its attempts' numbers */
	struct abl_carry_map shift;
};

struct abl_carry_table {
	const char *name;
	const char *rows;         /* ?1 is the study */
	enum abl_carry_of id;     /* whose numbers its `id` are; ABL_OF_NONE: nobody's */
	enum abl_carry_of stages; /* which of them `stage_id` is about */
};
extern const struct abl_carry_table abl_carry_tables[]; /* in their order; ends with name NULL */

void abl_carry_put(struct abl_carry_map *m, int64_t from, int64_t to);
bool abl_carry_get(const struct abl_carry_map *m, int64_t from, int64_t *to);
/* The column of that name in the query, or -1; its text in this row, or NULL. */
int abl_carry_column(const struct abl_query *q, const char *name);
const char *abl_carry_text(const struct abl_query *q, const char *name);
/* The value of the row's column into the place of another statement. */
void abl_carry_value(struct abl_query *out, int index, const struct abl_query *row, int column);
/* ABL_EINPUT: what the row says of files is nothing that this program writes. */
int abl_carry_check(const struct abl_carry_table *t, const struct abl_query *row,
		    struct abl_err *err) ABL_MUST_USE;
/* The statement that puts rows of q into the other store; `id` is that store's to give. */
int abl_carry_insert(struct abl_carry *c, const struct abl_carry_table *t,
		     const struct abl_query *q, struct abl_query **out,
		     struct abl_err *err) ABL_MUST_USE;
/* One row, unless it is about what is not taken. */
int abl_carry_row(struct abl_carry *c, const struct abl_carry_table *t, const struct abl_query *q,
		  struct abl_query *out, struct abl_err *err) ABL_MUST_USE;
typedef int abl_carry_each(struct abl_carry *c, const struct abl_carry_table *t,
			   const struct abl_query *q, struct abl_query *out, struct abl_err *err);
/* All rows of the study, each by `each`. */
int abl_carry_table(struct abl_carry *c, const struct abl_carry_table *t, abl_carry_each *each,
		    struct abl_err *err) ABL_MUST_USE;

#endif
