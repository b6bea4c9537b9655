/* SPDX-License-Identifier: Apache-2.0 */
/* stage_task.c - what fine-tuning and evaluation share: the task's splits, its model, a scoring
 * pass. */
#include "loop.h"
#include "stage_run.h"
#include "str.h"

#include <stdlib.h>

int stage_task_init(struct stage_task *t, const struct abl_stage_request *r, bool hold_back,
		    struct abl_err *err)
{
	int rc;

	*t = (struct stage_task){.type = abl_task_type_find(r->task->type)};
	if (!t->type)
		return abl_err_set(err, ABL_EINPUT, "task '%s' is of unknown type '%s'",
				   r->task->name, r->task->type);
	rc = abl_vocab_load(&t->vocab, r->vocab, err);
	if (!rc) {
		t->tokenizer = abl_tokenizer_create(t->vocab, r->config->cased);
		rc = abl_layout_init(&t->layout, r->config, t->vocab, false, err);
	}
	if (!rc)
		rc = t->type->load(&t->train, r->task, hold_back ? "train-rest" : "train", NULL,
				   t->tokenizer, err);
	return rc;
}

int stage_task_score_split(struct stage_task *t, const struct abl_stage_request *r,
			   const char *split, struct abl_err *err)
{
	return t->type->load(&t->scored, r->task, split, t->train, t->tokenizer, err);
}

void stage_task_finish(struct stage_task *t)
{
	if (t->type) {
		t->type->destroy(t->train);
		t->type->destroy(t->scored);
	}
	abl_tokenizer_destroy(t->tokenizer);
	abl_vocab_destroy(t->vocab);
}

int stage_task_model(struct stage_task *t, const struct abl_stage_request *r, bool train,
		     struct abl_model **out, struct abl_err *err)
{
	size_t micro = abl_micro_tokens(r->config);
	struct abl_model_request m = {.config = r->config,
				      .vocab_size = abl_vocab_size(t->vocab),
				      .heads = {t->type->head(t->train)},
				      .head_count = 1,
				      .train = train,
				      .max_tokens = micro,
				      .max_sequences = micro,
				      .seed = stage_seed(r, r->config->finetune.init_seed),
				      .dropout_seed =
					      stage_seed(r, r->config->finetune.dropout_seed)};

	return abl_model_create(out, &m, err);
}

int stage_task_evaluate(struct stage_task *t, struct abl_model *m, const struct abl_stage_events *e,
			double *loss, struct abl_err *err)
{
	const struct abl_config *c = abl_model_config(m);
	size_t micro = abl_micro_tokens(c), n = t->type->count(t->scored), first = 0;
	size_t classes = (size_t)t->type->head(t->train).classes;
	struct abl_pass pass = {.train = false};
	struct abl_batch b;
	int rc = abl_batch_init(&b, micro, micro, err);

	pass.scores = abl_calloc(micro * classes, sizeof *pass.scores);
	for (size_t i = 0; !rc && i < n; i++) {
		t->type->put(t->scored, i, &t->layout, &b);
		if (i + 1 < n && b.tokens + (size_t)c->max_length <= micro && b.sequences < micro)
			continue;
		if (e->stopping && e->stopping(e->data))
			rc = abl_err_set(err, ABL_ESTOP, "stopped while evaluating");
		abl_model_pass(m, &b, &pass);
		t->type->collect(t->scored, first, i + 1 - first, pass.scores);
		first = i + 1;
		abl_batch_clear(&b);
	}
	*loss = pass.head[0].targets ? pass.head[0].loss / (double)pass.head[0].targets : 0;
	free(pass.scores);
	abl_batch_finish(&b);
	return rc;
}
