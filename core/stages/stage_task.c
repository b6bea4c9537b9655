/* SPDX-License-Identifier: Apache-2.0 */
/* stage_task.c - what fine-tuning and evaluation share: the task's splits, its model, a scoring
 * pass. */
#include "hf_tokenizer.h"
#include "stage_run.h"
#include "task_pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int stage_task_init(struct stage_task *t, const struct abl_stage_request *r,
		    const struct abl_compute *compute, bool hold_back, struct abl_err *err)
{
	int rc;

	*t = (struct stage_task){.compute = compute,
				 .type = abl_task_type_find(r->task->type),
				 .watched_share = 1,
				 .decided = NAN};
	if (!t->type)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has unknown type '%s'",
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

int stage_task_model(struct stage_task *t, const struct abl_stage_request *r, bool train,
		     struct abl_model **out, struct abl_err *err)
{
	struct abl_model_request m = abl_task_model_request(t->type, t->train, r->config, t->vocab);

	m.compute = t->compute;
	m.train = train;
	m.undrawn = r->parent != NULL;
	m.seed = stage_seed(r, r->config->finetune.init_seed);
	m.dropout_seed = stage_seed(r, r->config->finetune.dropout_seed);
	return abl_model_create(out, &m, err);
}

static int load_held_back(struct stage_task *t, const struct abl_stage_request *r,
			  struct abl_err *err)
{
	int rc = t->type->load(&t->held_back, r->task, "held-back", t->train, &t->tools, err);

	if (!rc && t->watched_share < 1)
		t->type->subset(t->held_back, t->watched_share);
	return rc;
}

/* A tuned threshold comes from held-back examples, never from those that are scored. */
int stage_task_calibrate(struct stage_task *t, const struct abl_stage_request *r,
			 struct abl_model *m, const struct abl_events *e, struct abl_err *err)
{
	double loss;
	int rc = t->held_back ? 0 : load_held_back(t, r, err);

	if (!rc)
		rc = abl_task_pass(&(struct abl_task_feed){t->type, t->held_back, &t->layout}, m, e,
				   &loss, err);
	if (!rc)
		t->decided = t->type->calibrate(t->held_back);
	return rc;
}

int stage_task_evaluate(struct stage_task *t, const struct abl_stage_request *r,
			struct abl_model *m, const struct abl_events *e, double *loss,
			struct abl_err *err)
{
	int rc = abl_task_pass(&(struct abl_task_feed){t->type, t->scored, &t->layout}, m, e, loss,
			       err);

	if (rc || !t->type->calibrate || !r->hold_back || !strcmp(r->split, "held-back"))
		return rc;
	if (isnan(t->decided))
		rc = stage_task_calibrate(t, r, m, e, err);
	if (!rc && !isnan(t->decided))
		t->type->use_decided(t->scored, t->decided);
	return rc;
}
