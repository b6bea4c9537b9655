/* SPDX-License-Identifier: Apache-2.0 */
#include "stage_uses.h"

#include "sql.h"
#include "store.h"
#include "str.h"

/* Stages that studies have, with the stages that these read. Before schema 3 there was `parent`
 * alone. */
#define NEEDS                                                                         \
	"WITH RECURSIVE need(id, study, last) AS ("                                   \
	"SELECT l.stage_id, t.study_id, t.plan = y.plan FROM trial_stage l "          \
	"JOIN trial t ON t.id = l.trial_id JOIN study y ON y.id = t.study_id "        \
	"UNION SELECT u.stage_id, u.study_id, u.plan = y.plan FROM tuning_stage u "   \
	"JOIN study y ON y.id = u.study_id "                                          \
	"UNION SELECT i.input_id, n.study, n.last FROM need n "                       \
	"JOIN stage_input i ON i.stage_id = n.id "                                    \
	"UNION SELECT p.id, n.study, n.last FROM need n JOIN stage s ON s.id = n.id " \
	"JOIN stage p ON p.key = s.parent) "

/* A stage that no trial is linked with any more was run by a study all the same: its file may
 * come back to what it said then. */
#define MADE_BY                                                            \
	"(SELECT r.study_id FROM attempt a JOIN run r ON r.id = a.run_id " \
	"WHERE a.stage_id = s.id ORDER BY a.number DESC LIMIT 1)"

enum {
	KEY,
	KIND,
	ARTIFACT,
	CODE,
	STATE,
	SEAL,
	DROPPED,
	PREDICTIONS,
	LOST,
	FIRST,
	LAST_ONE,
	PLAN,
	OF,
	SHARERS,
	MAKER
};

static struct abl_stage_use row_of(const struct abl_query *q, int64_t study)
{
	const int64_t first = abl_query_int(q, FIRST), last = abl_query_int(q, LAST_ONE);
	const int64_t maker = first ? 0 : abl_query_int(q, MAKER);

	return (struct abl_stage_use){
		.key = abl_query_text(q, KEY),
		.kind = abl_query_text(q, KIND),
		.artifact = abl_query_text(q, ARTIFACT),
		.code = abl_query_text(q, CODE),
		.state = abl_query_text(q, STATE),
		.seal = abl_query_text(q, SEAL),
		.dropped = abl_query_text(q, DROPPED),
		.predictions = abl_query_text(q, PREDICTIONS),
		.lost = abl_query_int(q, LOST),
		.use = abl_query_int(q, PLAN) ? ABL_USE_LAST
		       : first || maker       ? ABL_USE_EARLIER
					      : ABL_USE_NONE,
		.study = first == last ? (first ? first : maker) : 0,
		.shared = first != last,
		.sharers = abl_query_text(q, SHARERS),
		.of_study = study && (abl_query_int(q, OF) || maker == study),
	};
}

int abl_read_stage_uses(struct abl_store *store, int64_t study,
			void (*hear)(void *data, const struct abl_stage_use *use), void *data,
			struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		NEEDS "SELECT s.key, s.kind, s.artifact, s.code, s.state, s.seal, s.dropped, "
		      "p.file, s.lost IS NOT NULL, n.first, n.last_one, n.plan, n.of, n.sharers, "
		      "iif(n.first IS NULL, " MADE_BY ", 0) FROM stage s "
		      "LEFT JOIN (SELECT id, min(study) AS first, max(study) AS last_one, "
		      "max(last) AS plan, max(study = ?1) AS of, iif(min(study) <> "
		      "max(study), group_concat(DISTINCT study), NULL) AS sharers FROM need GROUP "
		      "BY id) n "
		      "ON n.id = s.id LEFT JOIN prediction p ON p.stage_id = s.id",
		err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1) {
		const struct abl_stage_use use = row_of(q, study);

		hear(data, &use);
	}
	abl_query_close(q);
	return rc;
}

int abl_read_logs(struct abl_store *store,
		  void (*hear)(void *data, const char *log, const char *key), void *data,
		  struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT a.log, s.key FROM attempt a JOIN stage s "
				"ON s.id = a.stage_id WHERE a.log IS NOT NULL",
				err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_text(q, 1));
	abl_query_close(q);
	return rc;
}

int abl_read_study_names(struct abl_store *store,
			 void (*hear)(void *data, int64_t id, const char *name), void *data,
			 struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store), "SELECT id, name FROM study ORDER BY id",
				err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_int(q, 0), abl_query_text(q, 1));
	abl_query_close(q);
	return rc;
}

int abl_read_predictions_of(struct abl_store *store, const char *artifact, char **file,
			    struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT p.file FROM stage s JOIN prediction p ON p.stage_id = s.id "
				"WHERE s.artifact = ?1 LIMIT 1",
				err);

	*file = NULL;
	if (rc)
		return rc;
	abl_query_set_text(q, 1, artifact);
	rc = abl_query_step(q, err);
	if (rc == 1 && abl_query_text(q, 0))
		*file = abl_strdup(abl_query_text(q, 0));
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

