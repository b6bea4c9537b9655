/* SPDX-License-Identifier: Apache-2.0 */
#include "again.h"

#include "sql.h"
#include "store.h"

#include <math.h>

int abl_read_again_stages(struct abl_store *store, int64_t trial,
			  void (*hear)(void *data, const struct abl_again_stage *s), void *data,
			  struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT l.role, s.key, s.kind, s.canonical, s.state, s.artifact, s.seal, s.code, "
		"s.dropped, a.cpu, a.kernels, a.engine, a.threads, s.same_as IS NOT NULL, p.file "
		"FROM trial_stage l JOIN stage s ON s.id = l.stage_id "
		"LEFT JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt "
		"LEFT JOIN prediction p ON p.stage_id = s.id "
		"WHERE l.trial_id = ?1 AND l.role <> 'test' AND l.role NOT GLOB 'repeat*' "
		"ORDER BY s.id",
		err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, trial);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_again_stage){.role = abl_query_text(q, 0),
						     .key = abl_query_text(q, 1),
						     .kind = abl_query_text(q, 2),
						     .canonical = abl_query_text(q, 3),
						     .state = abl_query_text(q, 4),
						     .artifact = abl_query_text(q, 5),
						     .seal = abl_query_text(q, 6),
						     .code = abl_query_text(q, 7),
						     .dropped = abl_query_text(q, 8),
						     .cpu = abl_query_text(q, 9),
						     .kernels = abl_query_text(q, 10),
						     .engine = abl_query_text(q, 11),
						     .threads = abl_query_int(q, 12),
						     .same = abl_query_int(q, 13),
						     .predictions = abl_query_text(q, 14)});
	abl_query_close(q);
	return rc;
}

int abl_read_again_numbers(struct abl_store *store, const char *key,
			   void (*hear)(void *data, const struct abl_again_number *n), void *data,
			   struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT r.name, -1 AS step, r.value, 0 AS curve, 0 FROM result r "
		"JOIN stage s ON s.id = r.stage_id WHERE s.key = ?1 UNION ALL "
		/* beside a lone max() other columns are of its row */
		"SELECT m.name, m.step, m.value, 1, max(m.attempt) FROM metric m "
		"JOIN stage s ON s.id = m.stage_id WHERE s.key = ?1 GROUP BY m.name, m.step "
		"ORDER BY curve, 1, 2",
		err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_again_number){.name = abl_query_text(q, 0),
						      .step = abl_query_int(q, 1),
						      .value = abl_query_real(q, 2)});
	abl_query_close(q);
	return rc;
}

int abl_read_again_spread(struct abl_store *store, int64_t trial, const char *metric, double *sd,
			  int64_t *count, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT count(m.value), avg(m.value), avg(m.value * m.value) FROM trial_metrics m "
		"JOIN trial t ON t.id = ?1 AND t.variant_id = m.variant_id AND t.task = m.task "
		"WHERE m.metric = ?2",
		err);

	*sd = NAN;
	*count = 0;
	if (rc)
		return rc;
	abl_query_set_int(q, 1, trial);
	abl_query_set_text(q, 2, metric);
	rc = abl_query_step(q, err);
	if (rc == 1 && (*count = abl_query_int(q, 0)) > 1) {
		const double mean = abl_query_real(q, 1), n = (double)*count;

		*sd = sqrt(fmax(abl_query_real(q, 2) - mean * mean, 0) * n / (n - 1));
	}
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}
