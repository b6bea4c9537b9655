/* SPDX-License-Identifier: Apache-2.0 */
#include "anova.h"

#include "distribution.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDING \
	1e-9 /* relative to a column: what is left of it below that is that of arithmetic */
#define SQUARES 1e-24 /* the same for sums of squares, relative to that of the values */

/* A model: orthonormal columns that span it (the Q of a QR decomposition), made one by one by
 * Gram and Schmidt's method, each column twice, which keeps them orthogonal to rounding. */
struct model {
	size_t n, rank, room;
	double *q;
};

struct values { /* those that are not NaN */
	size_t n, factors;
	const struct abl_factor *factor;
	double *y;
	size_t *at; /* in the caller's */
};

/* Takes the model's part out of x; returns the length of what is left, squared. */
static double take_out(const struct model *m, double *x)
{
	double left = 0;

	for (int turn = 0; turn < 2; turn++)
		for (size_t k = 0; k < m->rank; k++) {
			const double *q = m->q + k * m->n;
			double along = 0;

			for (size_t i = 0; i < m->n; i++)
				along += q[i] * x[i];
			for (size_t i = 0; i < m->n; i++)
				x[i] -= along * q[i];
		}
	for (size_t i = 0; i < m->n; i++)
		left += x[i] * x[i];
	return left;
}

/* Adds the column x, which it may spoil; one that the model spans already is dropped. */
static void add_column(struct model *m, double *x)
{
	double length = 0, left;

	for (size_t i = 0; i < m->n; i++)
		length += x[i] * x[i];
	left = take_out(m, x);
	if (m->rank == m->n || !(left > ROUNDING * ROUNDING * length))
		return;
	abl_grow(&m->q, &m->room, (m->rank + 1) * m->n, sizeof *m->q);
	for (size_t i = 0; i < m->n; i++)
		m->q[m->rank * m->n + i] = x[i] / sqrt(left);
	m->rank++;
}

/* 1 for the values whose levels of the factors in `term` are those that `cell` counts. */
static void cell_column(const struct values *v, uint32_t term, size_t cell, double *x)
{
	for (size_t i = 0; i < v->n; i++)
		x[i] = 1;
	for (size_t f = 0; f < v->factors; f++) {
		size_t level;

		if (!(term >> f & 1))
			continue;
		level = cell % v->factor[f].levels;
		cell /= v->factor[f].levels;
		for (size_t i = 0; i < v->n; i++)
			if (v->factor[f].level[v->at[i]] != level)
				x[i] = 0;
	}
}

static void add_term(struct model *m, const struct values *v, uint32_t term)
{
	double *x = abl_calloc(v->n + 1, sizeof *x);
	size_t cells = 1;

	for (size_t f = 0; f < v->factors; f++)
		cells *= term >> f & 1 ? v->factor[f].levels : 1;
	for (size_t cell = 0; cell < cells; cell++) {
		cell_column(v, term, cell, x);
		add_column(m, x);
	}
	free(x);
}

static struct values take_values(const double *y, size_t n, const struct abl_factor *factor,
				 size_t factors)
{
	struct values v = {.factors = factors, .factor = factor};

	v.y = abl_calloc(n + 1, sizeof *v.y);
	v.at = abl_calloc(n + 1, sizeof *v.at);
	for (size_t i = 0; i < n; i++)
		if (!isnan(y[i])) {
			v.y[v.n] = y[i];
			v.at[v.n++] = i;
		}
	return v;
}

static void drop_values(struct values *v)
{
	free(v->y);
	free(v->at);
}

/* A sum of squares of parts of y; 0 where it is only rounding. */
static double cleaned(double sum, const double *y, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(y[i]));
	return sum <= SQUARES * most * most * (double)n ? 0 : sum;
}

/* What y has along the columns from `first` on, squared. */
static double along(const struct model *m, size_t first, const double *y)
{
	double sum = 0;

	for (size_t k = first; k < m->rank; k++) {
		double part = 0;

		for (size_t i = 0; i < m->n; i++)
			part += m->q[k * m->n + i] * y[i];
		sum += part * part;
	}
	return cleaned(sum, y, m->n);
}

