/* SPDX-License-Identifier: Apache-2.0 */
#include "query_table.h"
#include "sql.h"
#include "store.h"

#include <math.h>
#include <stdio.h>

void abl_table_put(struct abl_table *t, enum abl_table_format format)
{
	struct abl_str out = {0};

	abl_table_render(t, format, &out);
	fputs(out.text, stdout);
	abl_str_finish(&out);
	abl_table_destroy(t);
}

static void add_value(struct abl_table *t, const struct abl_query *q, int column)
{
	char shown[32];

	switch (abl_query_type(q, column)) {
	case ABL_COLUMN_INT:
		abl_table_int(t, abl_query_int(q, column));
		break;
	case ABL_COLUMN_REAL:
		snprintf(shown, sizeof shown, "%.6g", abl_query_real(q, column));
		abl_table_real(t, abl_query_real(q, column), shown);
		break;
	default:
		abl_table_text(t, abl_query_text(q, column));
	}
}

int abl_query_print(struct abl_query *q, enum abl_table_format format, struct abl_err *err)
{
	struct abl_table *t = NULL;
	int columns = abl_query_columns(q), code = abl_query_step(q, err);

	if (code < 0)
		return code;
	t = abl_table_create();
	for (int i = 0; i < columns; i++) { /* the first row decides where its column lies */
		enum abl_column type = code ? abl_query_type(q, i) : ABL_COLUMN_TEXT;

		abl_table_column(t, abl_query_name(q, i),
				 type == ABL_COLUMN_INT || type == ABL_COLUMN_REAL);
	}
	for (; code == 1; code = abl_query_step(q, err))
		for (int i = 0; i < columns; i++)
			add_value(t, q, i);
	if (code)
		abl_table_destroy(t);
	else
		abl_table_put(t, format);
	return code;
}
