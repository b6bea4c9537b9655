/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "schema.h"
#include "sql.h"
#include "store.h"
#include "str.h"

#include <stdlib.h>

static const enum abl_cell_type types[] = {
	[ABL_COLUMN_NULL] = ABL_CELL_NULL,
	[ABL_COLUMN_INT] = ABL_CELL_INT,
	[ABL_COLUMN_REAL] = ABL_CELL_REAL,
	[ABL_COLUMN_TEXT] = ABL_CELL_TEXT,
};

static void fill(const struct abl_query *q, struct abl_cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const int column = (int)i;
		struct abl_cell *c = &cells[i];

		/* the type comes first: asking for another changes it */
		c->type = types[abl_query_type(q, column)];
		c->i = c->type == ABL_CELL_INT ? abl_query_int(q, column) : 0;
		c->r = c->type == ABL_CELL_REAL ? abl_query_real(q, column) : 0;
		c->text = c->type == ABL_CELL_REAL ? NULL : abl_query_text(q, column);
	}
}

int abl_answer_rows(struct abl_query *q, const struct abl_listener *to, struct abl_err *err)
{
	const size_t count = (size_t)abl_query_columns(q);
	struct abl_cell *cells = abl_calloc(count + 1, sizeof *cells);
	int rc = abl_query_step(q, err);

	for (size_t i = 0; i < count; i++)
		cells[i].name = abl_query_name(q, (int)i);
	if (rc == 1)
		fill(q, cells, count);
	if (rc >= 0)
		to->head(to->data, cells, count);
	while (rc == 1) {
		to->row(to->data, cells, count);
		rc = abl_query_step(q, err);
		if (rc == 1)
			fill(q, cells, count);
	}
	free(cells);
	abl_query_close(q);
	return rc;
}

int abl_read_sql(struct abl_store *store, const char *sql, const struct abl_listener *to,
		 struct abl_err *err)
{
	struct abl_str text = {0};
	struct abl_err inner = {0};
	struct abl_query *q;
	int rc = abl_schema_expand(store, sql, &text, err);

	if (!rc) {
		rc = abl_query_open(&q, abl_store_sql(store), text.text, &inner);
		if (rc)
			abl_schema_explain(store, rc, inner.text, err);
	}
	abl_str_finish(&text);
	if (rc)
		return rc;
	if (abl_query_columns(q))
		return abl_answer_rows(q, to, err);
	abl_query_close(q);
	return abl_err_set(err, ABL_EINPUT, "the query returns no rows; start it with SELECT");
}
