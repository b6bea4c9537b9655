/* SPDX-License-Identifier: Apache-2.0 */
/* onednn_weights.c - weights rounded to bf16 in the order that oneDNN multiplies fastest: a copy of
 * each that products were asked to keep, made anew when weights have changed. */
#include "onednn.h"

#include <pthread.h>
#include <stdlib.h>

#define COPIES 4096 /* slots; a power of two */

/* A weight in oneDNN's own order, rounded. */
struct copy {
	const float *w;
	int32_t n, k, bt;
	uint64_t generation;
	struct onednn_buffer buffer;
	dnnl_memory_t source, memory;
	dnnl_primitive_t reorder; /* from source to memory */
};

static struct copy copies[COPIES];
static size_t copy_count;
static uint64_t generation = 1;
static pthread_mutex_t copies_lock = PTHREAD_MUTEX_INITIALIZER;

static void drop_copy(struct copy *c)
{
	if (!c->w)
		return;
	onednn.primitive_destroy(c->reorder);
	onednn.memory_destroy(c->source);
	onednn.memory_destroy(c->memory);
	free(c->buffer.memory);
	*c = (struct copy){0};
}

static void make_copy(struct copy *c, const struct abl_gemm *g)
{
	dnnl_memory_desc_t from = onednn_matrix(g->k, g->n, g->ldb, g->bt, dnnl_f32);
	dnnl_memory_desc_t to = onednn_kept_order(g->k, g->n);
	dnnl_primitive_desc_t reorder;

	c->w = g->b;
	c->n = (int32_t)g->n;
	c->k = (int32_t)g->k;
	c->bt = g->bt;
	c->source = onednn_memory(&from, (void *)(uintptr_t)g->b);
	c->memory = onednn_memory(&to, onednn_room(&c->buffer, onednn.memory_desc_get_size(&to)));
	onednn_must(onednn.reorder_primitive_desc_create(&reorder, &from, onednn_engine, &to,
							 onednn_engine, NULL),
		    "find a reordering");
	onednn_must(onednn.primitive_create(&c->reorder, reorder), "make a reordering");
	onednn.primitive_desc_destroy(reorder);
}

static void fill_copy(struct copy *c)
{
	const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, c->source}, {DNNL_ARG_TO, c->memory}};

	onednn_must(onednn.primitive_execute(c->reorder, onednn_stream(), 2, args),
		    "reorder weights");
	onednn_must(onednn.stream_wait(onednn_stream()), "reorder weights");
	c->generation = generation;
}

void onednn_weights_gone(void)
{
	pthread_mutex_lock(&copies_lock);
	for (size_t i = 0; copy_count && i < COPIES; i++)
		drop_copy(&copies[i]);
	copy_count = 0;
	pthread_mutex_unlock(&copies_lock);
}

void onednn_weights_changed(void)
{
	pthread_mutex_lock(&copies_lock);
	generation++;
	pthread_mutex_unlock(&copies_lock);
}

dnnl_memory_t onednn_weights(const struct abl_gemm *g)
{
	struct {
		const float *w;
		int32_t n, k, bt, none;
	} key = {g->b, (int32_t)g->n, (int32_t)g->k, g->bt, 0};
	struct copy *c;

	if (copy_count > COPIES / 2)
		onednn_weights_gone();
	pthread_mutex_lock(&copies_lock);
	for (uint32_t i = onednn_hash(&key, sizeof key);; i++) {
		c = &copies[i % COPIES];
		if (!c->w || (c->w == key.w && c->n == key.n && c->k == key.k && c->bt == key.bt))
			break;
	}
	if (!c->w) {
		make_copy(c, g);
		copy_count++;
	}
	if (c->generation != generation)
		fill_copy(c);
	pthread_mutex_unlock(&copies_lock);
	return c->memory;
}