/* What the model leaves of y, squared. */
static double rest(const struct model *m, const double *y)
{
	double *left = abl_calloc(m->n + 1, sizeof *left), sum;

	memcpy(left, y, m->n * sizeof *y);
	sum = take_out(m, left);
	free(left);
	return cleaned(sum, y, m->n);
}

/* The next larger number with as many bits, or the smallest with one more. */
static uint32_t next_term(uint32_t term, size_t factors)
{
	int bits = __builtin_popcount(term);

	while (++term < (uint32_t)1 << factors)
		if (__builtin_popcount(term) == bits)
			return term;
	return ((uint32_t)1 << (bits + 1)) - 1;
}

static size_t list_terms(size_t factors, size_t order, struct abl_anova_row **rows)
{
	size_t count = 0, room = 0;

	order = order < factors ? order : factors;
	for (uint32_t term = 1; (size_t)__builtin_popcount(term) <= order;
	     term = next_term(term, factors)) {
		abl_grow(rows, &room, count + 1, sizeof **rows);
		(*rows)[count++] = (struct abl_anova_row){.factors = term};
	}
	return count;
}

/* The constant and all terms but those that contain `without`; 0: all. */
static struct model model_without(const struct values *v, const struct abl_anova *out,
				  uint32_t without)
{
	struct model m = {.n = v->n};

	add_term(&m, v, 0);
	for (size_t i = 0; i < out->count; i++)
		if (!without || (out->row[i].factors & without) != without)
			add_term(&m, v, out->row[i].factors);
	return m;
}

void abl_anova(const double *y, size_t n, const struct abl_factor *factor, size_t factors,
	       size_t order, struct abl_anova *out)
{
	struct values v;
	struct model m;

	*out = (struct abl_anova){.df_rest = NAN, .ss_rest = NAN};
	if (!factors || factors > ABL_FACTORS || !order)
		return;
	v = take_values(y, n, factor, factors);
	out->values = v.n;
	out->left_out = n - v.n;
	out->count = list_terms(factors, order, &out->row);
	m = model_without(&v, out, 0);
	out->df_rest = (double)(v.n - m.rank);
	out->ss_rest = v.n > m.rank ? rest(&m, v.y) : 0;
	free(m.q);
	for (size_t i = 0; i < out->count; i++) {
		struct abl_anova_row *r = &out->row[i];
		size_t before;

		m = model_without(&v, out, r->factors);
		before = m.rank;
		add_term(&m, &v, r->factors);
		r->df = (double)(m.rank - before);
		r->ss = along(&m, before, v.y);
		r->f = out->ss_rest > 0 && r->df > 0 ? r->ss / r->df / (out->ss_rest / out->df_rest)
						     : NAN;
		r->p = abl_f_upper(r->f, r->df, out->df_rest);
		r->partial_eta2 = r->ss + out->ss_rest > 0 ? r->ss / (r->ss + out->ss_rest) : NAN;
		free(m.q);
	}
	drop_values(&v);
}

/* How much of the squares of factor f, beyond the model, its variance stands for: the length of
 * what the model leaves of the columns of its levels. */
static double weight_of(const struct model *m, const struct values *v, size_t f)
{
	double *x = abl_calloc(v->n + 1, sizeof *x), sum = 0;

	for (size_t level = 0; level < v->factor[f].levels; level++) {
		cell_column(v, (uint32_t)1 << f, level, x);
		sum += take_out(m, x);
	}
	free(x);
	return sum;
}

void abl_variance_components(const double *y, size_t n, const struct abl_factor *factor,
			     size_t factors, double *component)
{
	struct abl_anova table;
	struct values v;

	abl_anova(y, n, factor, factors, 1, &table);
	for (size_t f = 0; f <= factors; f++)
		component[f] = NAN;
	if (!(table.df_rest > 0)) {
		free(table.row);
		return;
	}
	component[factors] = table.ss_rest / table.df_rest;
	v = take_values(y, n, factor, factors);
	for (size_t f = 0; f < factors; f++) {
		struct model m = model_without(&v, &table, table.row[f].factors);
		double excess = table.row[f].ss - table.row[f].df * component[factors];

		if (table.row[f].df > 0)
			component[f] = fmax(0, excess) / weight_of(&m, &v, f);
		free(m.q);
	}
	drop_values(&v);
	free(table.row);
}
