/* SPDX-License-Identifier: Apache-2.0 */
#include "rerun_stages.h"

#include "str.h"

#include <stdlib.h>
#include <string.h>

static const char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static void take(void *data, const struct abl_again_stage *s)
{
	struct abl_again_stages *list = data;
	struct abl_again_stage *mine;

	abl_grow(&list->stage, &list->capacity, list->count + 1, sizeof *list->stage);
	mine = &list->stage[list->count++];
	*mine = *s;
	mine->role = copy(s->role), mine->key = copy(s->key), mine->kind = copy(s->kind);
	mine->canonical = copy(s->canonical), mine->state = copy(s->state);
	mine->artifact = copy(s->artifact), mine->seal = copy(s->seal);
	mine->code = copy(s->code), mine->dropped = copy(s->dropped);
	mine->cpu = copy(s->cpu), mine->kernels = copy(s->kernels);
	mine->engine = copy(s->engine), mine->predictions = copy(s->predictions);
}

int abl_again_stages_read(struct abl_again_stages *out, struct abl_store *store, int64_t trial,
			  struct abl_err *err)
{
	*out = (struct abl_again_stages){0};
	return abl_read_again_stages(store, trial, take, out, err);
}

void abl_again_stages_finish(struct abl_again_stages *s)
{
	for (size_t i = 0; s && i < s->count; i++) {
		const struct abl_again_stage *a = &s->stage[i];
		const char *const texts[] = {a->role,       a->key,      a->kind,    a->canonical,
					     a->state,      a->artifact, a->seal,    a->code,
					     a->dropped,    a->cpu,      a->kernels, a->engine,
					     a->predictions};

		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
			free((char *)(uintptr_t)texts[k]);
	}
	if (!s)
		return;
	free(s->stage);
	*s = (struct abl_again_stages){0};
}

const struct abl_again_stage *abl_again_stages_role(const struct abl_again_stages *s,
						    const char *role)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->stage[i].role, role))
			return &s->stage[i];
	return NULL;
}

static void take_number(void *data, const struct abl_again_number *n)
{
	struct abl_again_numbers *list = data;

	abl_grow(&list->number, &list->capacity, list->count + 1, sizeof *list->number);
	list->number[list->count] = *n;
	list->number[list->count++].name = abl_intern(n->name);
}

int abl_again_numbers_read(struct abl_again_numbers *out, struct abl_store *store, const char *key,
			   struct abl_err *err)
{
	*out = (struct abl_again_numbers){0};
	return abl_read_again_numbers(store, key, take_number, out, err);
}
