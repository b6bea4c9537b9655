/* SPDX-License-Identifier: Apache-2.0 */
/* resample.h - intervals by resampling units and examples, from per-example counts.
 *
 * Multi-Bootstrap (Sellam et al. 2022, "The MultiBERTs") where there are many seeds, say 20: a
 * replicate draws seeds, the same for both arms, and examples, the same for all seeds. With one
 * seed it is the paired bootstrap over examples of one pair of runs (Berg-Kirkpatrick et al. 2012),
 * which says nothing about other seeds.
 *
 * What replicate r draws depends on the analysis, the seed and r alone, so the answer has the same
 * bits wherever and in whatever order replicates are made. */
#ifndef ABL_RESAMPLE_H
#define ABL_RESAMPLE_H

#include "crossed.h"

#include <stddef.h>
#include <stdint.h>

#define ABL_REPLICATES 10000

struct abl_resample {
	const float *a, *b; /* [seeds][examples][width]: the variant, the baseline; b NULL: none */
	size_t seeds, examples, width;
	abl_metric_of_sums *metric; /* NULL: sums[0] / examples, the mean of the first count */
	void *data;                 /* for it */
	size_t replicates;          /* 0: ABL_REPLICATES */
	double level;               /* 1 - coverage */
	const char *analysis;       /* a name for the stream of random numbers */
	uint64_t seed;
};

struct abl_resampled {
	double estimate;   /* mean over seeds of metric(a) - metric(b) */
	double low, high;  /* quantiles of the replicates */
	double p;          /* (1 + #{|replicate - estimate| >= |estimate|}) / (replicates + 1) */
	double below;      /* share of replicates that are 0 or less: MultiBERTs' one-sided p */
	size_t replicates; /* in which the metric is defined */
};

/* NaN for all but the estimate where there is nothing to draw (no seed, fewer than two examples) or
 * nothing varies. */
void abl_resample(const struct abl_resample *in, struct abl_resampled *out);

#endif
