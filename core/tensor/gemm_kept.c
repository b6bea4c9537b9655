/* SPDX-License-Identifier: Apache-2.0 */
#include "gemm_kept.h"

#include "str.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COPIES 4096 /* slots; a power of two */

/* No padding: compared as bytes. */
struct key {
	const struct abl_kept_kind *kind; /* NULL: the slot is free */
	const real *b;
	size_t n, k, ldb, bt;
};

struct copy {
	struct key key;
	uint64_t generation; /* that it was filled in */
	void *data;
};

struct abl_kept {
	struct copy copies[COPIES];
	size_t count;
	uint64_t generation; /* from 1 */
	pthread_mutex_t lock;
};

struct abl_kept *abl_kept_create(void)
{
	struct abl_kept *kept = abl_calloc(1, sizeof *kept);

	kept->generation = 1;
	pthread_mutex_init(&kept->lock, NULL);
	return kept;
}

static void drop_all(struct abl_kept *kept)
{
	for (size_t i = 0; kept->count && i < COPIES; i++) {
		struct copy *c = &kept->copies[i];

		if (!c->key.kind)
			continue;
		c->key.kind->drop(c->data);
		*c = (struct copy){0};
	}
	kept->count = 0;
}

void abl_kept_destroy(struct abl_kept *kept)
{
	if (!kept)
		return;
	drop_all(kept);
	pthread_mutex_destroy(&kept->lock);
	free(kept);
}

void abl_kept_gone(struct abl_kept *kept)
{
	pthread_mutex_lock(&kept->lock);
	drop_all(kept);
	pthread_mutex_unlock(&kept->lock);
}

void abl_kept_changed(struct abl_kept *kept)
{
	pthread_mutex_lock(&kept->lock);
	kept->generation++;
	pthread_mutex_unlock(&kept->lock);
}

static uint32_t hash(const struct key *key)
{
	const unsigned char *p = (const unsigned char *)key;
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < sizeof *key; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static struct copy *slot_of(struct abl_kept *kept, const struct key *key)
{
	struct copy *c;

	for (uint32_t i = hash(key);; i++) {
		c = &kept->copies[i % COPIES];
		if (!c->key.kind || !memcmp(&c->key, key, sizeof *key))
			return c;
	}
}

void *abl_kept_copy(const struct abl_compute *compute, const struct abl_kept_kind *kind,
		    const struct abl_gemm *g, int threads)
{
	const struct key key = {kind, g->b, g->n, g->k, g->ldb, g->bt};
	struct abl_kept *kept = compute->kept;
	struct copy *c;
	void *data;

	pthread_mutex_lock(&kept->lock);
	if (kept->count > COPIES / 2)
		drop_all(kept);
	c = slot_of(kept, &key);
	if (!c->key.kind) {
		c->key = key;
		c->data = kind->make(g);
		kept->count++;
	}
	if (c->generation != kept->generation)
		kind->fill(&compute->team, c->data, g, threads);
	c->generation = kept->generation;
	data = c->data;
	pthread_mutex_unlock(&kept->lock);
	return data;
}
