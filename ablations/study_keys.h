/* SPDX-License-Identifier: Apache-2.0 */
/* study_keys.h - the study file's own keys as a table. */
#ifndef ABL_STUDY_KEYS_H
#define ABL_STUDY_KEYS_H

#include "study.h"
#include "table.h"

/* A row for each of abl_study_fields; appends. */
void abl_study_keys_table(enum abl_table_format format, struct abl_str *out);
/* A row for each field of a task. */
void abl_task_fields_table(enum abl_table_format format, struct abl_str *out);

#endif
