/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "last_plan.h"
#include "sql.h"
#include "store.h"

int abl_read_varies(struct abl_store *store, int64_t study, const char *names, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT 1 FROM varying_options "
				"WHERE study_id = ?1 AND instr(?2, ' ' || name || ' ')",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	abl_query_set_text(q, 2, names);
	rc = abl_query_step(q, err);
	abl_query_close(q);
	return rc;
}

int abl_read_numeric_options(struct abl_store *store, int64_t study,
			     void (*hear)(void *data, const char *name), void *data,
			     struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT name FROM varying_options WHERE study_id = ?1 AND numeric ORDER BY n DESC, "
		"name = 'learning_rate' DESC, name IN ('heads', 'ffn_size'), name",
		err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0));
	abl_query_close(q);
	return rc;
}

int abl_read_options(struct abl_store *store, int64_t study, abl_hear_option *hear, void *data,
		     struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT p.name, p.canonical, p.variant_id, coalesce(p.real_value, p.int_value) "
		"FROM " ABL_SQL_VARIANTS
		"JOIN variant_option p ON p.variant_id = v.id AND p.task = '' "
		"ORDER BY p.name IN ('heads', 'ffn_size'), p.name",
		err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_option_value){.name = abl_query_text(q, 0),
						      .canonical = abl_query_text(q, 1),
						      .variant = abl_query_int(q, 2),
						      .number = abl_query_real(q, 3)});
	abl_query_close(q);
	return rc;
}
