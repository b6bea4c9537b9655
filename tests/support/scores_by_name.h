/* SPDX-License-Identifier: Apache-2.0 */
/* scores_by_name.h - metrics as they come from a task, in a JSON object. */
#ifndef ABL_SCORES_BY_NAME_H
#define ABL_SCORES_BY_NAME_H

#include <check.h>
#include <jansson.h>

/* An abl_metric_hook whose data is the object; no name may come twice. */
static inline void take_score(void *data, const char *name, double value)
{
	ck_assert_msg(!json_object_get(data, name), "'%s' came twice", name);
	json_object_set_new(data, name, json_real(value));
}

static inline double score_of(const json_t *scores, const char *name)
{
	const json_t *value = json_object_get(scores, name);

	ck_assert_msg(json_is_number(value), "no '%s'", name);
	return json_number_value(value);
}

#endif
