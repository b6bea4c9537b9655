/* SPDX-License-Identifier: Apache-2.0 */
/* planned.h - how many seeds a study's last plan has. */
#ifndef ABL_PLANNED_H
#define ABL_PLANNED_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

struct abl_planned {
	int64_t seeds;
	int64_t open; /* trials that are waiting or running */
	int64_t done; /* trials */
};
int abl_read_planned(struct abl_store *store, int64_t study, struct abl_planned *out,
		     struct abl_err *err) ABL_MUST_USE;

#endif
