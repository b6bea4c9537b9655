/* SPDX-License-Identifier: Apache-2.0 */
#include "families.h"

#include "distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct member {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return x->p != y->p ? (x->p > y->p) - (x->p < y->p) : (x->at > y->at) - (x->at < y->at);
}

/* The members in order of their p; those that are NaN are left out. */
static size_t in_order(const double *p, size_t n, struct member *out)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(p[i]))
			out[m++] = (struct member){p[i], i};
	qsort(out, m, sizeof *out, by_p);
	return m;
}

void abl_family_bh(const double *p, size_t n, double *out)
{
	struct member *order = abl_calloc(n + 1, sizeof *order);
	size_t m = in_order(p, n, order);
	double ceiling = 1;

	memmove(out, p, n * sizeof *p);
	for (size_t i = m; i-- > 0;) {
		ceiling = fmin(ceiling, (double)m / (double)(i + 1) * order[i].p);
		out[order[i].at] = ceiling;
	}
	free(order);
}

static size_t can_decide(const double *p, const double *least, size_t n, double level)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !isnan(p[i]) && least[i] <= level;
	return count;
}

void abl_family_tarone(const double *p, const double *least, size_t n, double level, double *out)
{
	double *deciding = abl_calloc(n + 1, sizeof *deciding);
	size_t k = 1;

	while (can_decide(p, least, n, level / (double)k) > k)
		k++;
	for (size_t i = 0; i < n; i++)
		deciding[i] = least[i] <= level / (double)k ? p[i] : NAN;
	abl_stats_holm(deciding, n, deciding);
	for (size_t i = 0; i < n; i++)
		out[i] = isnan(p[i]) || !isnan(deciding[i]) ? deciding[i] : 1;
	free(deciding);
}

void abl_family_shaffer(const double *p, const double *p_equivalent, size_t n, double *out,
			double *out_equivalent)
{
	double *all = abl_calloc(2 * n + 1, sizeof *all), floor = 0;
	struct member *order = abl_calloc(2 * n + 1, sizeof *order);
	size_t *open = abl_calloc(n + 1, sizeof *open), rows = 0, m;

	memcpy(all, p, n * sizeof *p);
	memcpy(all + n, p_equivalent, n * sizeof *p);
	m = in_order(all, 2 * n, order);
	for (size_t i = 0; i < m; i++)
		rows += !open[order[i].at % n]++;
	for (size_t i = 0; i < m; i++) {
		floor = fmax(floor, fmin(1, (double)rows * order[i].p));
		all[order[i].at] = floor;
		rows -= !--open[order[i].at % n];
	}
	memcpy(out, all, n * sizeof *p);
	memcpy(out_equivalent, all + n, n * sizeof *p);
	free(open);
	free(order);
	free(all);
}

double abl_stats_equivalence(const struct abl_t_test *t, double margin)
{
	double p = 0;

	if (!(margin > 0) || !(t->error > 0) || !(t->df > 0))
		return NAN;
	for (int side = -1; side <= 1; side += 2) { /* H0: side * difference >= margin */
		double reach = (margin - side * t->estimate) / t->error;
		double tail = abl_t_two_sided(reach, t->df) / 2;

		p = fmax(p, reach > 0 ? tail : 1 - tail);
	}
	return p;
}
