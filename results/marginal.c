/* SPDX-License-Identifier: Apache-2.0 */
#include "marginal.h"

#include "expected_best.h"
#include "key_levels.h"
#include "key_shares.h"
#include "marginal_draws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE ((size_t)-1)

static const struct abl_t_test unknown = {.estimate = NAN,
					  .sd = NAN,
					  .error = NAN,
					  .df = NAN,
					  .t = NAN,
					  .p = NAN,
					  .low = NAN,
					  .high = NAN};

/* ---- the grid of one key: combinations of the others x its levels ---- */

struct grid {
	const struct abl_run_values *v;
	const struct abl_key_levels *k;
	size_t key;
	size_t *first; /* [combinations] an arm of each, by which it is known */
	size_t *arm;   /* [combinations][levels]; NONE: no such variant */
	size_t combinations;
};

static size_t levels_of(const struct grid *g)
{
	return g->k->key[g->key].levels;
}

/* Order of arms by what they have of the other keys, then of this one. */
static const struct grid *sorting;

static int by_others(const void *x, const void *y)
{
	const size_t a = *(const size_t *)x, b = *(const size_t *)y;

	for (size_t i = 0; i < sorting->k->keys; i++) {
		const size_t *of = sorting->k->key[i].of;

		if (i != sorting->key && of[a] != of[b])
			return of[a] < of[b] ? -1 : 1;
	}
	return 0;
}

static void grid_make(struct grid *g)
{
	size_t *order = abl_calloc(g->v->arms + 1, sizeof *order), n = 0;

	for (size_t a = 0; a < g->v->arms; a++)
		if (g->k->in[a])
			order[n++] = a;
	sorting = g;
	qsort(order, n, sizeof *order, by_others);
	g->arm = abl_calloc((n + 1) * levels_of(g), sizeof *g->arm);
	for (size_t i = 0; i < n; i++) {
		size_t *row;

		if (!i || by_others(&order[i - 1], &order[i])) {
			row = g->arm + g->combinations++ * levels_of(g);
			for (size_t l = 0; l < levels_of(g); l++)
				row[l] = NONE;
		}
		row = g->arm + (g->combinations - 1) * levels_of(g);
		row[g->k->key[g->key].of[order[i]]] = order[i];
	}
	free(order);
}

static bool complete(const struct grid *g, const size_t *row)
{
	for (size_t l = 0; l < levels_of(g); l++)
		if (row[l] == NONE)
			return false;
	return true;
}

static bool has_values(const struct grid *g, const size_t *row, size_t unit)
{
	for (size_t l = 0; l < levels_of(g); l++)
		if (isnan(g->v->arm[row[l]].value[unit]))
			return false;
	return true;
}

/* Means of the levels in one unit, over the combinations that have all values; NaN: none has. */
static void unit_means(const struct grid *g, size_t unit, struct abl_marginal_key *key,
		       double *mean)
{
	size_t n = 0;

	for (size_t l = 0; l < levels_of(g); l++)
		mean[l] = 0;
	for (size_t c = 0; c < g->combinations; c++) {
		const size_t *row = g->arm + c * levels_of(g);

		if (!complete(g, row))
			continue;
		if (!has_values(g, row, unit)) {
			key->missing++;
			continue;
		}
		for (size_t l = 0; l < levels_of(g); l++)
			mean[l] += g->v->arm[row[l]].value[unit];
		n++;
	}
	for (size_t l = 0; l < levels_of(g); l++)
		mean[l] = n ? mean[l] / (double)n : NAN;
}

/* ---- the levels of a key ---- */

static bool better(double a, double b, bool lower)
{
	return lower ? a < b : a > b;
}

