/* SPDX-License-Identifier: Apache-2.0 */
/* plan_room.h - whether this machine has the memory and the disk that a plan wants. */
#ifndef ABL_PLAN_ROOM_H
#define ABL_PLAN_ROOM_H

#include "str.h"

struct abl_plan_wants {
	double memory; /* bytes of one worker */
	int workers;
	double disk;        /* bytes of all that is to be made */
	const char *folder; /* of the store, there or not */
};

/* Appends lines of a plan's summary: what there is too little of, and what to do. */
void abl_plan_room(const struct abl_plan_wants *wants, struct abl_str *out);

#endif
