/* SPDX-License-Identifier: Apache-2.0 */
#include "told_points.h"

#include "hash.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

struct abl_told_point {
	struct {
		int64_t step;
		double value;
	} key;
	bool taken;
};

/* The slot of that point: its own, or a free one. */
static struct abl_told_point *find(const struct abl_told_points *t, const struct abl_told_point *p)
{
	size_t i = abl_hash64(&p->key, sizeof p->key) & (t->capacity - 1);

	while (t->slot[i].taken && memcmp(&t->slot[i].key, &p->key, sizeof p->key) != 0)
		i = (i + 1) & (t->capacity - 1);
	return &t->slot[i];
}

static void grow(struct abl_told_points *t)
{
	struct abl_told_points larger = {.capacity = t->capacity ? 2 * t->capacity : 64};

	larger.slot = abl_calloc(larger.capacity, sizeof *larger.slot);
	for (size_t i = 0; i < t->capacity; i++)
		if (t->slot[i].taken)
			*find(&larger, &t->slot[i]) = t->slot[i];
	larger.count = t->count;
	free(t->slot);
	*t = larger;
}

bool abl_told_points_add(struct abl_told_points *t, int64_t step, double value)
{
	const struct abl_told_point point = {.key = {step, value}, .taken = true};
	struct abl_told_point *p;

	if (2 * t->count >= t->capacity)
		grow(t);
	p = find(t, &point);
	if (p->taken)
		return false;
	t->count++;
	*p = point;
	return true;
}

void abl_told_points_finish(struct abl_told_points *t)
{
	free(t->slot);
	*t = (struct abl_told_points){0};
}
