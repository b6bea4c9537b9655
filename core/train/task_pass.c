/* SPDX-License-Identifier: Apache-2.0 */
#include "task_pass.h"

#include "loop.h"
#include "str.h"
#include "vocab.h"

#include <stdlib.h>

size_t abl_task_sequences(const struct abl_task_type *type, const struct abl_task *t)
{
	return type->sequences ? type->sequences(t) : 1;
}

/* Tokens of a micro-batch, which holds at least one item. */
static size_t micro_tokens(const struct abl_task_type *type, const struct abl_task *t,
			   const struct abl_config *c)
{
	size_t micro = abl_micro_tokens(c),
	       item = abl_task_sequences(type, t) * (size_t)c->max_length;

	return micro > item ? micro : item;
}

struct abl_model_request abl_task_model_request(const struct abl_task_type *type,
						const struct abl_task *t,
						const struct abl_config *c,
						const struct abl_vocab *vocab)
{
	size_t micro = micro_tokens(type, t, c);

	return (struct abl_model_request){.config = c,
					  .vocab_size = abl_vocab_size(vocab),
					  .heads = {abl_task_head(type, t)},
					  .head_count = 1,
					  .max_tokens = micro,
					  .max_sequences = micro};
}

int abl_task_pass(const struct abl_task_feed *feed, struct abl_model *m, const struct abl_events *e,
		  double *loss, struct abl_err *err)
{
	const struct abl_task_type *type = feed->type;
	struct abl_task *t = feed->task;
	const struct abl_config *c = abl_model_config(m);
	struct abl_head_request head = abl_task_head(type, t);
	size_t micro = micro_tokens(type, t, c), n = type->count(t), first = 0;
	size_t item = abl_task_sequences(type, t);
	struct abl_pass pass = {.train = false};
	struct abl_batch b;
	int rc = abl_batch_init(&b, micro, micro, err);

	pass.scores = abl_calloc(abl_head_scores(&head, micro, micro), sizeof *pass.scores);
	for (size_t i = 0; !rc && i < n; i++) {
		type->put(t, i, feed->layout, &b);
		if (i + 1 < n && b.tokens + item * (size_t)c->max_length <= micro &&
		    b.sequences + item <= micro)
			continue;
		if (e->stopping && e->stopping(e->data))
			rc = abl_err_set(err, ABL_ESTOP, "stopped while evaluating");
		abl_model_pass(m, &b, &pass);
		type->collect(t, first, i + 1 - first, &b, pass.scores);
		first = i + 1;
		if (e->scored)
			e->scored(e->data, first, n);
		abl_batch_clear(&b);
	}
	*loss = pass.head[0].targets ? pass.head[0].loss / (double)pass.head[0].targets : 0;
	free(pass.scores);
	abl_batch_finish(&b);
	return rc;
}
