/* SPDX-License-Identifier: Apache-2.0 */
/* store_carry.h - one study from a store into another, with what concerns it and nothing else: its
 * last plan, its runs, the stages that its trials need, and what they came to. A store may be
 * empty, or have stages of the same keys: those that it has done stay as they are. */
#ifndef ABL_STORE_CARRY_H
#define ABL_STORE_CARRY_H

#include "store.h"

struct abl_carried_stage { /* texts last for the call */
	const char *key, *kind, *canonical;
	const char *artifact, *code, *seal, *dropped; /* of the store that it came from; or NULL */
	const char *predictions;                      /* file below the artefact, or NULL */
	bool done;                                    /* there */
	bool taken; /* its work is that of the other store; else this one had it */
	/* It had it, and its results are others: a sentence on the first of them; or NULL. */
	const char *differs;
};

struct abl_carry_request {
	const char *name;        /* of the study in the store that it comes from */
	const char *as;          /* in the other one */
	const char *path, *text; /* of its study file there; NULL: as they were */
	const char *origin;      /* the file that it was unpacked from (study_origin); NULL: none */
	bool trusted;
	bool renames_task; /* its one task is called as the study: it goes with the name */
	void *data;
	void (*stage)(void *data, const struct abl_carried_stage *s); /* may be NULL */
	/* A log of an attempt that was taken, and what it is called there: both below "logs/". */
	void (*log)(void *data, const char *from, const char *to); /* may be NULL */
};
/* Within the transaction of `to` that the caller has begun. ABL_EINPUT: there is no such study, or
 * what it says of files is nothing that this program writes. */
int abl_store_carry(struct abl_store *to, struct abl_store *from,
		    const struct abl_carry_request *request, struct abl_err *err) ABL_MUST_USE;

/* Of the study's stages that `to` has without what they made (`keep:`), those whose artefact `from`
 * has, of the same results: they have it again, and it is told, for the caller to put it there. */
int abl_store_take_weights(struct abl_store *to, struct abl_store *from, const char *study,
			   void (*hear)(void *data, const char *artifact), void *data,
			   struct abl_err *err) ABL_MUST_USE;

/* The hash of what a study is: its variants, trials and stages, and which are done; `results`: and
 * what they came to. Whatever its name and its file are. */
int abl_store_digest(struct abl_store *s, const char *study, bool results, char out[33],
		     struct abl_err *err) ABL_MUST_USE;
/* The version of the schema that this program writes. */
int abl_store_schema(void);
/* Leaves the database as one file without anything that was deleted, for a store that is closed
 * next. */
int abl_store_settle(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;
/* Is what somebody gave us a sound database, of this program's own tables and no others? */
int abl_store_inspect(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;

/* ---- where a study is from ---- */

/* 1 = it was unpacked, from *file (appended; may be NULL); 0 = it was not, or there is none. */
int abl_store_origin(struct abl_store *s, const char *study, struct abl_str *file, bool *trusted,
		     struct abl_err *err) ABL_MUST_USE;
int abl_store_trust(struct abl_store *s, const char *study, struct abl_err *err) ABL_MUST_USE;

struct abl_rerun_row {
	int64_t trial;
	const char *host, *cpu, *engine;
	bool equal;
	const char *differs; /* for people; NULL: in nothing */
};
int abl_store_put_rerun(struct abl_store *s, const struct abl_rerun_row *row,
			struct abl_err *err) ABL_MUST_USE;

#endif
