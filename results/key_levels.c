/* SPDX-License-Identifier: Apache-2.0 */
#include "key_levels.h"

#include "levels.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE ((size_t)-1)

struct reading {
	struct abl_key_levels *to;
	const struct abl_run_values *v;
	size_t arm; /* the last one that was found */
};

static size_t arm_of(struct reading *r, const char *label)
{
	for (size_t i = 0; i < r->v->arms; i++) {
		const size_t at = (r->arm + i) % r->v->arms; /* they come in the same order */

		if (!strcmp(r->v->arm[at].label, label))
			return r->arm = at;
	}
	return NONE; /* a variant that is not run on the task */
}

static struct abl_key *key_of(struct abl_key_levels *k, const char *name)
{
	for (size_t i = 0; i < k->keys; i++)
		if (!strcmp(k->key[i].name, name))
			return &k->key[i];
	abl_grow(&k->key, &k->capacity, k->keys + 1, sizeof *k->key);
	k->key[k->keys] = (struct abl_key){.name = abl_strdup(name),
					   .numeric = true,
					   .of = abl_calloc(k->arms + 1, sizeof(size_t))};
	for (size_t a = 0; a < k->arms; a++)
		k->key[k->keys].of[a] = NONE;
	return &k->key[k->keys++];
}

static size_t level_of(struct abl_key *key, const char *value, double number)
{
	size_t i = 0;

	while (i < key->levels && strcmp(key->level[i].value, value) != 0)
		i++;
	if (i < key->levels)
		return i;
	abl_grow(&key->level, &key->capacity, i + 1, sizeof *key->level);
	key->level[key->levels++] = (struct abl_key_level){abl_strdup(value), number};
	key->numeric &= !isnan(number);
	return i;
}

static void take(void *data, const struct abl_level *l)
{
	struct reading *r = data;
	const size_t arm = arm_of(r, l->variant);
	struct abl_key *key;

	if (arm == NONE)
		return;
	key = key_of(r->to, l->name);
	key->of[arm] = level_of(key, l->canonical ? l->canonical : "-", l->number);
}

/* ---- which arms are of the grid ---- */

static bool shares_every_level(const struct abl_key_levels *k, size_t arm)
{
	for (size_t i = 0; i < k->keys; i++) {
		bool shared = false;

		for (size_t a = 0; a < k->arms && !shared; a++)
			shared = a != arm && k->in[a] && k->key[i].of[a] == k->key[i].of[arm];
		if (!shared)
			return false;
	}
	return true;
}

static bool same_levels(const struct abl_key_levels *k, size_t a, size_t b)
{
	for (size_t i = 0; i < k->keys; i++)
		if (k->key[i].of[a] != k->key[i].of[b])
			return false;
	return true;
}

/* A baseline beside a grid of several keys would be the only one with its values. */
static void choose_arms(struct abl_key_levels *k, const struct abl_run_values *v)
{
	for (size_t a = 0; a < k->arms; a++) {
		k->in[a] = !abl_run_values_aside(v, a);
		for (size_t i = 0; i < k->keys; i++)
			k->in[a] &= k->key[i].of[a] != NONE;
	}
	for (size_t a = 0; a < k->arms; a++) {
		if (!k->in[a] || v->arm[a].kind != ABL_VARIANT_BASELINE)
			continue;
		k->in[a] = k->keys == 1 || shares_every_level(k, a);
		for (size_t b = 0; b < k->arms && k->keys; b++)
			k->in[a] &= b == a || !k->in[b] || !same_levels(k, a, b);
	}
}

/* ---- keys that go together ---- */

/* Does y's level follow from x's? */
static bool follows(const struct abl_key_levels *k, const struct abl_key *x,
		    const struct abl_key *y)
{
	size_t *of = abl_calloc(x->levels + 1, sizeof *of);
	bool is = true;

	for (size_t i = 0; i < x->levels; i++)
		of[i] = NONE;
	for (size_t a = 0; a < k->arms && is; a++) {
		if (!k->in[a])
			continue;
		is = of[x->of[a]] == NONE || of[x->of[a]] == y->of[a];
		of[x->of[a]] = y->of[a];
	}
	free(of);
	return is;
}

