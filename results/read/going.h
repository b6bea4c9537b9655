/* SPDX-License-Identifier: Apache-2.0 */
/* going.h - the start of the program that is still going, of all studies of a store. */
#ifndef ABL_GOING_H
#define ABL_GOING_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

struct abl_going { /* texts last for the call */
	int64_t run, study_id, pid;
	const char *study, *host;
	double started; /* seconds since 1970 */
};
/* 1 = heard, 0 = nobody runs a study. A store has one writer, so there is one at most; where that
 * was killed the store is alive no more (abl_store_is_alive()). */
int abl_read_going(struct abl_store *store, void (*hear)(void *data, const struct abl_going *going),
		   void *data, struct abl_err *err) ABL_MUST_USE;

#endif