/* Last plans of studies that have stage s. */
#define HAVE_IT                                                                           \
	"(SELECT y.id FROM trial_stage l JOIN trial t ON t.id = l.trial_id JOIN study y " \
	"ON y.id = t.study_id AND y.plan = t.plan WHERE l.stage_id = s.id UNION "         \
	"SELECT y.id FROM tuning_stage u JOIN study y ON y.id = u.study_id "              \
	"AND y.plan = u.plan WHERE u.stage_id = s.id)"
/* Steps of programs have any names, but they have code. The last one has kept what it was told to.
 */
#define UNKEPT                                                                                     \
	"s.state = 'done' AND s.artifact IS NOT NULL AND s.dropped IS NULL "                       \
	"AND iif(s.code IS NULL, s.kind IN ('pretrain', 'finetune'), NOT EXISTS (SELECT 1 FROM "   \
	"trial_stage l WHERE l.stage_id = s.id AND (l.role = 'evaluate' OR "                       \
	"l.role GLOB 'repeat*'))) "                                                                \
	"AND EXISTS (SELECT 1 FROM " HAVE_IT ") " /* all of them say so */                         \
	"AND NOT EXISTS (SELECT 1 FROM " HAVE_IT " h WHERE NOT EXISTS (SELECT 1 FROM "             \
	"study_rule r WHERE r.study_id = h.id AND r.name = 'keep')) " /* it is not of a last seed  \
									 that stays */             \
	"AND NOT EXISTS (SELECT 1 FROM trial_stage l JOIN trial t ON t.id = l.trial_id "           \
	"JOIN study y ON y.id = t.study_id AND y.plan = t.plan JOIN study_rule r "                 \
	"ON r.study_id = y.id AND r.name = 'keep' AND r.value = 'last' WHERE l.stage_id = s.id "   \
	"AND t.seed = (SELECT max(o.seed) FROM trial o WHERE o.variant_id = t.variant_id "         \
	"AND o.task = t.task AND o.plan = y.plan)) " /* nobody waits for it; what has diverged     \
							would do so again */                       \
	"AND NOT EXISTS (SELECT 1 FROM stage_input i JOIN stage w ON w.id = i.stage_id "           \
	"WHERE i.input_id = s.id AND w.state <> 'done' AND w.cause IS NOT 'diverged' "             \
	"AND (EXISTS (SELECT 1 FROM trial_stage l JOIN trial t ON t.id = l.trial_id JOIN "         \
	"study y ON y.id = t.study_id AND y.plan = t.plan WHERE l.stage_id = w.id) "               \
	"OR EXISTS (SELECT 1 FROM tuning_stage u JOIN study y ON y.id = u.study_id "               \
	"AND y.plan = u.plan WHERE u.stage_id = w.id))) " /* while a value is being chosen, trials \
							     to come may read it */                \
	"AND NOT EXISTS (SELECT 1 FROM " HAVE_IT " h WHERE EXISTS (SELECT 1 FROM tuning_stage "    \
	"u WHERE u.study_id = h.id) AND EXISTS (SELECT 1 FROM trial t JOIN study y "               \
	"ON y.id = t.study_id AND y.plan = t.plan WHERE y.id = h.id AND NOT EXISTS "               \
	"(SELECT 1 FROM trial_stage l WHERE l.trial_id = t.id)))"

int abl_read_unkept(struct abl_store *store, const char *key,
		    void (*hear)(void *data, const char *key, const char *artifact), void *data,
		    struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		key ? "SELECT s.key, s.artifact FROM stage s WHERE s.key = ?1 AND " UNKEPT
		    : "SELECT s.key, s.artifact FROM stage s WHERE " UNKEPT,
		err);

	if (rc)
		return rc;
	if (key)
		abl_query_set_text(q, 1, key);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_text(q, 1));
	abl_query_close(q);
	return rc;
}

int abl_read_removed(struct abl_store *store, const char *key, struct abl_str *whole,
		     struct abl_str *study, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT s.key, (SELECT y.name FROM trial_stage l JOIN trial t ON t.id = l.trial_id "
		"JOIN study y ON y.id = t.study_id WHERE l.stage_id = s.id LIMIT 1) FROM stage s "
		"WHERE substr(s.key, 1, length(?1)) = ?1 AND s.dropped IS NOT NULL LIMIT 1",
		err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	rc = abl_query_step(q, err);
	if (rc == 1) {
		abl_str_puts(whole, abl_query_text(q, 0));
		abl_str_puts(study, abl_query_text(q, 1) ? abl_query_text(q, 1) : "");
	}
	abl_query_close(q);
	return rc;
}
