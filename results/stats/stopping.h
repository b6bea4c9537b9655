/* SPDX-License-Identifier: Apache-2.0 */
/* stopping.h - when to stop adding units: once the interval is narrow enough, whatever it says
 * (a fixed-width procedure; Stein 1945, Chow and Robbins 1965). */
#ifndef ABL_STOPPING_H
#define ABL_STOPPING_H

#include <stdint.h>

/* How many units to have next, when n >= 2 of them give a 95 % t interval of that half-width: n,
 * where it is at most `until`, is NaN, or n is at `most`. Else half of the way to as many as the
 * same spread would need, one more than n at least, twice as many at most: a spread estimated from
 * few is often far off, and who goes all the way at once stops later than needed.
 *
 * Only the width is looked at. Still it is more often narrow where the spread happens to look
 * small: begun with 8, the t test at .05 of a single row has a size of .050 where none are added,
 * .060 where 12 are needed on average, .068 at 20; of the rows of four variants, of which the
 * widest decides, .054 at most (tests/unit/stats/test_gate_stopping.c). */
int64_t abl_stopping_next(int64_t n, double half_width, double until, int64_t most);

#endif
