/* SPDX-License-Identifier: Apache-2.0 */
#include "training_table.h"

#include "query_table.h"
#include "str.h"
#include "sql.h"
#include "store.h"

/* Columns: means over the trials of a result that their stage in some role gave, or of its seconds.
 * A stage that several trials share counts for each. */
static const struct {
	const char *heading, *role, *result; /* SQL for its name; NULL: seconds */
} columns[] = {
	{"train", "evaluate", "'train_' || k.metric"},
	{"gap", "evaluate", "'gap_' || k.metric"},
	{"loss_gap", "evaluate", "'gap_loss'"},
	{"noise", "finetune", "'gradient_noise_scale'"},
	{"pretrain_noise", "pretrain", "'gradient_noise_scale'"},
	{"sharpness", "evaluate", "'sharpness'"},
	{"relative", "evaluate", "'sharpness_relative'"},
	{"seconds", "finetune", NULL},
	{"pretrain_seconds", "pretrain", NULL},
};

static void add_column(struct abl_str *sql, size_t i)
{
	abl_str_printf(sql, ", avg((SELECT %s FROM trial_stage l JOIN stage s ON s.id = l.stage_id",
		       columns[i].result ? "r.value" : "s.seconds");
	if (columns[i].result)
		abl_str_printf(sql, " JOIN result r ON r.stage_id = s.id AND r.name = %s",
			       columns[i].result);
	abl_str_printf(sql, " WHERE l.trial_id = t.trial_id AND l.role = '%s')) AS %s",
		       columns[i].role, columns[i].heading);
}

int abl_training_print(struct abl_store *store, int64_t study, enum abl_table_format format,
		       struct abl_err *err)
{
	struct abl_str sql = {0};
	struct abl_query *q;
	int code;

	abl_str_puts(&sql, "SELECT t.task, t.variant, k.metric, count(*) AS n");
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		add_column(&sql, i);
	abl_str_puts(&sql, " FROM trial_states t "
			   "JOIN task k ON k.study_id = t.study_id AND k.name = t.task "
			   "WHERE t.study_id = ?1 AND t.state = 'done' "
			   "GROUP BY t.variant_id, t.task "
			   "ORDER BY k.position, t.position, t.variant_id");
	code = abl_query_open(&q, abl_store_sql(store), sql.text, err);
	if (!code) {
		abl_query_set_int(q, 1, study);
		code = abl_query_print(q, format, err);
		abl_query_close(q);
	}
	abl_str_finish(&sql);
	return code;
}
