/* SPDX-License-Identifier: Apache-2.0 */
/* verify.h - whether what a store holds is what was put into it. */
#ifndef ABL_VERIFY_H
#define ABL_VERIFY_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

enum abl_fault_kind {
	ABL_FAULT_DATABASE, /* rows that do not agree */
	ABL_FAULT_ARTEFACT, /* what a stage has made */
	ABL_FAULT_CODE,     /* a copy of a program */
	ABL_FAULT_DATA,     /* a file outside of the store that a study was run on */
};
const char *abl_fault_name(enum abl_fault_kind kind);   /* "artefact" */
const char *abl_fault_advice(enum abl_fault_kind kind); /* what to do, with commands */

struct abl_fault {
	enum abl_fault_kind kind;
	char *of;    /* below the store, a stage's key, or a data file */
	char *what;  /* is wrong */
	char *key;   /* of the stage that can be made again, or NULL */
	char *whose; /* "pretrain of STUDY/VARIANT/TASK/SEED and 3 more trials", or NULL */
};

struct abl_verified {
	struct abl_fault *fault;
	size_t count, capacity;
	int64_t artefacts, copies, files, bytes; /* that were looked at */
	int64_t absent;                          /* data files that are not where they were */
	int64_t dropped;                         /* artefacts that were removed on purpose */
};

struct abl_verify_request {
	int64_t study; /* only what it has; 0: all */
	bool fast;     /* sizes alone: no file is read */
	/* Called before each thing that is looked at; may be NULL. */
	void (*tick)(void *data, int64_t done, int64_t all, int64_t bytes);
	void *data;
};

int abl_verify(struct abl_verified *out, struct abl_store *store,
	       const struct abl_verify_request *request, struct abl_err *err) ABL_MUST_USE;
void abl_verified_finish(struct abl_verified *v); /* null-safe */

/* Lets the next run make damaged artefacts again. Their numbers stand. *marked: how many. */
int abl_verify_repair(struct abl_store *store, const struct abl_verified *v, int64_t *marked,
		      struct abl_err *err) ABL_MUST_USE;

#endif
