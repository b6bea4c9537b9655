/* SPDX-License-Identifier: Apache-2.0 */
/* seeds_look.h - where a study stands whose seeds are added until its intervals are narrow enough:
 * `seeds: {start, until, max}`. All of it is in the store, so a run that was killed goes on as if
 * nothing had happened. What the effects are is never looked at. */
#ifndef ABL_SEEDS_LOOK_H
#define ABL_SEEDS_LOOK_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_store;

struct abl_seeds_look {
	bool grows;          /* the last plan was of such a study; else all else is 0 */
	int64_t start, most; /* seeds */
	double until;        /* in points */
	int64_t planned;     /* seeds of the last plan */
	int64_t open;        /* its trials that are still to come */
	int64_t done;        /* its trials */
	double width;        /* the widest half-width of a primary row, in points; NaN: none */
	bool loss;           /* not in points, but in the units of a metric whose goal is low */
	int64_t next;        /* seeds to have next: `planned` where it is over, or not yet known */
};
int abl_seeds_look(struct abl_store *store, int64_t study, struct abl_seeds_look *out,
		   struct abl_err *err) ABL_MUST_USE;

/* "8 of at most 30; widest interval ±1.83 points, until ±1.00: 14 next". Appends. */
void abl_seeds_text(const struct abl_seeds_look *look, struct abl_str *out);

#endif
