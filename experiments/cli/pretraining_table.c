/* SPDX-License-Identifier: Apache-2.0 */
#include "pretraining_table.h"

#include "query_table.h"
#include "str.h"
#include "table.h"
#include "sql.h"
#include "store.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Columns: the metric in the view `pretrainings`, and its heading. */
static const struct {
	const char *metric, *heading;
} columns[] = {
	{"mlm_perplexity", "mlm ppl"},
	{"mlm_bits_per_character", "bits/char"},
	{"mlm_accuracy", "mlm acc"},
	{"lm_perplexity", "lm ppl"},
	{"lm_bits_per_character", "bits/char"},
	{"lm_accuracy", "lm acc"},
	{"nsp_accuracy", "nsp acc"},
	{"nsp_majority", "majority"},
};
#define COLUMNS (sizeof columns / sizeof *columns)

#define OF_STUDY " WHERE study = (SELECT name FROM study WHERE id = ?1)"

static int open_query(struct abl_query **q, struct abl_store *store, const char *sql, int64_t study,
		      struct abl_err *err)
{
	int code = abl_query_open(q, abl_store_sql(store), sql, err);

	if (!code)
		abl_query_set_int(*q, 1, study);
	return code;
}

/* Which columns some variant of the study has. */
static int find_columns(struct abl_store *store, int64_t study, bool has[COLUMNS],
			struct abl_err *err)
{
	struct abl_query *q;
	int code = open_query(&q, store, "SELECT DISTINCT metric FROM pretrainings" OF_STUDY, study,
			      err);

	if (code)
		return code;
	while ((code = abl_query_step(q, err)) == 1)
		for (size_t i = 0; i < COLUMNS; i++)
			has[i] |= !strcmp(columns[i].metric, abl_query_text(q, 0));
	abl_query_close(q);
	return code;
}

/* 1 = the study's variants have different vocabularies. */
static int vocabularies_differ(struct abl_store *store, int64_t study, struct abl_err *err)
{
	static const char sql[] =
		"SELECT 1 FROM study y JOIN variant v ON v.study_id = y.id AND v.plan = y.plan "
		"JOIN variant_option o ON o.variant_id = v.id "
		"WHERE y.id = ?1 AND o.name IN ('vocab_size', 'cased') "
		"GROUP BY o.name HAVING count(DISTINCT o.canonical) > 1";
	struct abl_query *q;
	int code = open_query(&q, store, sql, study, err);

	if (code)
		return code;
	code = abl_query_step(q, err);
	abl_query_close(q);
	return code;
}

static int add_rows(struct abl_table *t, struct abl_query *q, const bool has[COLUMNS],
		    struct abl_err *err)
{
	char text[32];
	int code;

	while ((code = abl_query_step(q, err)) == 1) {
		abl_table_text(t, abl_query_text(q, 0));
		abl_table_int(t, abl_query_int(q, 1));
		for (size_t i = 0; i < COLUMNS; i++) {
			double x = abl_query_real(q, (int)i + 2);

			if (!has[i])
				continue;
			if (strstr(columns[i].metric, "perplexity") && isfinite(x))
				snprintf(text, sizeof text, "%.1f", x);
			else
				abl_format_score(x, text);
			abl_table_real(t, x, text);
		}
	}
	return code;
}

static int print_rows(struct abl_store *store, int64_t study, const bool has[COLUMNS],
		      struct abl_err *err)
{
	struct abl_table *t = abl_table_create();
	struct abl_str sql = {0};
	struct abl_query *q = NULL;
	int code;

	abl_table_column(t, "pre-training", false);
	abl_table_column(t, "n", true);
	abl_str_puts(&sql, "SELECT variant, max(n)");
	for (size_t i = 0; i < COLUMNS; i++) {
		abl_str_printf(&sql, ", max(mean) FILTER (WHERE metric = '%s')", columns[i].metric);
		if (has[i])
			abl_table_column(t, columns[i].heading, true);
	}
	abl_str_puts(
		&sql,
		" FROM pretrainings p" OF_STUDY " GROUP BY variant ORDER BY "
		"(SELECT v.position FROM variant v WHERE v.study_id = ?1 AND v.label = p.variant)");
	code = open_query(&q, store, sql.text, study, err);
	if (!code)
		code = add_rows(t, q, has, err);
	abl_query_close(q);
	abl_str_finish(&sql);
	if (code)
		abl_table_destroy(t);
	else
		abl_table_put(t, ABL_TABLE_PLAIN);
	return code;
}

int abl_pretraining_print(struct abl_store *store, int64_t study, struct abl_err *err)
{
	bool has[COLUMNS] = {false}, any = false;
	int code = find_columns(store, study, has, err), differ;

	for (size_t i = 0; i < COLUMNS; i++)
		any |= has[i];
	if (code || !any)
		return code;
	printf("\non the held-out documents, with masks that are the same for all variants:\n");
	code = print_rows(store, study, has, err);
	differ = code ? code : vocabularies_differ(store, study, err);
	if (differ < 0)
		return differ;
	if (has[0] && has[3])
		puts("not comparable: mlm and lm numbers (one sees both sides, the other the left "
		     "one)");
	if (differ)
		puts("not comparable: perplexities, for the vocabularies differ; bits/char are");
	return 0;
}
