/* SPDX-License-Identifier: Apache-2.0 */
#include "resample.h"

#include "rng.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

#define ROUNDING 1e-12 /* relative; differences below it are those of the arithmetic */

enum { SEEDS, EXAMPLES }; /* which numbers of a replicate's stream are for what */

/* The table turned so that what an example adds to the sums of all arms and seeds lies together;
 * examples that add nothing are left out. */
struct turned {
	float *rows;
	uint32_t *example; /* of a row */
	size_t count, width;
};

static double mean_of_first(const double *sums, size_t width, size_t examples, void *data)
{
	(void)width, (void)data;
	return sums[0] / (double)examples;
}

static struct turned turn(const struct abl_resample *in)
{
	size_t arms = in->b ? 2 : 1;
	struct turned t = {.width = arms * in->seeds * in->width};

	t.rows = abl_calloc(in->examples * t.width + 1, sizeof *t.rows);
	t.example = abl_calloc(in->examples + 1, sizeof *t.example);
	for (size_t e = 0; e < in->examples; e++) {
		float *row = t.rows + t.count * t.width;
		bool any = false;

		for (size_t i = 0; i < arms * in->seeds; i++) {
			const float *arm = i < in->seeds ? in->a : in->b;
			const float *from = arm + (i % in->seeds * in->examples + e) * in->width;

			for (size_t k = 0; k < in->width; k++) {
				row[i * in->width + k] = from[k];
				any |= from[k] != 0;
			}
		}
		if (any)
			t.example[t.count++] = (uint32_t)e;
	}
	return t;
}

/* times[i] = how often i is drawn in n draws of n. */
static void draw(uint64_t key, uint64_t what, size_t n, uint32_t *times)
{
	uint32_t r[4];

	for (size_t i = 0; i < n; i++)
		times[i] = 0;
	for (size_t i = 0; i < n; i++) {
		if (i % 4 == 0)
			abl_rng_block(key, i / 4, what, r);
		times[(uint64_t)r[i % 4] * n >> 32]++;
	}
}

/* The mean over seeds of the metrics of one choice of seeds and examples. */
static double statistic(const struct abl_resample *in, const struct turned *t,
			const uint32_t *seed_times, const uint32_t *example_times, double *sums)
{
	abl_metric_of_sums *metric = in->metric ? in->metric : mean_of_first;
	double total = 0;

	for (size_t k = 0; k < t->width; k++)
		sums[k] = 0;
	for (size_t i = 0; i < t->count; i++) {
		double times = example_times[t->example[i]];
		const float *row = t->rows + i * t->width;

		if (times > 0)
			for (size_t k = 0; k < t->width; k++)
				sums[k] += times * (double)row[k];
	}
	for (size_t s = 0; s < in->seeds; s++) {
		const double *a = sums + s * in->width, *b = a + in->seeds * in->width;
		double value;

		if (!seed_times[s])
			continue;
		value = metric(a, in->width, in->examples, in->data);
		if (in->b)
			value -= metric(b, in->width, in->examples, in->data);
		total += seed_times[s] * value;
	}
	return total / (double)in->seeds;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Between the two nearest in rank, as NumPy's default. */
static double quantile(const double *sorted, size_t n, double share)
{
	double place = share * (double)(n - 1);
	size_t i = (size_t)place;

	return i + 1 < n ? sorted[i] + (place - (double)i) * (sorted[i + 1] - sorted[i])
			 : sorted[n - 1];
}

/* From the replicates to the rest. */
static void finish(double *value, double level, struct abl_resampled *out)
{
	double n = (double)out->replicates, zero;
	size_t far = 0, below = 0;

	qsort(value, out->replicates, sizeof *value, by_size);
	if (!out->replicates)
		return;
	zero = ROUNDING * fmax(fabs(value[0]), fabs(value[out->replicates - 1]));
	if (value[out->replicates - 1] - value[0] <= zero)
		return;
	for (size_t i = 0; i < out->replicates; i++) {
		far += fabs(value[i] - out->estimate) >= fabs(out->estimate) - zero;
		below += value[i] <= zero;
	}
	out->low = quantile(value, out->replicates, level / 2);
	out->high = quantile(value, out->replicates, 1 - level / 2);
	out->p = ((double)far + 1) / (n + 1);
	out->below = (double)below / n;
}

void abl_resample(const struct abl_resample *in, struct abl_resampled *out)
{
	size_t replicates = in->replicates ? in->replicates : ABL_REPLICATES;
	size_t most = in->seeds + in->examples;
	uint64_t key = abl_rng_key(in->seed, in->analysis);
	double *value, *sums;
	uint32_t *times;
	struct turned t;

	*out = (struct abl_resampled){NAN, NAN, NAN, NAN, NAN, 0};
	if (!in->seeds || !in->examples || !(in->level > 0 && in->level < 1))
		return;
	t = turn(in);
	value = abl_calloc(replicates, sizeof *value);
	sums = abl_calloc(t.width + 1, sizeof *sums);
	times = abl_calloc(most, sizeof *times);
	for (size_t i = 0; i < most; i++)
		times[i] = 1;
	out->estimate = statistic(in, &t, times, times + in->seeds, sums);
	for (size_t r = 0; r < replicates && in->examples > 1 && !isnan(out->estimate); r++) {
		uint64_t own = abl_rng_derive(key, r);
		double here;

		draw(own, SEEDS, in->seeds, times);
		draw(own, EXAMPLES, in->examples, times + in->seeds);
		here = statistic(in, &t, times, times + in->seeds, sums);
		if (!isnan(here))
			value[out->replicates++] = here;
	}
	finish(value, in->level, out);
	free(times);
	free(sums);
	free(value);
	free(t.example);
	free(t.rows);
}
