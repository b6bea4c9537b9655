/* SPDX-License-Identifier: Apache-2.0 */
/* task_fields.h - the fields that describe a task's files, for people: what a study may say of a
 * task beside the keys of fine-tuning. task_spec.c reads them. */
#ifndef ABL_TASK_FIELDS_H
#define ABL_TASK_FIELDS_H

#include <stddef.h>

struct abl_task_field {
	const char *name;
	const char *takes;
	const char *def; /* "needed": of tasks that are not well-known */
	const char *help;
};
/* In the order in which people need them; NULL: behind the last one. */
const struct abl_task_field *abl_task_field_at(size_t i);
const struct abl_task_field *abl_task_field_find(const char *name); /* NULL: there is none */

#endif
