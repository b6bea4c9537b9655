/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_pairs.h"

#include <math.h>
#include <stdlib.h>

double abl_run_value(const struct abl_loaded_run *r, double majority)
{
	if (r->stands_in)
		return r->value;
	if (r->diverged || r->undefined)
		return majority;
	return r->done ? r->value : NAN;
}

static const struct abl_loaded_run *run_of(const struct abl_loaded_arm *a, int64_t seed)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->runs[i].seed == seed)
			return &a->runs[i];
	return NULL;
}

static int64_t block_of(const struct abl_loaded_run *r, const struct abl_loaded_run *base)
{
	if (base->pretraining || r->pretraining)
		return base->pretraining ? base->pretraining : r->pretraining;
	/* a program's crossed seeds: what has the same first half shares what they begin with */
	return r->seed / ABL_CROSSED_SEED;
}

/* The pair of one seed; false: some task lacks a value. */
static bool make_pair(struct abl_paired_value *p, const struct abl_task_values *tasks, size_t count,
		      int64_t seed)
{
	*p = (struct abl_paired_value){.seed = seed, .clean = true, .shared = true};
	for (size_t t = 0; t < count; t++) {
		const struct abl_task_values *k = &tasks[t];
		const struct abl_loaded_run *r = k->arm ? run_of(k->arm, seed) : NULL,
					    *b = run_of(k->base, seed);
		const double x = r ? abl_run_value(r, k->majority) : NAN,
			     y = b ? abl_run_value(b, k->majority) : NAN;

		if (isnan(x) || isnan(y))
			return false;
		p->x += k->scale * x / (double)count;
		p->y += k->scale * y / (double)count;
		p->clean &= r->done && b->done;
		p->shared &= r->pretraining == b->pretraining;
		p->x_seconds += r->seconds;
		p->y_seconds += b->seconds;
		p->block = p->block ? p->block : block_of(r, b);
	}
	return true;
}

void abl_paired_collect(struct abl_paired *out, const struct abl_task_values *tasks, size_t count)
{
	*out = (struct abl_paired){0};
	for (size_t i = 0; count && i < tasks[0].base->count; i++) {
		struct abl_paired_value p;

		if (!make_pair(&p, tasks, count, tasks[0].base->runs[i].seed))
			continue;
		abl_grow(&out->pair, &out->capacity, out->count + 1, sizeof *out->pair);
		out->pair[out->count++] = p;
	}
}

void abl_paired_finish(struct abl_paired *p)
{
	free(p->pair);
	*p = (struct abl_paired){0};
}

bool abl_paired_average(struct abl_paired *p)
{
	const size_t n = p->count;
	size_t blocks = 0;

	for (size_t i = 0; i < n; i++) {
		struct abl_paired_value sum = p->pair[i];
		double count = 1;
		bool first = true;

		for (size_t k = 0; k < blocks && first; k++)
			first = !sum.block || p->pair[k].block != sum.block;
		if (!first)
			continue;
		for (size_t k = i + 1; k < n; k++)
			if (sum.block && p->pair[k].block == sum.block) {
				sum.x += p->pair[k].x;
				sum.y += p->pair[k].y;
				sum.clean &= p->pair[k].clean;
				sum.shared &= p->pair[k].shared;
				count++;
			}
		sum.x /= count;
		sum.y /= count;
		p->pair[blocks++] = sum; /* all others of the block lie behind */
	}
	p->count = blocks;
	return blocks < n;
}
