/* SPDX-License-Identifier: Apache-2.0 */
/* expected_places.h - how many stages at a time the places of `--on` will take, before they are
 * there: what the words say, else what the last worker of that name had, else what this machine
 * has. */
#ifndef ABL_EXPECTED_PLACES_H
#define ABL_EXPECTED_PLACES_H

#include "places.h"
#include "str.h"

#include <stdint.h>

struct abl_store;

struct abl_expected_places {
	int own;       /* stages at a time on this machine itself; 0: it takes none */
	int elsewhere; /* with workers */
};

/* `own`: stages at a time on this machine, where it takes part. `slurm`: workers that Slurm is
 * asked for. `store` may be NULL. Appends "this machine 2, hostA 8, hostB 2 (not known yet: as
 * here)". */
int abl_expect_places(struct abl_expected_places *out, const struct abl_places *places,
		      struct abl_store *store, int own, int64_t slurm, struct abl_str *words,
		      struct abl_err *err) ABL_MUST_USE;

#endif
