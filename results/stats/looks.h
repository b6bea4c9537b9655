/* SPDX-License-Identifier: Apache-2.0 */
/* looks.h - what it costs to look at the results and then add seeds. */
#ifndef ABL_LOOKS_H
#define ABL_LOOKS_H

#include <stddef.h>

/* The share of studies without any effect in which a t test at .05 finds one after `first` pairs or
 * after `second`, the first ones among them. By simulation, 400,000 studies (fewer beyond 15
 * pairs): its standard error is .0005 to .002. NaN unless 2 <= first < second <= 1000. */
double abl_stats_two_looks(size_t first, size_t second);

#endif
