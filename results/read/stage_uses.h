/* SPDX-License-Identifier: Apache-2.0 */
/* stage_uses.h - who has the stages of a store, and what of them lies on the disk. */
#ifndef ABL_STAGE_USES_H
#define ABL_STAGE_USES_H

#include "errors.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_store;
struct abl_str;

enum abl_use {
	ABL_USE_NONE,    /* no study has it: what it made can go, and its rows */
	ABL_USE_EARLIER, /* only earlier plans of studies have it */
	ABL_USE_LAST,    /* the last plan of a study has it, or something that it has reads it */
};

struct abl_stage_use { /* texts last for the call; NULL: none */
	const char *key, *kind, *artifact, *code, *state, *seal, *dropped;
	const char *predictions; /* file in the artefact */
	bool lost;               /* made again: its state is that of the attempts since */
	enum abl_use use;
	int64_t study;       /* that has it, in any plan; 0: none, or several */
	bool shared;         /* several, */
	const char *sharers; /* these: "1,3" */
	bool of_study;       /* the study that was asked for has it */
};
/* Every stage. `study`: marks those that it has; 0: none are marked. */
int abl_read_stage_uses(struct abl_store *store, int64_t study,
			void (*hear)(void *data, const struct abl_stage_use *use), void *data,
			struct abl_err *err) ABL_MUST_USE;

/* The logs of attempts, as they are called below the store, with their stage. */
int abl_read_logs(struct abl_store *store,
		  void (*hear)(void *data, const char *log, const char *key), void *data,
		  struct abl_err *err) ABL_MUST_USE;

/* Studies, in the order in which they came. */
int abl_read_study_names(struct abl_store *store,
			 void (*hear)(void *data, int64_t id, const char *name), void *data,
			 struct abl_err *err) ABL_MUST_USE;

/* The file of predictions in an artefact ("artifacts/..."); *file NULL: it has none. Caller's. */
int abl_read_predictions_of(struct abl_store *store, const char *artifact, char **file,
			    struct abl_err *err) ABL_MUST_USE;

/* Tells the artefacts that no study keeps (`keep: none`, `last`): of what trains, where nothing
 * that reads it waits any more. `key`: only this stage's; NULL: all. */
int abl_read_unkept(struct abl_store *store, const char *key,
		    void (*hear)(void *data, const char *key, const char *artifact), void *data,
		    struct abl_err *err) ABL_MUST_USE;
/* The stage whose key begins so and whose artefact was removed on purpose. 1 = there is one: its
 * whole key and a study that has it (may be empty). */
int abl_read_removed(struct abl_store *store, const char *key, struct abl_str *whole,
		     struct abl_str *study, struct abl_err *err) ABL_MUST_USE;

#endif