/* mean: [levels][n] of the units that have one. */
static void describe_levels(struct abl_marginal_key *key, const double *mean, size_t n, size_t room,
			    bool lower)
{
	double *difference = abl_calloc(n + 1, sizeof *difference), worst = NAN;
	size_t best = 0;

	for (size_t l = 0; l < key->levels; l++) {
		struct abl_marginal_level *level = &key->level[l];

		level->n = n;
		level->difference = unknown;
		abl_stats_t(mean + l * room, n, ABL_LEVEL, &level->mean);
		if (better(level->mean.estimate, key->level[best].mean.estimate, lower))
			best = l;
		if (isnan(worst) || better(worst, level->mean.estimate, lower))
			worst = level->mean.estimate;
	}
	key->level[best].best = n > 0;
	key->range = fabs(key->level[best].mean.estimate - worst);
	for (size_t l = 0; l < key->levels; l++) {
		if (l == best)
			continue;
		for (size_t u = 0; u < n; u++)
			difference[u] = mean[l * room + u] - mean[best * room + u];
		abl_stats_t(difference, n, ABL_LEVEL, &key->level[l].difference);
	}
	free(difference);
}

static void describe_means(struct abl_marginal_key *key, const struct grid *g)
{
	const size_t room = g->v->units + 1;
	double *mean = abl_calloc(key->levels * room, sizeof *mean);
	double *of_unit = abl_calloc(key->levels, sizeof *of_unit);
	size_t n = 0;

	for (size_t u = 0; u < g->v->units; u++) {
		unit_means(g, u, key, of_unit);
		if (isnan(of_unit[0]))
			continue;
		for (size_t l = 0; l < key->levels; l++)
			mean[l * room + n] = of_unit[l];
		n++;
	}
	describe_levels(key, mean, n, room, g->v->lower_is_better);
	if (!n && !key->reason)
		key->reason = "no combination has a value at every level yet";
	free(mean);
	free(of_unit);
}

static void describe_key(struct abl_marginal_key *key, const struct abl_key_levels *k, size_t at,
			 const struct abl_run_values *v)
{
	const struct abl_key *from = &k->key[at];
	struct grid g = {.v = v, .k = k, .key = at};

	*key = (struct abl_marginal_key){.name = abl_strdup(from->name),
					 .numeric = from->numeric,
					 .levels = from->levels,
					 .range = NAN,
					 .share = NAN};
	key->level = abl_calloc(from->levels + 1, sizeof *key->level);
	for (size_t l = 0; l < from->levels; l++)
		key->level[l] = (struct abl_marginal_level){
			.value = abl_strdup(from->level[l].value), .number = from->level[l].number};
	grid_make(&g);
	for (size_t c = 0; c < g.combinations; c++)
		key->combinations += complete(&g, g.arm + c * levels_of(&g));
	key->holes = g.combinations - key->combinations;
	if (!key->combinations)
		key->reason = "its levels never meet the same values of the other keys";
	describe_means(key, &g);
	free(g.arm);
}

/* ---- the best variants, and what luck alone does ---- */

struct ranked {
	size_t arm;
	struct abl_t_test mean;
	size_t n;
};

static bool ranking_lower;

static int by_mean(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->mean.estimate == b->mean.estimate)
		return a->arm < b->arm ? -1 : a->arm > b->arm;
	return better(a->mean.estimate, b->mean.estimate, ranking_lower) ? -1 : 1;
}

static void rank_variants(struct abl_marginal *m, const struct abl_run_values *v)
{
	struct ranked *all = abl_calloc(v->arms + 1, sizeof *all);
	double *value = abl_calloc(v->units + 1, sizeof *value), within = 0, per_mean = 0, df = 0;

	for (size_t a = 0; a < v->arms; a++) {
		struct ranked *r = &all[m->variants];

		*r = (struct ranked){.arm = a, .n = abl_run_values_of(v, a, value)};
		if (!r->n || abl_run_values_aside(v, a))
			continue;
		abl_stats_t(value, r->n, ABL_LEVEL, &r->mean);
		m->variants++;
		m->units = r->n > m->units ? r->n : m->units;
		per_mean += 1 / (double)r->n;
		if (r->n < 2)
			continue;
		within += r->mean.sd * r->mean.sd * (double)(r->n - 1);
		df += (double)(r->n - 1);
	}
	m->error = df > 0 ? sqrt(within / df * per_mean / (double)m->variants) : NAN;
	m->luck = abl_best_of_noise(m->variants);
	ranking_lower = v->lower_is_better;
	qsort(all, m->variants, sizeof *all, by_mean);
	for (; m->bests < ABL_MARGINAL_BEST && m->bests < m->variants; m->bests++)
		m->best[m->bests] = (struct abl_marginal_best){
			.label = abl_strdup(v->arm[all[m->bests].arm].label),
			.mean = all[m->bests].mean,
			.n = all[m->bests].n};
	free(all);
	free(value);
}

