/* SPDX-License-Identifier: Apache-2.0 */
/* unpack.h - a packed study (pack.h) into a store. The file may be anybody's: everything in it is
 * checked before a store is touched, and again as it is written; a kill at any point leaves the
 * store without the study or with all of it. */
#ifndef ABL_UNPACK_H
#define ABL_UNPACK_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_unpack_request {
	const char *file, *store;
	const char *as; /* the name that it gets; NULL: its own */
	bool trust;     /* its words may be executed here */
	void *tell_data;
	void (*tell)(void *data, double share); /* now and then; may be NULL */
};

struct abl_unpacked {
	char *study;        /* its name here */
	char *file;         /* its study file here; NULL: it has none */
	char *data;         /* the folder of the data that came with it; NULL: none */
	bool same;          /* it was here already, with the same content: nothing was changed */
	bool other_results; /* `same`: but for these: the store's stages have other ones */
	bool executes;      /* it has words that are executed */
	bool trusted;       /* they may be */
	struct abl_str commands;    /* those words, a key a line */
	size_t stages, shared;      /* that it needs; that the store had */
	size_t dropped;             /* that came without their weights */
	size_t again;               /* that had lost theirs here, and have them again */
	size_t differing;           /* of those shared: with other results */
	struct abl_str differences; /* the first of them, a line each */
	struct abl_str missing;     /* data files that are not here, a line each: path and hash */
	size_t missing_count;
};

int abl_unpack(struct abl_unpacked *out, const struct abl_unpack_request *request,
	       struct abl_err *err) ABL_MUST_USE;
void abl_unpacked_finish(struct abl_unpacked *u); /* null-safe */

#endif
