/* SPDX-License-Identifier: Apache-2.0 */
#include "care_stages.h"

#include "store.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

struct named { /* an owner by one of its names */
	char *name;
	struct abl_owner owner;
};

struct names {
	struct named *row; /* sorted; a name may be there several times */
	size_t count, capacity;
};

struct abl_care_stages {
	struct names keys, artifacts, codes, logs;
};

static void add(struct names *n, const char *name, const struct abl_owner *owner)
{
	if (!name)
		return;
	abl_grow(&n->row, &n->capacity, n->count + 1, sizeof *n->row);
	n->row[n->count++] = (struct named){abl_strdup(name), *owner};
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* All that have the name, as one. */
static struct abl_owner find(const struct names *n, const char *name)
{
	struct abl_owner all = {0};
	size_t low = 0, high = n->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(n->row[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < n->count && !strcmp(n->row[low].name, name); low++) {
		const struct abl_owner *o = &n->row[low].owner;

		if (!all.known) {
			all = *o;
			continue;
		}
		all.use = o->use > all.use ? o->use : all.use;
		all.shared |= o->shared || (o->study && all.study && o->study != all.study);
		all.study = all.shared ? 0 : all.study ? all.study : o->study;
		all.of_study |= o->of_study;
		all.sharers = all.sharers ? all.sharers : o->sharers;
		all.waits |= o->waits;
	}
	return all;
}

/* Steps of programs have any names, but they have code. */
static enum abl_care_kind kind_of(const char *stage, const char *code)
{
	if (code)
		return ABL_CARE_OUTPUTS;
	if (!strcmp(stage, "pretrain") || !strcmp(stage, "finetune"))
		return ABL_CARE_WEIGHTS;
	if (!strcmp(stage, "vocab") || !strcmp(stage, "tokenize"))
		return ABL_CARE_DATA;
	return !strcmp(stage, "evaluate") ? ABL_CARE_PREDICTIONS : ABL_CARE_OUTPUTS;
}

static void take_stage(void *data, const struct abl_stage_use *u)
{
	struct abl_care_stages *s = data;
	const struct abl_owner owner = {
		.known = true,
		.use = u->use,
		.study = u->study,
		.shared = u->shared,
		.of_study = u->of_study,
		.sharers = u->sharers ? abl_intern(u->sharers) : NULL,
		.kind = kind_of(u->kind, u->code),
		.predictions = u->predictions ? abl_intern(u->predictions) : NULL,
		.waits = strcmp(u->state, abl_state_name(ABL_DONE)) != 0,
	};

	add(&s->keys, u->key, &owner);
	add(&s->artifacts, u->artifact, &owner);
	add(&s->codes, u->code, &owner);
}

static void take_log(void *data, const char *log, const char *key)
{
	struct abl_care_stages *s = data;
	const struct abl_owner owner = find(&s->keys, key);

	add(&s->logs, log, &owner);
}

static void sort(struct names *n)
{
	if (n->count)
		qsort(n->row, n->count, sizeof *n->row, by_name);
}

static void finish(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->row[i].name);
	free(n->row);
}

int abl_care_stages_load(struct abl_care_stages **out, struct abl_store *store, int64_t study,
			 struct abl_err *err)
{
	struct abl_care_stages *s = abl_calloc(1, sizeof *s);
	int rc = abl_read_stage_uses(store, study, take_stage, s, err);

	sort(&s->keys), sort(&s->artifacts), sort(&s->codes);
	rc = rc ? rc : abl_read_logs(store, take_log, s, err);
	sort(&s->logs);
	if (rc)
		abl_care_stages_destroy(s);
	else
		*out = s;
	return rc;
}

void abl_care_stages_destroy(struct abl_care_stages *s)
{
	if (!s)
		return;
	finish(&s->keys), finish(&s->artifacts), finish(&s->codes), finish(&s->logs);
	free(s);
}

struct abl_owner abl_owner_of_artifact(const struct abl_care_stages *s, const char *path)
{
	return find(&s->artifacts, path);
}

struct abl_owner abl_owner_of_key(const struct abl_care_stages *s, const char *key)
{
	return find(&s->keys, key);
}

struct abl_owner abl_owner_of_log(const struct abl_care_stages *s, const char *path)
{
	return find(&s->logs, path);
}

struct abl_owner abl_owner_of_code(const struct abl_care_stages *s, const char *name)
{
	return find(&s->codes, name);
}
