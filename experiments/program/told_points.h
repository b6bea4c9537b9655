/* SPDX-License-Identifier: Apache-2.0 */
/* told_points.h - which points of a series have been told: a step with its value is told once. */
#ifndef ABL_TOLD_POINTS_H
#define ABL_TOLD_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_told_points { /* zero-initialise */
	struct abl_told_point *slot;
	size_t count, capacity; /* a power of two */
};

/* Is it new? It is told from then on. A step may have several values. */
bool abl_told_points_add(struct abl_told_points *t, int64_t step, double value);
void abl_told_points_finish(struct abl_told_points *t);

#endif
