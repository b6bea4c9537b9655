/* SPDX-License-Identifier: Apache-2.0 */
/* stage_task.c - what fine-tuning and evaluation share: the task's splits, its model, a scoring
 * pass. */
#include "hf_tokenizer.h"
#include "loop.h"
#include "stage_run.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int stage_task_init(struct stage_task *t, const struct abl_stage_request *r, bool hold_back,
		    struct abl_err *err)
{
	int rc;

	*t = (struct stage_task){
		.type = abl_task_type_find(r->task->type), .watched_share = 1, .decided = NAN};
	if (!t->type)
		return abl_err_set(err, ABL_EINPUT, "task '%s' is of unknown type '%s'",
				   r->task->name, r->task->type);
	rc = abl_hf_vocab_load(&t->vocab, r->vocab, err);
	if (!rc) {
		t->tokenizer = abl_tokenizer_create(t->vocab, r->config->cased);
		rc = abl_layout_init(&t->layout, r->config, t->vocab, false, err);
	}
	t->tools = (struct abl_task_tools){t->tokenizer, &t->layout};
	if (!rc)
		rc = t->type->load(&t->train, r->task, hold_back ? "train-rest" : "train", NULL,
				   &t->tools, err);
	return rc;
}

int stage_task_score_split(struct stage_task *t, const struct abl_stage_request *r,
			   const char *split, struct abl_err *err)
{
	return t->type->load(&t->scored, r->task, split, t->train, &t->tools, err);
}

void stage_task_finish(struct stage_task *t)
{
	if (t->type) {
		t->type->destroy(t->train);
		t->type->destroy(t->scored);
		t->type->destroy(t->held_back);
	}
	abl_tokenizer_destroy(t->tokenizer);
	abl_vocab_destroy(t->vocab);
}

size_t stage_task_sequences(const struct abl_task_type *type, const struct abl_task *t)
{
	return type->sequences ? type->sequences(t) : 1;
}

size_t stage_task_micro(const struct abl_task_type *type, const struct abl_task *t,
			const struct abl_config *c)
{
	size_t micro = abl_micro_tokens(c),
	       item = stage_task_sequences(type, t) * (size_t)c->max_length;

	return micro > item ? micro : item;
}

struct abl_model_request stage_task_request(const struct abl_task_type *type,
					    const struct abl_task *t, const struct abl_config *c,
					    const struct abl_vocab *vocab)
{
	size_t micro = stage_task_micro(type, t, c);

	return (struct abl_model_request){.config = c,
					  .vocab_size = abl_vocab_size(vocab),
					  .heads = {type->head(t)},
					  .head_count = 1,
					  .max_tokens = micro,
					  .max_sequences = micro};
}

int stage_task_model(struct stage_task *t, const struct abl_stage_request *r, bool train,
		     struct abl_model **out, struct abl_err *err)
{
	struct abl_model_request m = stage_task_request(t->type, t->train, r->config, t->vocab);

	m.train = train;
	m.undrawn = r->parent != NULL;
	m.seed = stage_seed(r, r->config->finetune.init_seed);
	m.dropout_seed = stage_seed(r, r->config->finetune.dropout_seed);
	return abl_model_create(out, &m, err);
}

int stage_task_pass(const struct abl_task_type *type, struct abl_task *t,
		    const struct abl_layout *layout, struct abl_model *m,
		    const struct abl_stage_events *e, double *loss, struct abl_err *err)
{
	const struct abl_config *c = abl_model_config(m);
	struct abl_head_request head = type->head(t);
	size_t micro = stage_task_micro(type, t, c), n = type->count(t), first = 0;
	size_t item = stage_task_sequences(type, t);
	struct abl_pass pass = {.train = false};
	struct abl_batch b;
	int rc = abl_batch_init(&b, micro, micro, err);

	pass.scores = abl_calloc(abl_head_scores(&head, micro, micro), sizeof *pass.scores);
	for (size_t i = 0; !rc && i < n; i++) {
		type->put(t, i, layout, &b);
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

static int load_held_back(struct stage_task *t, const struct abl_stage_request *r,
			  struct abl_err *err)
{
	int rc = t->type->load(&t->held_back, r->task, "held-back", t->train, &t->tools, err);

	if (!rc && t->watched_share < 1)
		t->type->keep(t->held_back, t->watched_share);
	return rc;
}

/* A tuned threshold comes from held-back examples, never from those that are scored. */
int stage_task_calibrate(struct stage_task *t, const struct abl_stage_request *r,
			 struct abl_model *m, const struct abl_stage_events *e, struct abl_err *err)
{
	double loss;
	int rc = t->held_back ? 0 : load_held_back(t, r, err);

	if (!rc)
		rc = stage_task_pass(t->type, t->held_back, &t->layout, m, e, &loss, err);
	if (!rc)
		t->decided = t->type->calibrate(t->held_back);
	return rc;
}

int stage_task_evaluate(struct stage_task *t, const struct abl_stage_request *r,
			struct abl_model *m, const struct abl_stage_events *e, double *loss,
			struct abl_err *err)
{
	int rc = stage_task_pass(t->type, t->scored, &t->layout, m, e, loss, err);

	if (rc || !t->type->calibrate || !r->hold_back || !strcmp(r->split, "held-back"))
		return rc;
	if (isnan(t->decided))
		rc = stage_task_calibrate(t, r, m, e, err);
	if (!rc && !isnan(t->decided))
		t->type->settle(t->scored, t->decided);
	return rc;
}
