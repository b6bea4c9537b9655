/* SPDX-License-Identifier: Apache-2.0 */
#include "integrity.h"

#include "sql.h"
#include "store.h"
#include "study_query.h"

/* Each gives rows of what is at fault, and the fault. `?1`: a study, or 0. */
#define OF_STUDY                                                                            \
	"(?1 = 0 OR EXISTS (SELECT 1 FROM trial_stage l JOIN trial t ON t.id = l.trial_id " \
	"WHERE l.stage_id = s.id AND t.study_id = ?1)) "
static const char *const questions[] = {
	"SELECT 'results.db', integrity_check FROM pragma_integrity_check "
	"WHERE integrity_check <> 'ok' AND ?1 IS NOT NULL",
	"SELECT 'results.db', 'a row of ' || \"table\" || ' names one of ' || parent || ' that is "
	"not there' FROM pragma_foreign_key_check WHERE ?1 IS NOT NULL",
	"SELECT s.key, 'done, though its last attempt is ' || coalesce(a.state, 'not over') "
	"FROM stage s JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt "
	"WHERE s.state = 'done' AND a.state IS NOT 'done' AND " OF_STUDY,
	"SELECT s.key, 'done, though the ' || i.kind || ' that it read is ' || i.state "
	"FROM stage s JOIN stage_input n ON n.stage_id = s.id JOIN stage i ON i.id = n.input_id "
	"WHERE s.state = 'done' AND s.lost IS NULL AND s.same_as IS NULL AND i.state <> 'done' "
	"AND i.lost IS NULL AND i.attempt = 0 AND " OF_STUDY,
	"SELECT s.key, 'done, and has no result' FROM stage s WHERE s.state = 'done' "
	"AND s.kind = 'evaluate' AND NOT EXISTS "
	"(SELECT 1 FROM result r WHERE r.stage_id = s.id) AND " OF_STUDY,
	"SELECT s.key, 'has predictions, and nothing that holds them' FROM stage s JOIN prediction "
	"p ON p.stage_id = s.id WHERE s.state = 'done' AND s.artifact IS NULL AND " OF_STUDY,
};

static int ask(struct abl_store *store, const char *sql, int64_t study,
	       void (*hear)(void *data, const char *of, const char *fault), void *data,
	       struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_text(q, 1));
	abl_query_close(q);
	return rc;
}

int abl_read_integrity(struct abl_store *store, int64_t study,
		       void (*hear)(void *data, const char *of, const char *fault), void *data,
		       struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof questions / sizeof *questions && !rc; i++)
		rc = ask(store, questions[i], study, hear, data, err);
	return rc;
}

int abl_read_data_files(struct abl_store *store, int64_t study,
			void (*hear)(void *data, const struct abl_data_file *file), void *data,
			struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT y.name, d.role, d.path, d.hash FROM data_file d "
				"JOIN study y ON y.id = d.study_id WHERE ?1 IN (0, y.id)",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_data_file){.study = abl_query_text(q, 0),
						   .role = abl_query_text(q, 1),
						   .path = abl_query_text(q, 2),
						   .hash = abl_query_text(q, 3)});
	abl_query_close(q);
	return rc;
}

int abl_read_served(struct abl_store *store, const char *key, int64_t *trial, int64_t *trials,
		    struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT min(l.trial_id), count(DISTINCT l.trial_id) FROM stage s "
				"JOIN trial_stage l ON l.stage_id = s.id WHERE s.key = ?1",
				err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	rc = abl_query_step(q, err);
	*trial = rc == 1 ? abl_query_int(q, 0) : 0;
	*trials = rc == 1 ? abl_query_int(q, 1) : 0;
	abl_query_close(q);
	return rc < 0 ? rc : *trials > 0;
}
