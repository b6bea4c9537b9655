/* SPDX-License-Identifier: Apache-2.0 */
#include "predicted.h"

#include "sql.h"
#include "study_query.h"

/* As in trials.c: a program's scores on a test file are a metric of its own, of the same stages,
 * and its last step is not always called 'evaluate'. */
#define OWN "coalesce(k.type, '') = ''"
#define TOLD "r.name = iif(?4 = 'test' AND " OWN ", 'test_', '') || ?3"

static const char sql[] =
	"SELECT t.variant, t.is_baseline, t.state, t.seed, "
	" max(r.value) FILTER (WHERE " TOLD "), count(*) FILTER (WHERE " TOLD "),"
	" max(iif(s.state = 'done' AND s.artifact IS NOT NULL AND p.file IS NOT NULL,"
	"  s.artifact || '/' || p.file, NULL)),"
	" (SELECT min(o.stage_id) FROM trial_stage o"
	"  WHERE o.trial_id = t.trial_id AND o.role = 'pretrain'),"
	" coalesce(k.type, ''), t.diverged, v.kind "
	"FROM trial_states t JOIN variant v ON v.id = t.variant_id "
	"JOIN task k ON k.study_id = t.study_id AND k.name = t.task "
	"LEFT JOIN trial_stage l ON l.trial_id = t.trial_id AND (l.role = ?4 OR (?4 = 'test' "
	"AND " OWN " AND l.role = 'evaluate') OR ((?4 = 'evaluate' OR " OWN ") "
	"AND l.role GLOB 'step *')) "
	"LEFT JOIN stage s ON s.id = l.stage_id "
	"LEFT JOIN prediction p ON p.stage_id = l.stage_id "
	"LEFT JOIN result r ON r.stage_id = l.stage_id "
	"WHERE t.study_id = ?1 AND t.task = ?2 "
	"GROUP BY t.trial_id ORDER BY t.position, t.variant_id, t.seed";

enum column {
	VARIANT,
	BASELINE,
	STATE,
	SEED,
	VALUE,
	TOLD_COUNT,
	FILE_NAME,
	PRETRAINING,
	TYPE,
	DIVERGED
};

int abl_read_predicted(struct abl_store *store, int64_t study, const char *task, const char *metric,
		       bool tests, void (*hear)(void *data, const struct abl_read_predicted *trial),
		       void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	abl_query_set_text(q, 3, metric);
	abl_query_set_text(q, 4, tests ? "test" : "evaluate");
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data,
		     &(struct abl_read_predicted){
			     .variant = abl_query_text(q, VARIANT),
			     .type = abl_query_text(q, TYPE),
			     .diverged = abl_query_int(q, DIVERGED),
			     .is_baseline = abl_query_int(q, BASELINE),
			     .state = (enum abl_state)abl_state_find(abl_query_text(q, STATE)),
			     .told = abl_query_int(q, TOLD_COUNT) > 0,
			     .seed = abl_query_int(q, SEED),
			     .pretraining = abl_query_int(q, PRETRAINING),
			     .value = abl_query_real(q, VALUE),
			     .file = abl_query_text(q, FILE_NAME),
		     });
	abl_query_close(q);
	return rc;
}
