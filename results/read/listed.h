/* SPDX-License-Identifier: Apache-2.0 */
/* listed.h - what a store has: its studies, or the variants of one, with their trials and the room
 * that what their stages made takes on the disk. */
#ifndef ABL_LISTED_H
#define ABL_LISTED_H

#include "errors.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_store;

struct abl_listed {       /* texts last for the call */
	const char *name; /* of the study or variant */
	const char *path; /* of the study's file; NULL: it has none */
	const char *made; /* "native", "program", "loaded", "unpacked"; of a variant its kind */
	double last_run;  /* seconds since 1970; NaN: never */
	int64_t trials;   /* of the last plan; 0: a variant that only an earlier one had */
	int64_t done, failed, waiting; /* of them; what runs is not over, and waits */
	/* Bytes on disk of artefacts, those of earlier plans too: that nobody else has, and those
	 * that another study, or of a variant also another variant, has too. */
	int64_t own, shared;
	int64_t weights; /* trained models that are there, */
	int64_t dropped; /* and those that were removed on purpose: their numbers stand */
};

/* Studies in the order in which they came; with `study` not 0 its variants, in their order, those
 * of earlier plans at the end. */
int abl_read_listed(struct abl_store *store, int64_t study,
		    void (*hear)(void *data, const struct abl_listed *row), void *data,
		    struct abl_err *err) ABL_MUST_USE;

#endif
