/* SPDX-License-Identifier: Apache-2.0 */
/* gate.h - simulations whose error rates are held within a band. Every number is a function of the
 * gate's name, so a gate gives the same answer each time. */
#ifndef ABL_GATE_H
#define ABL_GATE_H

#include "rng.h"

#include <check.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A stream of normal numbers. */
struct gate_stream {
	uint64_t key, next;
	double kept;
	int has;
};

static inline struct gate_stream gate_open(const char *name)
{
	return (struct gate_stream){.key = abl_rng_key(20, name)};
}

static inline double gate_uniform(struct gate_stream *s)
{
	return abl_rng_uniform(s->key, s->next++, 0);
}

/* Box and Muller's two at a time. */
static inline double gate_normal(struct gate_stream *s)
{
	double radius, angle;
	uint32_t r[4];

	if (s->has) {
		s->has = 0;
		return s->kept;
	}
	abl_rng_block(s->key, s->next++, 1, r);
	radius = sqrt(-2 * log(((double)r[0] + .5) * 0x1p-32));
	angle = 6.283185307179586 * (double)r[1] * 0x1p-32;
	s->kept = radius * sin(angle);
	s->has = 1;
	return radius * cos(angle);
}

/* The share hits / n must lie in [low, high]. */
static inline void gate_share(const char *what, double hits, double n, double low, double high)
{
	double share = hits / n;

	printf("# %s: %.4f of %.0f, standard error %.4f; wanted %.3g to %.3g\n", what, share, n,
	       sqrt(share * (1 - share) / n), low, high);
	ck_assert_msg(share >= low && share <= high, "%s: %.4f", what, share);
}

/* The mean of n values with these sums must lie within 3 standard errors of `truth`. */
static inline void gate_mean(const char *what, double sum, double squares, double n, double truth)
{
	double mean = sum / n, error = sqrt((squares / n - mean * mean) / n);

	printf("# %s: mean %.5f of %.0f, standard error %.5f; wanted %.5f within 3\n", what, mean,
	       n, error, truth);
	ck_assert_msg(fabs(mean - truth) <= 3 * error, "%s: %.5f, not %.5f", what, mean, truth);
}

#endif
