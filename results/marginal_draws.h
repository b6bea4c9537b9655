/* SPDX-License-Identifier: Apache-2.0 */
/* marginal_draws.h - for marginal.c: which key mattered among random draws. */
#ifndef ABL_MARGINAL_DRAWS_H
#define ABL_MARGINAL_DRAWS_H

#include "key_levels.h"
#include "marginal.h"

/* Fills those of the keys that have no means yet, if the arms are random draws. */
void abl_marginal_of_draws(struct abl_marginal_key *keys, const struct abl_key_levels *k,
			   const struct abl_run_values *v);

#endif
