/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_rates.h"

#include "families.h"
#include "rates.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>

struct unit {
	int64_t block, seed; /* seed only where there is no block */
	bool failed, collapsed, over;
};

struct units {
	struct unit *unit;
	size_t count, capacity;
};

static struct unit *unit_of(struct units *u, const struct abl_loaded_run *r)
{
	const int64_t block = r->pretraining ? r->pretraining : r->seed / ABL_CROSSED_SEED,
		      seed = block ? 0 : r->seed;

	for (size_t i = 0; i < u->count; i++)
		if (u->unit[i].block == block && u->unit[i].seed == seed)
			return &u->unit[i];
	abl_grow(&u->unit, &u->capacity, u->count + 1, sizeof *u->unit);
	u->unit[u->count] = (struct unit){.block = block, .seed = seed};
	return &u->unit[u->count++];
}

void abl_rates_add(struct abl_arm *out, const struct abl_loaded_arm *const *arms, size_t tasks)
{
	struct units u = {0};

	for (size_t t = 0; t < tasks; t++)
		for (size_t i = 0; arms[t] && i < arms[t]->count; i++) {
			const struct abl_loaded_run *r = &arms[t]->runs[i];
			struct unit *x = unit_of(&u, r);

			x->over |= r->over;
			x->failed |= r->over && !r->done;
			x->collapsed |= r->collapsed;
		}
	for (size_t i = 0; i < u.count; i++) {
		out->fails.units += u.unit[i].over;
		out->fails.hits += u.unit[i].failed;
		out->collapses.units += u.unit[i].over;
		out->collapses.hits += u.unit[i].collapsed;
	}
	free(u.unit);
}

void abl_rates_finish(struct abl_arm *out)
{
	abl_rate_wilson(out->fails.hits, out->fails.units, ABL_LEVEL, &out->fails.low,
			&out->fails.high);
	abl_rate_wilson(out->collapses.hits, out->collapses.units, ABL_LEVEL, &out->collapses.low,
			&out->collapses.high);
}

static double test(const struct abl_rate *a, const struct abl_rate *b, double *least)
{
	*least = NAN;
	if (!a->units || !b->units || !(a->hits + b->hits))
		return NAN;
	*least = abl_fisher_least(a->hits + b->hits, a->units, b->units);
	return abl_fisher(a->hits, a->units, b->hits, b->units);
}

static bool is_more(const struct abl_rate *a, const struct abl_rate *b)
{
	return a->units && b->units &&
	       (double)a->hits / (double)a->units > (double)b->hits / (double)b->units;
}

/* p and its correction: of failures, and of collapses. */
static void say(struct abl_effect *e, const double *p, const double *adjusted)
{
	const double fails = adjusted[0], collapses = adjusted[1];

	e->collapses = isnan(fails) || collapses < fails;
	e->p_fails = adjusted[e->collapses];
	e->p_fails_alone = p[e->collapses];
	e->fails_more = e->p_fails < ABL_LEVEL &&
			(e->collapses ? is_more(&e->arm.collapses, &e->base_collapses)
				      : is_more(&e->arm.fails, &e->base_fails));
}

void abl_rates_decide(struct abl_comparison **tables, size_t count)
{
	double *p, *least, *adjusted;
	size_t rows = 0, n = 0;

	for (size_t t = 0; t < count; t++)
		rows += tables[t]->count;
	p = abl_calloc(2 * rows + 1, sizeof *p);
	least = abl_calloc(2 * rows + 1, sizeof *p);
	adjusted = abl_calloc(2 * rows + 1, sizeof *p);
	for (size_t t = 0; t < count; t++)
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct abl_effect *e = &tables[t]->effect[i];

			p[n] = test(&e->arm.fails, &e->base_fails, &least[n]), n++;
			p[n] = test(&e->arm.collapses, &e->base_collapses, &least[n]), n++;
		}
	abl_family_tarone(p, least, n, ABL_LEVEL, adjusted);
	n = 0;
	for (size_t t = 0; t < count; t++)
		for (size_t i = 0; i < tables[t]->count; i++, n += 2)
			if (!tables[t]->interim)
				say(&tables[t]->effect[i], &p[n], &adjusted[n]);
	free(p);
	free(least);
	free(adjusted);
}
