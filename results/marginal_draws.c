/* SPDX-License-Identifier: Apache-2.0 */
/* marginal_draws.c - which key mattered among random draws. No two share the values of the other
 * keys, but draws are independent: the mean of a level is that over its draws, and levels differ by
 * Welch's t. Numbers of many values are taken in three thirds. */
#include "marginal_draws.h"

#include <math.h>
#include <stdlib.h>

#define MOST_LEVELS 8 /* of numbers, which are not taken in thirds */
#define THIRDS 3

struct draws {
	const struct abl_key_levels *k;
	size_t *arm; /* [n] */
	double *y;   /* [n] its mean over units */
	size_t *bin; /* [n] of the key in hand */
	size_t n;
};

static bool take_draws(struct draws *d, const struct abl_key_levels *k,
		       const struct abl_run_values *v)
{
	double *value = abl_calloc(v->units + 1, sizeof *value);

	*d = (struct draws){.k = k,
			    .arm = abl_calloc(v->arms + 1, sizeof *d->arm),
			    .y = abl_calloc(v->arms + 1, sizeof *d->y),
			    .bin = abl_calloc(v->arms + 1, sizeof *d->bin)};
	for (size_t a = 0; a < v->arms; a++) {
		const size_t n = abl_run_values_of(v, a, value);

		if (v->arm[a].kind != ABL_VARIANT_RANDOM || !k->in[a] || !n)
			continue;
		d->arm[d->n] = a;
		d->y[d->n++] = abl_stats_mean(value, n);
	}
	free(value);
	return d->n > 1;
}

static void name_level(struct abl_marginal_key *key, const struct abl_key *from, size_t first,
		       size_t last)
{
	struct abl_str text = {0};

	abl_str_puts(&text, from->level[first].value);
	if (last > first)
		abl_str_printf(&text, " to %s", from->level[last].value);
	key->level[key->levels++] = (struct abl_marginal_level){
		.value = text.text,
		.number = (from->level[first].number + from->level[last].number) / 2};
}

/* The levels that are shown, and which of them each draw has. Levels of numbers are in order. */
static void make_levels(struct abl_marginal_key *key, const struct abl_key *from, struct draws *d)
{
	const bool thirds = from->numeric && from->levels > MOST_LEVELS;
	const size_t bins = thirds ? THIRDS : from->levels;

	for (size_t l = 0; l < key->levels; l++)
		free(key->level[l].value);
	key->levels = 0;
	for (size_t b = 0; b < bins; b++)
		name_level(key, from, b * from->levels / bins, (b + 1) * from->levels / bins - 1);
	for (size_t i = 0; i < d->n; i++) {
		const size_t level = from->of[d->arm[i]];

		d->bin[i] = 0;
		while ((d->bin[i] + 1) * from->levels / bins <= level)
			d->bin[i]++;
	}
}

static size_t of_level(const struct draws *d, size_t level, double *out)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->bin[i] == level)
			out[n++] = d->y[i];
	return n;
}

static void describe_levels(struct abl_marginal_key *key, const struct draws *d, bool lower)
{
	double *x = abl_calloc(d->n + 1, sizeof *x), *y = abl_calloc(d->n + 1, sizeof *y);
	double worst = NAN, top = NAN;
	size_t best = 0, n, m;

	for (size_t l = 0; l < key->levels; l++) {
		struct abl_marginal_level *level = &key->level[l];
		double mean;

		level->n = of_level(d, l, x);
		abl_stats_t(x, level->n, ABL_LEVEL, &level->mean);
		mean = lower ? -level->mean.estimate : level->mean.estimate;
		if (isnan(top) || mean > top) {
			best = l;
			top = mean;
		}
		worst = isnan(worst) ? mean : fmin(worst, mean);
	}
	key->level[best].best = true;
	key->range = top - worst;
	m = of_level(d, best, y);
	for (size_t l = 0; l < key->levels; l++) {
		n = of_level(d, l, x);
		abl_stats_welch(x, n, y, m, ABL_LEVEL, &key->level[l].difference);
		if (l == best)
			key->level[l].difference.estimate = key->level[l].difference.low =
				key->level[l].difference.high = NAN;
	}
	free(x);
	free(y);
}

void abl_marginal_of_draws(struct abl_marginal_key *keys, const struct abl_key_levels *k,
			   const struct abl_run_values *v)
{
	struct draws d;

	if (take_draws(&d, k, v))
		for (size_t i = 0; i < k->keys; i++) {
			if (!keys[i].reason)
				continue;
			make_levels(&keys[i], &k->key[i], &d);
			describe_levels(&keys[i], &d, v->lower_is_better);
			keys[i].by_draws = true;
			keys[i].reason = NULL;
			keys[i].holes = keys[i].missing = 0;
		}
	free(d.arm), free(d.y), free(d.bin);
}
