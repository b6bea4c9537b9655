/* SPDX-License-Identifier: Apache-2.0 */
/* last_plan.h - SQL that the questions of this folder share: what study ?1 has since its last plan.
 */
#ifndef ABL_LAST_PLAN_H
#define ABL_LAST_PLAN_H

#define ABL_SQL_VARIANTS \
	"variant v JOIN study y ON y.id = v.study_id AND y.plan = v.plan AND y.id = ?1 "
#define ABL_SQL_TRIALS \
	"trial t JOIN study y ON y.id = t.study_id AND y.plan = t.plan AND y.id = ?1 "

/* One that an earlier plan had stays in the store, without a trial of this one. */
#define ABL_SQL_TASKS                                                                       \
	"task k JOIN study y ON y.id = k.study_id AND y.id = ?1 AND EXISTS (SELECT 1 FROM " \
	"trial p WHERE p.study_id = y.id AND p.plan = y.plan AND p.task = k.name) "

/* What tries a value of `tune`, and what that reads: `tried (stage_id)`. Comes after WITH
 * RECURSIVE. */
#define ABL_SQL_TRIED_STAGES                                                       \
	"tried (stage_id) AS (SELECT u.stage_id FROM study y JOIN tuning_stage u " \
	"ON u.study_id = y.id AND u.plan = y.plan WHERE y.id = ?1 "                \
	"UNION SELECT i.input_id FROM tried JOIN stage_input i USING (stage_id)) "
/* Its stages, `its (stage_id)`, each as often as it is wanted: of trials, and what tries a value,
 * which no trial has before one is chosen. Comes after WITH RECURSIVE. */
#define ABL_SQL_ITS_STAGES                                            \
	ABL_SQL_TRIED_STAGES                                          \
	", its (stage_id) AS (SELECT l.stage_id FROM " ABL_SQL_TRIALS \
	"JOIN trial_stage l ON l.trial_id = t.id UNION ALL SELECT stage_id FROM tried) "

/* What is said beside every number of task k: what its plan says, else what its trials
 * have told (`selected_on_dev`, of a program that chose its best weights on dev). */
#define ABL_SQL_LABEL                                                                       \
	"coalesce(k.label, (SELECT 'selected on dev' FROM trial t "                         \
	"JOIN trial_stage l ON l.trial_id = t.id JOIN result r ON r.stage_id = l.stage_id " \
	"AND r.name = 'selected_on_dev' JOIN study o ON o.id = t.study_id AND "             \
	"o.plan = t.plan WHERE t.study_id = k.study_id "                                    \
	"AND t.task = k.name LIMIT 1))"

#endif
