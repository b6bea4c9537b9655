/* SPDX-License-Identifier: Apache-2.0 */
#include "graph.h"

#include "engine.h"
#include "str.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void abl_graph_set_role(struct abl_plan_trial *trial, const char *role, size_t stage)
{
	size_t i = 0;

	while (i < trial->role_count && strcmp(trial->roles[i].role, role) != 0)
		i++;
	assert(i < ABL_PLAN_ROLES);
	trial->roles[i] = (struct abl_plan_role){role, stage};
	trial->role_count += i == trial->role_count;
}

/* Where the key is in the hash table, or the free place for it. */
static size_t *slot_of(const struct abl_plan *p, const char *key)
{
	size_t i = (size_t)abl_hash64(key, strlen(key)) & (p->slot_count - 1);

	while (p->slots[i] != ABL_NONE && strcmp(p->stages[p->slots[i]].key, key))
		i = (i + 1) & (p->slot_count - 1);
	return &p->slots[i];
}

static void grow_table(struct abl_plan *p)
{
	p->slot_count = p->slot_count ? 2 * p->slot_count : 256;
	free(p->slots);
	p->slots = abl_malloc(p->slot_count * sizeof *p->slots);
	for (size_t i = 0; i < p->slot_count; i++)
		p->slots[i] = ABL_NONE;
	for (size_t i = 0; i < p->stage_count; i++)
		*slot_of(p, p->stages[i].key) = i;
}

size_t abl_graph_add(struct abl_plan *p, struct abl_plan_stage stage)
{
	struct abl_cost_base base = {.text_bytes = p->text_bytes};
	struct abl_str text = {0};
	size_t *slot;

	p->engine->canonical(p, &stage, &text);
	abl_hash_bytes(text.text, text.length, stage.key);
	stage.canonical = text.text;
	if (2 * (p->stage_count + 1) > p->slot_count)
		grow_table(p);
	slot = slot_of(p, stage.key);
	if (*slot != ABL_NONE) {
		struct abl_plan_stage *same = &p->stages[*slot];

		free(stage.canonical);
		if (stage.order < same->order)
			same->order = stage.order;
		if (stage.tuned == ABL_NONE)
			same->tuned = ABL_NONE;
		return *slot;
	}
	if (stage.task != ABL_NONE) {
		base.task = &p->study->tasks[stage.task].spec;
		base.counts = p->inputs ? abl_plan_counts(p, stage.task) : NULL;
	}
	stage.cost = stage.kind->cost(&stage, &base);
	abl_grow(&p->stages, &p->stage_capacity, p->stage_count + 1, sizeof *p->stages);
	p->stages[p->stage_count] = stage;
	*slot = p->stage_count;
	return p->stage_count++;
}
