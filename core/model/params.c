/* SPDX-License-Identifier: Apache-2.0 */
#include "params.h"

#include "rng.h"
#include "str.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t abl_params_add(struct abl_params *p, const char *name, size_t rows, size_t cols, int depth,
		      enum abl_param_start start, bool joined)
{
	struct abl_param *item;

	abl_grow(&p->items, &p->capacity, p->count + 1, sizeof *p->items);
	item = &p->items[p->count];
	*item = (struct abl_param){.rows = rows,
				   .cols = cols,
				   .count = rows * (cols ? cols : 1),
				   .depth = depth,
				   .norm_or_bias = !cols,
				   .start = start};
	assert(strlen(name) < sizeof item->name);
	snprintf(item->name, sizeof item->name, "%s", name);
	if (!joined)
		p->values = (p->values + 15) / 16 * 16;
	item->offset = p->values;
	p->values += item->count;
	return p->count++;
}

int abl_params_reserve(struct abl_params *p, bool gradients, int states, struct abl_err *err)
{
	real **blocks[] = {&p->w, &p->g, &p->m, &p->v};
	int wanted = gradients ? 2 + states : 1;

	p->values = (p->values + 15) / 16 * 16;
	if (abl_arena_init(&p->arena, (size_t)wanted * (p->values * sizeof(real) + ABL_ALIGN), err))
		return ABL_ENOMEM;
	for (int i = 0; i < wanted; i++)
		*blocks[i] = ABL_TAKE(&p->arena, real, p->values);
	return 0;
}

void abl_params_finish(struct abl_params *p)
{
	if (!p)
		return;
	abl_arena_finish(&p->arena);
	free(p->items);
	*p = (struct abl_params){0};
}

void abl_params_start(struct abl_params *p, size_t i, uint64_t seed, double range)
{
	const struct abl_param *item = &p->items[i];
	struct abl_str site = {0};
	real *w = abl_weight(p, i);
	uint64_t key;

	abl_str_printf(&site, "init/%s", item->name);
	key = abl_rng_key(seed, site.text);
	abl_str_finish(&site);
	for (size_t k = 0; k < item->count; k++)
		w[k] = item->start == ABL_START_NORMAL
			       ? (real)(range * abl_rng_truncated_normal(key, k))
			       : (real)(item->start == ABL_START_ONE);
}

long abl_params_find(const struct abl_params *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (!strcmp(p->items[i].name, name))
			return (long)i;
	return -1;
}
