/* SPDX-License-Identifier: Apache-2.0 */
/* key_shares.c - how much of the spread of a grid each of its keys explains. */
#include "key_shares.h"

#include "anova.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

#define MOST_WORK 2e9 /* products of a model: values x columns squared */

struct layout {
	double *y;
	size_t *level[ABL_FACTORS];
	struct abl_factor factor[ABL_FACTORS];
	size_t key_of[ABL_FACTORS], factors, n;
};

static void lay_out(struct layout *d, const struct abl_key_levels *k,
		    const struct abl_run_values *v)
{
	const size_t most = v->arms * v->units + 1;

	d->y = abl_calloc(most, sizeof *d->y);
	for (size_t f = 0; f < d->factors; f++)
		d->level[f] = abl_calloc(most, sizeof *d->level[f]);
	for (size_t a = 0; a < v->arms; a++)
		for (size_t u = 0; u < v->units; u++) {
			if (!k->in[a] || isnan(v->arm[a].value[u]))
				continue;
			for (size_t f = 0; f + 1 < d->factors; f++)
				d->level[f][d->n] = k->key[d->key_of[f]].of[a];
			d->level[d->factors - 1][d->n] = u;
			d->y[d->n++] = v->arm[a].value[u];
		}
	for (size_t f = 0; f < d->factors; f++)
		d->factor[f].level = d->level[f];
}

/* Of all values about the means of their units. */
static double spread_within_units(const struct layout *d, size_t units)
{
	double *sum = abl_calloc(units + 1, sizeof *sum),
	       *count = abl_calloc(units + 1, sizeof *count);
	const size_t *unit = d->level[d->factors - 1];
	double ss = 0;

	for (size_t i = 0; i < d->n; i++) {
		sum[unit[i]] += d->y[i];
		count[unit[i]]++;
	}
	for (size_t i = 0; i < d->n; i++) {
		const double off = d->y[i] - sum[unit[i]] / count[unit[i]];

		ss += off * off;
	}
	free(sum);
	free(count);
	return ss;
}

void abl_key_shares(const struct abl_key_levels *k, const struct abl_run_values *v,
		    const bool *counts, double *share)
{
	struct layout d = {0};
	struct abl_anova table = {0};
	double columns = (double)v->units, all;

	for (size_t i = 0; i < k->keys; i++) {
		share[i] = NAN;
		if (!counts[i] || d.factors + 1 == ABL_FACTORS)
			continue;
		d.key_of[d.factors] = i;
		d.factor[d.factors++].levels = k->key[i].levels;
		columns += (double)k->key[i].levels;
	}
	if (!d.factors || columns * columns * (double)(v->arms * v->units) > MOST_WORK)
		return;
	d.factor[d.factors++].levels = v->units;
	lay_out(&d, k, v);
	all = spread_within_units(&d, v->units);
	abl_anova(d.y, d.n, d.factor, d.factors, 1, &table);
	for (size_t r = 0; r < table.count; r++)
		for (size_t f = 0; f + 1 < d.factors; f++)
			if (table.row[r].factors == (uint32_t)1 << f && all > 0)
				share[d.key_of[f]] = table.row[r].ss / all;
	free(table.row);
	free(d.y);
	for (size_t f = 0; f < d.factors; f++)
		free(d.level[f]);
}
