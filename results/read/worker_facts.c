/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_facts.h"

#include "sql.h"
#include "store.h"
#include "study_query.h"

#include <math.h>

/* A worker that came back is another row of the same name. */
static const char sql[] =
	"WITH its AS (SELECT *, max(id) OVER (PARTITION BY name) AS last FROM worker "
	"WHERE run_id = (SELECT max(id) FROM run WHERE study_id = ?1)), "
	"did AS (SELECT i.name, sum(a.ended IS NULL) AS running, sum(a.state = 'done') AS "
	"done, "
	"sum(a.state IN ('failed', 'timed out') AND a.cause IS NOT 'lost') AS failed "
	"FROM its i JOIN attempt a ON a.worker = i.id GROUP BY i.name), "
	"lost AS (SELECT name, sum(state = 'lost') AS n FROM its GROUP BY name) "
	"SELECT w.name, w.host, w.cpu, w.kernels, w.cards, w.job, w.array_index, w.node, w.state, "
	"w.reason, w.cores, w.slots, w.memory, w.joined, w.left_at, d.running, d.done, d.failed, "
	"l.n FROM its w JOIN lost l ON l.name = w.name LEFT JOIN did d ON d.name = w.name "
	"WHERE w.id = w.last ORDER BY w.state = 'joined', w.id";

static double or_nan(double value)
{
	return value > 0 ? value : NAN;
}

int abl_read_workers(struct abl_store *store, int64_t study,
		     void (*hear)(void *data, const struct abl_worker_fact *fact), void *data,
		     struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_worker_fact){.name = abl_query_text(q, 0),
						     .host = abl_query_text(q, 1),
						     .cpu = abl_query_text(q, 2),
						     .kernels = abl_query_text(q, 3),
						     .cards = abl_query_text(q, 4),
						     .job = abl_query_text(q, 5),
						     .array = abl_query_text(q, 6),
						     .node = abl_query_text(q, 7),
						     .state = abl_query_text(q, 8),
						     .reason = abl_query_text(q, 9),
						     .cores = abl_query_int(q, 10),
						     .slots = abl_query_int(q, 11),
						     .memory = or_nan(abl_query_real(q, 12)),
						     .joined = abl_query_real(q, 13),
						     .left_at = abl_query_real(q, 14),
						     .running = abl_query_int(q, 15),
						     .done = abl_query_int(q, 16),
						     .failed = abl_query_int(q, 17),
						     .losses = abl_query_int(q, 18)});
	abl_query_close(q);
	return rc;
}

int abl_read_worker_slots(struct abl_store *store, const char *name, int64_t *slots,
			  struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT slots FROM worker WHERE name = ?1 ORDER BY id DESC LIMIT 1",
				err);

	*slots = 0;
	if (rc)
		return rc;
	abl_query_set_text(q, 1, name);
	rc = abl_query_step(q, err);
	if (rc == 1)
		*slots = abl_query_int(q, 0);
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}
