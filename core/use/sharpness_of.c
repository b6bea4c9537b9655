/* SPDX-License-Identifier: Apache-2.0 */
/* sharpness_of.c - the sharpness of a checkpoint on a task or a text: the subset, the model. */
#include "checkpoint.h"
#include "pretrain_data.h"
#include "rng.h"
#include "sharpness.h"
#include "task_pass.h"
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

/* The first r->examples of n items by the hash that names their first sequence: the same ones
 * whatever the order of the file. *out is the caller's. */
static int choose(const struct abl_sharpness_request *r, const struct abl_source *source, size_t n,
		  uint32_t **out, size_t *used, struct abl_err *err)
{
	struct named_item *all = abl_calloc(n + 1, sizeof *all);
	struct abl_batch b = {0};
	int rc = abl_batch_init(&b, source->longest, source->longest, err);

	for (size_t i = 0; !rc && i < n; i++) {
		abl_batch_clear(&b);
		source->put(source->data, i, &b);
		all[i].item = (uint32_t)i;
		all[i].order = r->seed ? abl_rng_derive(b.example[0], r->seed) : b.example[0];
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

/* `m` says heads and stage; the rest is filled in. */
static int make_model(struct abl_model **out, const struct abl_sharpness_request *r,
		      struct abl_model_request m, size_t micro, struct abl_err *err)
{
	struct abl_config still = *r->config;

	still.finetune.dropout = still.finetune.attention_dropout = 0;
	still.pretrain.dropout = still.pretrain.attention_dropout = 0;
	m.compute = r->compute;
	m.config = &still;
	m.vocab_size = abl_vocab_size(r->vocab);
	m.train = true;
	m.max_tokens = m.max_sequences = micro;
	return abl_checkpoint_open(out, &m, r->checkpoint, err);
}

static int measure(struct abl_sharpness *out, size_t *used, const struct abl_sharpness_request *r,
		   const struct abl_source *source, size_t n, const struct abl_model_request *m,
		   struct abl_err *err)
{
	struct abl_sharpness_loss l = {.source = source, .stopping = r->stopping, .data = r->data};
	uint32_t *items = NULL;
	int rc = choose(r, source, n, &items, used, err);

	l.items = items;
	l.count = *used;
	l.micro = abl_micro_tokens(r->config);
	if (l.micro < source->longest)
		l.micro = source->longest;
	if (!rc)
		rc = make_model(&l.model, r, *m, l.micro, err);
	for (size_t i = 0; !rc && i < r->rule_count; i++)
		rc = abl_sharpness_measure(&out[i], &l, &r->rules[i], err);
	abl_model_destroy(l.model);
	free(items);
	return rc;
}

static void put_item(void *data, size_t item, struct abl_batch *b)
{
	const struct abl_task_feed *feed = data;

	feed->type->put(feed->task, item, feed->layout, b);
}

int abl_sharpness_of_task(struct abl_sharpness *out, size_t *used,
			  const struct abl_sharpness_request *r, const struct abl_task_feed *feed,
			  struct abl_err *err)
{
	struct abl_task_feed items = *feed;
	struct abl_source source = {.data = &items,
				    .put = put_item,
				    .sequences = abl_task_sequences(feed->type, feed->task)};
	struct abl_model_request m = {.heads = {abl_task_head(feed->type, feed->task)},
				      .head_count = 1};

	source.longest = source.sequences * (size_t)r->config->max_length;
	return measure(out, used, r, &source, feed->type->count(feed->task), &m, err);
}

int abl_sharpness_of_text(struct abl_sharpness *out, size_t *used,
			  const struct abl_sharpness_request *r, const struct abl_corpus *corpus,
			  bool held_out, struct abl_err *err)
{
	struct abl_pretrain_data d;
	struct abl_source source = {.data = &d,
				    .put = abl_pretrain_put,
				    .sequences = 1,
				    .longest = (size_t)r->config->max_length};
	struct abl_model_request m = {.pretraining = true};
	size_t n = 0;
	int rc = abl_pretrain_data_init(&d,
					&(struct abl_pretrain_request){.corpus = corpus,
								       .vocab = r->vocab,
								       .config = r->config,
								       .seed = r->seed,
								       .held_out = held_out},
					err);

	if (rc)
		return rc;
	m.head_count = abl_pretrain_heads(r->config, m.heads);
	if (m.head_count)
		n = abl_pretrain_begin_epoch(&d, 0);
	if (!n)
		rc = abl_err_set(err, ABL_EINPUT,
				 m.head_count ? "no sharpness: the text gives no sequence"
					      : "no sharpness: pre-training has no objective");
	else
		rc = measure(out, used, r, &source, n, &m, err);
	abl_pretrain_data_finish(&d);
	return rc;
}
