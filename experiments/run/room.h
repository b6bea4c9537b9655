/* SPDX-License-Identifier: Apache-2.0 */
/* room.h - whether the machine has room for one more stage: disk, memory, cards, and nobody beside
 * one that wants to be alone; for supervisor.c. */
#ifndef ABL_ROOM_H
#define ABL_ROOM_H

#include "cards.h"

struct abl_attempt_room;
struct abl_offer;
struct abl_supervisor;

struct abl_room {
	struct abl_cards cards;
	double looked;      /* at the memory, in seconds of abl_clock_now() */
	double left, taken; /* bytes: what nobody used then, and what our stages did */
	int cores;
	bool told_of_memory;
};

/* ABL_EINPUT: the study wants cards that are not there. */
int abl_room_init(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;
void abl_room_finish(struct abl_room *room);

/* Whether the stage could start now, there. A full disk blocks s->patience. */
bool abl_room_has(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer);
/* What it gets, now that it starts. */
void abl_room_take(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer,
		   struct abl_attempt_room *out);
/* Takes that back: it has not started. */
void abl_room_give(struct abl_supervisor *s, const struct abl_attempt_room *room);
/* Whether it is the disk that lacks room for the first of the ready stages. */
bool abl_room_is_too_full(struct abl_supervisor *s);
/* Whether the disk has no room even for logs and the database. */
bool abl_room_disk_is_full(const struct abl_supervisor *s);

#endif
