/* SPDX-License-Identifier: Apache-2.0 */
/* unpack_place.h - where the files of a packed study go in a store: first into a folder of their
 * own below work/, which the next run sweeps if we are killed; then, just before the rows that name
 * them are committed, each by one rename. Inside unpack. */
#ifndef ABL_UNPACK_PLACE_H
#define ABL_UNPACK_PLACE_H

#include "store_carry.h"
#include "str.h"

struct abl_unpack_move {
	char *from, *to;
	bool if_absent; /* what is there already is the same: it is called by its hash */
	bool again;     /* the store had it once, and has not kept it */
};
struct abl_unpack_place {
	const char *store, *study;
	char *temporary;
	struct abl_unpack_move *move;
	size_t count, capacity;
	char **had; /* artefacts of stages that the store had */
	size_t had_count, had_capacity;
	bool damaged; /* a stage's key is not the hash of what it says it is */
};

int abl_unpack_place_make(struct abl_unpack_place *p, const char *store, const char *study,
			  struct abl_err *err) ABL_MUST_USE;
/* Removes what is left below work/. */
void abl_unpack_place_finish(struct abl_unpack_place *p);
/* Makes all that was written there last. */
int abl_unpack_place_sync(const struct abl_unpack_place *p, struct abl_err *err) ABL_MUST_USE;

void abl_unpack_place_stage(struct abl_unpack_place *p, const struct abl_carried_stage *s);
/* An artefact that the store has not kept. */
void abl_unpack_place_again(struct abl_unpack_place *p, const char *artifact);
void abl_unpack_place_log(struct abl_unpack_place *p, const char *from, const char *to);
/* Where its study file and its data will be; the caller's. */
char *abl_unpack_place_file(const struct abl_unpack_place *p, const char *file);
char *abl_unpack_place_data(const struct abl_unpack_place *p);
/* Puts everything into its place. What nobody's rows name is replaced. `study`: its file, data and
 * figures, too. */
int abl_unpack_place_publish(struct abl_unpack_place *p, bool study,
			     struct abl_err *err) ABL_MUST_USE;

#endif
