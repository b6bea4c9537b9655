/* SPDX-License-Identifier: Apache-2.0 */
/* key_shares.h - how much of the spread of a grid each of its keys explains. */
#ifndef ABL_KEY_SHARES_H
#define ABL_KEY_SHARES_H

#include "key_levels.h"

/* share[keys]: the key's sum of squares beside the other keys that count (type II, units as
 * blocks), of that of all values about the means of their units; NaN: not known. */
void abl_key_shares(const struct abl_key_levels *k, const struct abl_run_values *v,
		    const bool *counts, double *share);

#endif
