/* SPDX-License-Identifier: Apache-2.0 */
/* care.h - all that lies in a store's folder, by kind and by who has it: for `du`, `gc`, `rm` and
 * `verify`. Links are not followed, and what is not of a store's making is unknown. */
#ifndef ABL_CARE_H
#define ABL_CARE_H

#include "errors.h"
#include "stage_uses.h"

#include <stddef.h>
#include <time.h>

enum abl_care_kind {
	ABL_CARE_WEIGHTS,     /* of the native engine */
	ABL_CARE_OUTPUTS,     /* of programs: what stays of {out} */
	ABL_CARE_DATA,        /* vocabularies, tokenized texts */
	ABL_CARE_PREDICTIONS, /* example by example */
	ABL_CARE_STATES,      /* saved in the middle of a stage */
	ABL_CARE_LOGS,
	ABL_CARE_CODE, /* copies of programs */
	ABL_CARE_FIGURES,
	ABL_CARE_DATABASE,
	ABL_CARE_OTHER,
	ABL_CARE_KINDS
};
const char *abl_care_kind_name(enum abl_care_kind kind); /* "weights" */

enum abl_fate {
	ABL_FATE_KEPT,
	ABL_FATE_EARLIER, /* of stages that only earlier plans have */
	ABL_FATE_GOES,    /* nothing needs it */
	ABL_FATE_BACKUP,  /* of the database, before an upgrade */
	ABL_FATE_UNKNOWN  /* not of our making: it stays */
};

struct abl_care_item {
	char *path; /* below the store: "artifacts/KEY" */
	enum abl_care_kind kind;
	enum abl_fate fate;
	int64_t bytes[ABL_CARE_KINDS]; /* on disk (disk_use.h); a file with many names once */
	int64_t study;                 /* whose it is alone; 0: nobody's, or of several */
	bool shared;                   /* of several studies: */
	const char *sharers;           /* their numbers, with commas; NULL: not shared */
	bool of_study;                 /* of the study that was asked for */
	time_t changed;                /* last, of the item itself */
};

struct abl_care {
	struct abl_care_item *item; /* folder by folder, by name */
	size_t count, capacity;
};

/* Looks at all of it. `study`: marks what it has; 0: none. */
int abl_care_look(struct abl_care *out, struct abl_store *store, int64_t study,
		  struct abl_err *err) ABL_MUST_USE;
void abl_care_finish(struct abl_care *c);                 /* null-safe */
int64_t abl_care_bytes(const struct abl_care_item *item); /* of all kinds */

#endif