static void name_lacking(struct abl_marginal *m, const struct abl_run_values *v)
{
	double *value = abl_calloc(v->units + 1, sizeof *value);

	for (size_t a = 0; a < v->arms; a++) {
		const size_t n = abl_run_values_of(v, a, value);

		if (n < v->units && !abl_run_values_aside(v, a))
			abl_str_printf(&m->lacking, "%s'%s' (%zu of %zu)",
				       m->lacking.length ? ", " : "", v->arm[a].label, n, v->units);
	}
	free(value);
}

static void add_shares(struct abl_marginal *m, const struct abl_run_values *v,
		       const struct abl_key_levels *k)
{
	double *share = abl_calloc(k->keys + 1, sizeof *share);
	bool *counts = abl_calloc(k->keys + 1, sizeof *counts);

	for (size_t i = 0; i < k->keys; i++)
		counts[i] = !m->key[i].reason;
	abl_key_shares(k, v, counts, share);
	for (size_t i = 0; i < k->keys; i++)
		m->key[i].share = share[i];
	free(share);
	free(counts);
}

static int by_share(const void *x, const void *y)
{
	const struct abl_marginal_key *a = x, *b = y;

	if (isnan(a->share) || isnan(b->share))
		return isnan(a->share) - isnan(b->share);
	if (a->share != b->share)
		return a->share > b->share ? -1 : 1;
	return strcmp(a->name, b->name);
}

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static void describe(struct abl_marginal *m, const struct abl_run_values *v,
		     const struct abl_key_levels *k)
{
	m->study = copy(v->study);
	m->task = copy(v->task);
	m->metric = copy(v->metric);
	m->split = copy(v->split);
	m->lower_is_better = v->lower_is_better;
	m->by_pretraining = v->crossed;
	m->key = abl_calloc(k->keys + 1, sizeof *m->key);
	for (; m->keys < k->keys; m->keys++)
		describe_key(&m->key[m->keys], k, m->keys, v);
	add_shares(m, v, k);
	abl_marginal_of_draws(m->key, k, v);
	qsort(m->key, m->keys, sizeof *m->key, by_share);
	rank_variants(m, v);
	name_lacking(m, v);
}

int abl_marginal(struct abl_marginal **out, struct abl_store *store, int64_t study,
		 const char *task, struct abl_err *err)
{
	struct abl_run_values v;
	struct abl_key_levels k = {0};
	int rc = abl_run_values_read(&v, store, study, task, ABL_UNITS_INDEPENDENT, err);

	if (rc)
		return rc;
	rc = abl_key_levels_read(&k, &v, store, study, err);
	if (!rc && !k.keys)
		rc = abl_err_set(err, ABL_EINPUT,
				 "no key varies in study '%s', so none can have mattered: 'ablate "
				 "compare %s' shows its variants",
				 v.study, v.study);
	if (!rc) {
		*out = abl_calloc(1, sizeof **out);
		describe(*out, &v, &k);
	}
	abl_key_levels_finish(&k);
	abl_run_values_finish(&v);
	return rc;
}

void abl_marginal_destroy(struct abl_marginal *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->keys; i++) {
		for (size_t l = 0; l < m->key[i].levels; l++)
			free(m->key[i].level[l].value);
		free(m->key[i].name), free(m->key[i].level);
	}
	for (size_t i = 0; i < m->bests; i++)
		free(m->best[i].label);
	free(m->study), free(m->task), free(m->metric), free(m->split), free(m->key);
	abl_str_finish(&m->lacking);
	free(m);
}
