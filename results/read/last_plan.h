/* SPDX-License-Identifier: Apache-2.0 */
/* last_plan.h - SQL that the questions of this folder share: what study ?1 has since its last plan.
 */
#ifndef ABL_LAST_PLAN_H
#define ABL_LAST_PLAN_H

#define ABL_SQL_VARIANTS \
	"variant v JOIN study y ON y.id = v.study_id AND y.plan = v.plan AND y.id = ?1 "
#define ABL_SQL_TRIALS \
	"trial t JOIN study y ON y.id = t.study_id AND y.plan = t.plan AND y.id = ?1 "

#endif
