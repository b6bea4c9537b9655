/* SPDX-License-Identifier: Apache-2.0 */
/* samples.h - values by seed at points of an axis, and what they come to at each point. */
#ifndef ABL_SAMPLES_H
#define ABL_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_sample {
	double x, value;
	int64_t seed;
};

struct abl_samples { /* zero-initialise */
	struct abl_sample *item;
	size_t count, capacity;
};

struct abl_spread { /* of the seeds at one x */
	double x;
	size_t first, n; /* items[first .. first + n) */
	double mean;
	double sd;   /* NaN with one seed */
	double half; /* half the width of the 95 % t interval of the mean; NaN with fewer than 3
			seeds */
};

void abl_samples_finish(struct abl_samples *s); /* null-safe */
void abl_samples_clear(struct abl_samples *s);
/* A value that is not finite is not taken. */
void abl_samples_add(struct abl_samples *s, double x, int64_t seed, double value);
/* Sorts by x, then seed; several values of one seed at one x become their mean. */
void abl_samples_sort(struct abl_samples *s);
/* Moves all samples of a seed to another set; both stay sorted if they were and `to` has none. */
void abl_samples_move_seed(struct abl_samples *from, int64_t seed, struct abl_samples *to);
/* Each value becomes the mean of its seed's values at this and the nearest `reach` steps on either
 * side (fewer at the ends). Only on sorted samples. */
void abl_samples_smooth(struct abl_samples *s, size_t reach);
/* The next point, begun with *at = 0; false after the last. Only on sorted samples. */
bool abl_samples_next(const struct abl_samples *s, size_t *at, struct abl_spread *out);

#endif
