/* SPDX-License-Identifier: Apache-2.0 */
/* counted_sql.h - SQL: what each trial of study ?1 counts as in a table of means. There is one
 * definition, as in comparisons (compare.h): a diverged run counts as the majority predictor, and
 * so does one whose metric has no value since it always says the same; a crash counts nothing. */
#ifndef ABL_COUNTED_SQL_H
#define ABL_COUNTED_SQL_H

/* A user's own program: it has no task type. What it tells of a majority is its own affair, and its
 * scores on a test file are a metric of its own, called test_ and the main one's name, of the same
 * stages. */
#define ABL_SQL_OWN "coalesce(k.type, '') = ''"

/* A table expression `counted` behind WITH: a row per trial, with study_id, variant_id, variant,
 * position, task, task_position, metric, split, state, value (NULL: it counts nothing), and
 * as_majority (1: it is that of the majority predictor). `role`: SQL for 'evaluate', or 'test' for
 * the scores on a test file. */
#define ABL_SQL_COUNTED(role)                                                                     \
	"told AS (SELECT t.study_id, t.variant_id, t.variant, t.position, t.task, t.state, "      \
	"t.diverged, k.position AS task_position, k.metric, k.split, "                            \
	"max(r.value) FILTER (WHERE r.name = iif(" role " = 'test' AND " ABL_SQL_OWN " AND "      \
	"k.split IS NOT 'test', 'test_', '') || k.metric) AS value, "                             \
	"count(*) FILTER (WHERE r.name = iif(" role " = 'test' AND " ABL_SQL_OWN " AND "          \
	"k.split IS NOT 'test', 'test_', '') || k.metric) AS told, "                              \
	"CASE WHEN " ABL_SQL_OWN " THEN NULL ELSE CASE k.metric "                                 \
	"WHEN 'accuracy' THEN max(r.value) FILTER (WHERE r.name = 'majority') "                   \
	"WHEN 'matthews' THEN 0 WHEN 'pearson' THEN 0 WHEN 'spearman' THEN 0 "                    \
	"ELSE max(r.value) FILTER (WHERE r.name = k.metric || '_majority') END END AS majority "  \
	"FROM trial_states t JOIN task k ON k.study_id = t.study_id AND k.name = t.task "         \
	"LEFT JOIN trial_stage l ON l.trial_id = t.trial_id AND (l.role = iif(" ABL_SQL_OWN       \
	" OR k.split IS 'test', 'evaluate', " role ") OR ((" role " = 'evaluate' OR " ABL_SQL_OWN \
	") AND l.role GLOB 'step *')) "                                                           \
	"LEFT JOIN result r ON r.stage_id = l.stage_id "                                          \
	"WHERE t.study_id = ?1 GROUP BY t.trial_id), "                                            \
	"rated AS (SELECT *, avg(majority) OVER (PARTITION BY task) AS of_majority FROM told), "  \
	"counted AS (SELECT study_id, variant_id, variant, position, task, task_position, "       \
	"metric, split, state, "                                                                  \
	"CASE WHEN state = 'done' AND told THEN coalesce(value, of_majority) "                    \
	"WHEN state = 'failed' AND diverged THEN of_majority END AS value, "                      \
	"of_majority IS NOT NULL AND (state = 'done' AND told AND value IS NULL "                 \
	"OR state = 'failed' AND diverged) AS as_majority FROM rated)"

#endif
