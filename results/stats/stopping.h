/* SPDX-License-Identifier: Apache-2.0 */
/* stopping.h - when to stop adding units: once the interval is narrow enough, whatever it says
 * (a fixed-width procedure; Stein 1945, Chow and Robbins 1965). */
#ifndef ABL_STOPPING_H
#define ABL_STOPPING_H

#include <stdint.h>

/* How many units to have next, when n >= 2 of them give a 95 % t interval of that half-width: n,
 * where it is at most `until`, is NaN, or n is at `most`. Else as many as the same spread would
 * need, one more than n at least, twice as many at most: a spread estimated from few is often far
 * off. Only the width is looked at, so that the error rate stays near that of a fixed number. */
int64_t abl_stopping_next(int64_t n, double half_width, double until, int64_t most);

#endif
