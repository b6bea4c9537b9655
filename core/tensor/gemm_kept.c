/* SPDX-License-Identifier: Apache-2.0 */
#include "gemm_kept.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#define COPIES 4096 /* slots; a power of two */

/* No padding: compared as bytes. */
struct key {
	const struct abl_kept_kind *kind; /* NULL: the slot is free */
	const real *b;
	size_t n, k, ldb, bt;
};

static struct copy {
	struct key key;
	uint64_t generation; /* that it was filled in */
	void *data;
} copies[COPIES];
static size_t copy_count;
static uint64_t generation = 1;
static pthread_mutex_t copies_lock = PTHREAD_MUTEX_INITIALIZER;

static void drop_all(void)
{
	for (size_t i = 0; copy_count && i < COPIES; i++)
		if (copies[i].key.kind) {
			copies[i].key.kind->drop(copies[i].data);
			copies[i] = (struct copy){0};
		}
	copy_count = 0;
}

void abl_kept_gone(void)
{
	pthread_mutex_lock(&copies_lock);
	drop_all();
	pthread_mutex_unlock(&copies_lock);
}

void abl_kept_changed(void)
{
	pthread_mutex_lock(&copies_lock);
	generation++;
	pthread_mutex_unlock(&copies_lock);
}

static uint32_t hash(const struct key *key)
{
	const unsigned char *p = (const unsigned char *)key;
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < sizeof *key; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static struct copy *slot_of(const struct key *key)
{
	struct copy *c;

	for (uint32_t i = hash(key);; i++) {
		c = &copies[i % COPIES];
		if (!c->key.kind || !memcmp(&c->key, key, sizeof *key))
			return c;
	}
}

void *abl_kept(const struct abl_compute *compute, const struct abl_kept_kind *kind,
	       const struct abl_gemm *g, int threads)
{
	const struct key key = {kind, g->b, g->n, g->k, g->ldb, g->bt};
	struct copy *c;
	void *data;

	pthread_mutex_lock(&copies_lock);
	if (copy_count > COPIES / 2)
		drop_all();
	c = slot_of(&key);
	if (!c->key.kind) {
		c->key = key;
		c->data = kind->make(g);
		copy_count++;
	}
	if (c->generation != generation)
		kind->fill(&compute->team, c->data, g, threads);
	c->generation = generation;
	data = c->data;
	pthread_mutex_unlock(&copies_lock);
	return data;
}
