/* SPDX-License-Identifier: Apache-2.0 */
#include "checkpoints.h"

#include "sql.h"
#include "store.h"

#include <string.h>

int abl_read_checkpoints(struct abl_store *store, int64_t study,
			 void (*hear)(void *data, const struct abl_read_checkpoint *checkpoint),
			 void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT v.label, t.task, t.seed, s.kind, s.state, s.artifact "
		"FROM study y JOIN variant v ON v.study_id = y.id AND v.plan = y.plan "
		"JOIN trial t ON t.variant_id = v.id AND t.plan = y.plan "
		"JOIN trial_stage l ON l.trial_id = t.id "
		"AND l.role IN ('pretrain', 'finetune', 'evaluate') "
		"JOIN stage s ON s.id = l.stage_id "
		"AND s.code IS NULL AND s.kind IN ('pretrain', 'finetune') WHERE y.id = ?1 "
		"ORDER BY v.position, v.id, t.task, t.seed, l.role",
		err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_read_checkpoint){
				   .variant = abl_query_text(q, 0),
				   .task = abl_query_text(q, 1),
				   .seed = abl_query_int(q, 2),
				   .pretraining = !strcmp(abl_query_text(q, 3), "pretrain"),
				   .state = abl_query_text(q, 4),
				   .artifact = abl_query_text(q, 5)});
	abl_query_close(q);
	return rc;
}