static bool same_partition(const struct abl_key_levels *k, const struct abl_key *x,
			   const struct abl_key *y)
{
	return x->levels == y->levels && follows(k, x, y) && follows(k, y, x);
}

static void key_finish(struct abl_key *key)
{
	for (size_t i = 0; i < key->levels; i++)
		free(key->level[i].value);
	free(key->name), free(key->level), free(key->of);
}

static char *joined(const char *a, const char *b)
{
	struct abl_str out = {0};

	abl_str_printf(&out, "%s, %s", a, b);
	return out.text;
}

static void join(struct abl_key_levels *k, struct abl_key *x, const struct abl_key *y)
{
	char *name = joined(x->name, y->name), *value;

	for (size_t i = 0; i < x->levels; i++)
		for (size_t a = 0; a < k->arms; a++)
			if (k->in[a] && x->of[a] == i) {
				value = joined(x->level[i].value, y->level[y->of[a]].value);
				free(x->level[i].value);
				x->level[i].value = value;
				break;
			}
	free(x->name);
	x->name = name;
}

/* Of numbers that are drawn each draw has its own, so no variants tell such keys apart. */
static bool drawn(const struct abl_key_levels *k, const struct abl_run_values *v)
{
	for (size_t a = 0; a < k->arms; a++)
		if (k->in[a] && v->arm[a].kind == ABL_VARIANT_RANDOM)
			return true;
	return false;
}

static void join_inseparable(struct abl_key_levels *k)
{
	for (size_t i = 0; i < k->keys; i++)
		for (size_t j = i + 1; j < k->keys;) {
			if (!same_partition(k, &k->key[i], &k->key[j])) {
				j++;
				continue;
			}
			join(k, &k->key[i], &k->key[j]);
			key_finish(&k->key[j]);
			for (size_t n = j + 1; n < k->keys; n++)
				k->key[n - 1] = k->key[n];
			k->keys--;
		}
}

/* ---- the levels that the grid has, in order ---- */

static int by_number(const void *a, const void *b)
{
	const double x = ((const struct abl_key_level *)a)->number,
		     y = ((const struct abl_key_level *)b)->number;

	return (x > y) - (x < y);
}

/* Drops levels that no arm of the grid has; sorts numbers. */
static void tidy(const struct abl_key_levels *k, struct abl_key *key)
{
	struct abl_key_level *old = key->level;
	const size_t levels = key->levels;
	size_t kept = 0;

	key->level = abl_calloc(levels + 1, sizeof *key->level);
	for (size_t i = 0; i < levels; i++) {
		bool used = false;

		for (size_t a = 0; a < k->arms; a++)
			used |= k->in[a] && key->of[a] == i;
		if (used)
			key->level[kept++] = old[i];
		else
			free(old[i].value), old[i].value = NULL;
	}
	key->levels = kept;
	if (key->numeric)
		qsort(key->level, kept, sizeof *key->level, by_number);
	for (size_t a = 0; a < k->arms; a++)
		for (size_t i = 0; k->in[a] && i < kept; i++)
			if (key->level[i].value == old[key->of[a]].value) {
				key->of[a] = i;
				break;
			}
	free(old);
}

int abl_key_levels_read(struct abl_key_levels *out, const struct abl_run_values *v,
			struct abl_store *store, int64_t study, struct abl_err *err)
{
	struct reading r = {.to = out, .v = v};
	size_t kept = 0;
	int rc;

	*out = (struct abl_key_levels){.arms = v->arms};
	out->in = abl_calloc(v->arms + 1, sizeof *out->in);
	rc = abl_read_levels(store, study, v->task, take, &r, err);
	choose_arms(out, v);
	for (size_t i = 0; i < out->keys; i++) {
		tidy(out, &out->key[i]);
		if (out->key[i].levels > 1)
			out->key[kept++] = out->key[i];
		else
			key_finish(&out->key[i]);
	}
	out->keys = kept;
	if (!drawn(out, v))
		join_inseparable(out);
	if (rc)
		abl_key_levels_finish(out);
	return rc;
}

void abl_key_levels_finish(struct abl_key_levels *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->keys; i++)
		key_finish(&k->key[i]);
	free(k->key), free(k->in);
	*k = (struct abl_key_levels){0};
}
