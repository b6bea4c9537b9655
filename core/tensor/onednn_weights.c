/* SPDX-License-Identifier: Apache-2.0 */
/* onednn_weights.c - weights rounded to bf16 in the order that oneDNN multiplies fastest. */
#include "gemm_kept.h"
#include "onednn.h"
#include "str.h"

#include <stdlib.h>

struct copy {
	struct abl_gemm_room room;
	dnnl_memory_t source, memory;
	dnnl_primitive_t reorder; /* from source to memory */
};

static void drop_copy(void *copy)
{
	struct copy *c = copy;

	onednn.primitive_destroy(c->reorder);
	onednn.memory_destroy(c->source);
	onednn.memory_destroy(c->memory);
	abl_gemm_room_drop(&c->room);
	free(c);
}

static void *make_copy(const struct abl_gemm *g)
{
	struct copy *c = abl_calloc(1, sizeof *c);
	dnnl_memory_desc_t from = onednn_matrix(g->k, g->n, g->ldb, g->bt, dnnl_f32);
	dnnl_memory_desc_t to = onednn_kept_order(g->k, g->n);
	dnnl_primitive_desc_t reorder;

	c->source = onednn_memory(&from, (void *)(uintptr_t)g->b);
	c->memory = onednn_memory(&to, abl_gemm_room(&c->room, onednn.memory_desc_get_size(&to)));
	onednn_must(onednn.reorder_primitive_desc_create(&reorder, &from, onednn_engine, &to,
							 onednn_engine, NULL),
		    "find a reordering");
	onednn_must(onednn.primitive_create(&c->reorder, reorder), "make a reordering");
	onednn.primitive_desc_destroy(reorder);
	return c;
}

static void fill_copy(const struct abl_team *team, void *copy, const struct abl_gemm *g,
		      int threads)
{
	const struct copy *c = copy;
	const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, c->source}, {DNNL_ARG_TO, c->memory}};

	(void)team, (void)g, (void)threads;
	onednn_must(onednn.primitive_execute(c->reorder, onednn_stream(), 2, args),
		    "reorder weights");
	onednn_must(onednn.stream_wait(onednn_stream()), "reorder weights");
}

static const struct abl_kept_kind kind = {make_copy, fill_copy, drop_copy};

dnnl_memory_t onednn_weights(const struct abl_compute *c, const struct abl_gemm *g)
{
	return ((struct copy *)abl_kept_copy(c, &kind, g, 1))->memory;
}
