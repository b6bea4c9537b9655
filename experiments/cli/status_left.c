/* SPDX-License-Identifier: Apache-2.0 */
#include "status_left.h"

#include "time_left.h"

int abl_status_left(struct abl_store *store, int64_t study, const json_t *file, double *left,
		    struct abl_err *err)
{
	const json_t *told = json_object_get(file, "left");

	*left = json_number_value(told);
	return json_is_number(told) ? 0 : abl_read_time_left(store, study, left, err);
}
