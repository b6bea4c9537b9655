/* SPDX-License-Identifier: Apache-2.0 */
/* room_there.h - whether a worker has room for one more stage; for room.c and supervisor.c. */
#ifndef ABL_ROOM_THERE_H
#define ABL_ROOM_THERE_H

#include <stdbool.h>
#include <stddef.h>

struct abl_attempt_room;
struct abl_offer;
struct abl_supervisor;

/* As abl_room_has() and abl_room_take(), of an offer with a worker. */
bool abl_room_has_there(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer);
void abl_room_take_there(const struct abl_supervisor *s, size_t stage,
			 const struct abl_offer *offer, struct abl_attempt_room *out);
/* Not now and not later: whoever offers has too little memory, too few cards or too little time,
 * where somebody else may have more. */
bool abl_room_never_has(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer);
/* Of the ready stages one that it can have at all: the first, `at` in the heap, where that
 * is none for it alone; `at`, where none is. */
size_t abl_room_choose(struct abl_supervisor *s, size_t at, const struct abl_offer *offer);
/* Bytes that the stage is expected to take, wherever; 0: not known. */
double abl_room_expects(const struct abl_supervisor *s, size_t stage);

#endif
