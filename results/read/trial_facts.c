/* SPDX-License-Identifier: Apache-2.0 */
#include "trial_facts.h"

#include "sql.h"
#include "store.h"

#define ITS_STAGES "FROM trial_stage l JOIN stage s ON s.id = l.stage_id "

static const char *const parts[ABL_TRIAL_PARTS] = {
	[ABL_TRIAL_ITSELF] =
		"SELECT t.trial_id AS trial, t.study, t.variant, v.kind, v.subject, t.task, "
		"t.seed, "
		"t.state, t.seconds, k.type, k.metric, k.split, y.path AS file, o.file AS "
		"unpacked_from "
		"FROM trial_states t JOIN variant v ON v.id = t.variant_id "
		"JOIN study y ON y.id = t.study_id "
		"LEFT JOIN study_origin o ON o.study_id = y.id "
		"LEFT JOIN task k ON k.study_id = t.study_id AND k.name = t.task "
		"WHERE t.trial_id = ?1",
	[ABL_TRIAL_RESULTS] =
		"SELECT iif(l.role = 'test', 'test_', '') || r.name AS metric, r.value " ITS_STAGES
		"JOIN result r ON r.stage_id = s.id WHERE l.trial_id = ?1 "
		"AND (l.role IN ('evaluate', 'test') OR l.role GLOB 'step *') ORDER BY s.id, "
		"r.name",
	[ABL_TRIAL_OPTIONS] =
		"SELECT o.name, coalesce(o.int_value, o.real_value, o.text_value) AS value, "
		"o.canonical, CASE WHEN o.task <> '' THEN 'task' "
		"WHEN c.name IS NOT NULL THEN 'variant' ELSE '' END AS set_by "
		"FROM trial t JOIN variant_option o ON o.variant_id = t.variant_id "
		"AND o.task IN ('', t.task) "
		"LEFT JOIN variant_change c ON c.variant_id = o.variant_id AND c.name = o.name "
		"WHERE t.id = ?1 AND NOT (o.task = '' AND EXISTS (SELECT 1 FROM variant_option p "
		"WHERE p.variant_id = o.variant_id AND p.name = o.name AND p.task = t.task)) "
		"ORDER BY o.name",
	[ABL_TRIAL_STAGES] =
		"SELECT s.kind AS stage, l.role, s.state, s.key, s.seed, s.attempt AS attempts, "
		"s.seconds, s.cpu_seconds, s.peak_memory, s.finished, s.cause, s.reason, "
		"s.artifact, "
		"s.seal, s.bytes, s.dropped, s.lost, s.same_as, s.code, s.parent, "
		"(SELECT count(DISTINCT x.trial_id) FROM trial_stage x WHERE x.stage_id = s.id) "
		"AS trials " ITS_STAGES "WHERE l.trial_id = ?1 ORDER BY s.id, l.role",
	[ABL_TRIAL_ATTEMPTS] =
		"SELECT DISTINCT s.key, a.number, a.state, a.cause, a.reason, a.exit_code, "
		"a.signal, "
		"a.started, a.ended, a.seconds, a.expected_seconds, a.cpu_seconds, a.expected_cpu, "
		"a.peak_memory, a.expected_memory, a.threads, a.run_id AS run, a.pid, a.host, "
		"a.engine, a.compiler, a.cpu, a.kernels, a.bad_lines, a.log, w.name AS worker, "
		"w.job, w.array_index, w.node, w.cards " ITS_STAGES
		"JOIN attempt a ON a.stage_id = s.id LEFT JOIN worker w ON w.id = a.worker "
		"WHERE l.trial_id = ?1 "
		"ORDER BY s.id, a.number",
	[ABL_TRIAL_DATA] =
		"SELECT d.role, d.path, d.hash, d.bytes FROM trial t "
		"JOIN data_file d ON d.study_id = t.study_id "
		/* of its task, or of no task */
		"WHERE t.id = ?1 AND (substr(d.role, 1, length(t.task) + 1) = t.task || '/' "
		"OR NOT EXISTS (SELECT 1 FROM task k WHERE k.study_id = t.study_id "
		"AND substr(d.role, 1, length(k.name) + 1) = k.name || '/')) "
		"ORDER BY d.role",
	[ABL_TRIAL_RUNS] =
		"SELECT DISTINCT r.id AS run, y.name AS study, r.argv, r.started, r.ended, "
		"r.exit_code, r.host, r.cores, r.workers, r.threads, r.environment " ITS_STAGES
		"JOIN attempt a ON a.stage_id = s.id JOIN run r ON r.id = a.run_id "
		"JOIN study y ON y.id = r.study_id WHERE l.trial_id = ?1 ORDER BY r.id",
	[ABL_TRIAL_RERUNS] = ("SELECT ran, host, cpu, engine, equal, differs FROM rerun "
			      "WHERE trial_id = ?1 ORDER BY ran"),
};

int abl_read_trial_part(struct abl_store *store, enum abl_trial_part part, int64_t trial,
			const struct abl_listener *to, struct abl_err *err)
{
	struct abl_query *q;
	const int rc = abl_query_open(&q, abl_store_sql(store), parts[part], err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, trial);
	return abl_answer_rows(q, to, err);
}
