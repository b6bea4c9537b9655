/* SPDX-License-Identifier: Apache-2.0 */
/* sharpness_task.c - the sharpness of a checkpoint on a task: its subset, its model. */
#include "checkpoint.h"
#include "rng.h"
#include "sharpness.h"
#include "stage_run.h"
#include "str.h"

#include <stdlib.h>

struct named_item { /* an item with what orders it */
	uint64_t order;
	uint32_t item;
};

static int by_order(const void *x, const void *y)
{
	const struct named_item *a = x, *b = y;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return (a->item > b->item) - (a->item < b->item);
}

static void put(void *data, size_t item, struct abl_batch *b)
{
	const struct abl_sharpness_request *r = data;

	r->type->put(r->task, item, r->layout, b);
}

/* The first r->examples items by the hash that names their first sequence: the same ones whatever
 * the order of the file. Returns their number; *out is the caller's. */
static int choose(const struct abl_sharpness_request *r, size_t longest, uint32_t **out,
		  size_t *used, struct abl_err *err)
{
	size_t n = r->type->count(r->task);
	struct named_item *all = abl_calloc(n + 1, sizeof *all);
	struct abl_batch b = {0};
	int rc = abl_batch_init(&b, longest, longest, err);

	for (size_t i = 0; !rc && i < n; i++) {
		abl_batch_clear(&b);
		r->type->put(r->task, i, r->layout, &b);
		all[i].item = (uint32_t)i;
		all[i].order = !b.tokens ? UINT64_MAX
			       : r->seed ? abl_rng_derive(b.example[0], r->seed)
					 : b.example[0];
	}
	qsort(all, n, sizeof *all, by_order);
	*used = n < r->examples ? n : r->examples;
	*out = abl_calloc(*used + 1, sizeof **out);
	for (size_t i = 0; i < *used; i++)
		(*out)[i] = all[i].item;
	abl_batch_finish(&b);
	free(all);
	return rc;
}

static int make_model(struct abl_model **out, const struct abl_sharpness_request *r, size_t micro,
		      struct abl_err *err)
{
	struct abl_config still = *r->config;
	struct abl_model_request m = {.config = &still,
				      .vocab_size = r->vocab_size,
				      .heads = {r->type->head(r->task)},
				      .head_count = 1,
				      .train = true,
				      .max_tokens = micro,
				      .max_sequences = micro};
	size_t taken, tensors;
	int rc;

	still.finetune.dropout = still.finetune.attention_dropout = 0;
	rc = abl_model_create(out, &m, err);
	if (!rc)
		rc = abl_checkpoint_load(*out, r->checkpoint, &taken, err);
	tensors = rc ? 0 : abl_model_params(*out)->count;
	if (!rc && taken < tensors)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: has only %zu of the %zu tensors that the task needs: "
				 "fine-tune it on the task first",
				 r->checkpoint, taken, tensors);
	return rc;
}

int abl_sharpness_of_task(struct abl_sharpness *out, size_t *used,
			  const struct abl_sharpness_request *r, struct abl_err *err)
{
	struct abl_source source = {.data = (void *)(uintptr_t)r,
				    .put = put,
				    .sequences = stage_task_sequences(r->type, r->task)};
	struct abl_sharpness_loss l = {.source = &source, .stopping = r->stopping, .data = r->data};
	uint32_t *items = NULL;
	int rc;

	source.longest = source.sequences * (size_t)r->config->max_length;
	l.micro = stage_task_micro(r->type, r->task, r->config);
	rc = choose(r, source.longest, &items, used, err);
	if (!rc)
		rc = make_model(&l.model, r, l.micro, err);
	l.items = items;
	l.count = *used;
	for (size_t i = 0; !rc && i < r->rule_count; i++)
		rc = abl_sharpness_measure(&out[i], &l, &r->rules[i], err);
	abl_model_destroy(l.model);
	free(items);
	return rc;
}
