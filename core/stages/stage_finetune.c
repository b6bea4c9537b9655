/* SPDX-License-Identifier: Apache-2.0 */
/* stage_finetune.c - the stages `finetune` and `evaluate`. */
#include "checkpoint.h"
#include "judge.h"
#include "files.h"
#include "loop.h"
#include "metrics.h"
#include "sharpness.h"
#include "stage_run.h"
#include "str.h"
#include "trained_on.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the watched split while training, for the curves: so many, of as many of its examples as cost
 * a share of the training, but of WATCHED_LEAST at least. (Five of all of SST-2's dev set are 7 %
 * of three epochs, of SQuAD's half of two.) */
#define EVALUATIONS 5
#define WATCHED_SHARE .03
#define WATCHED_LEAST 100
#define TRAINING_PASS 3 /* what learning from an example costs, in predictions of one */

struct finetune {
	const struct abl_compute *compute;
	const struct abl_stage_request *r;
	const struct abl_events *e;
	struct stage_task task;
	struct abl_model *model;
	size_t watched, examples; /* of the split that is watched: scored, and all */
	struct abl_judge judge;
};

static size_t begin_epoch(void *data, uint64_t epoch)
{
	struct finetune *f = data;

	(void)epoch;
	return f->task.type->count(f->task.train);
}

static void put(void *data, size_t item, struct abl_batch *b)
{
	struct finetune *f = data;

	f->task.type->put(f->task.train, item, &f->task.layout, b);
}

static const char *main_metric(const struct abl_stage_request *r, const struct abl_task_type *type)
{
	return r->task->metric ? r->task->metric : type->metrics[0];
}

struct dev_point {
	const struct abl_teller *tell;
	int64_t step;
	const char *metric, *point; /* of the split, and of the curve */
	double value;
};

static void tell_dev(void *data, const char *name, double value)
{
	struct dev_point *p = data;

	if (strcmp(name, p->metric) != 0)
		return;
	stage_metric(p->tell, p->step, p->point, value);
	p->value = value;
}

/* Of the best so far the weights are kept, if they are what is wanted. */
static int judge(struct finetune *f, const struct abl_teller *tell, int64_t step, double value)
{
	if (abl_judge_hear(&f->judge, step, value) && f->judge.keeps_best)
		tell->best(tell->data);
	return abl_judge_is_done(&f->judge) ? ABL_LOOP_ENOUGH : 0;
}

/* What was judged before the run was paused. */
static void recall(void *data, int64_t step, const char *name, double value)
{
	struct finetune *f = data;

	if (f->judge.on && !strcmp(name, f->judge.point))
		abl_judge_hear(&f->judge, step, value);
}

static int watch(void *data, int64_t step, const struct abl_teller *tell, struct abl_err *err)
{
	struct finetune *f = data;
	struct dev_point point = {.tell = tell,
				  .step = step,
				  .metric = main_metric(f->r, f->task.type),
				  .point = f->judge.point,
				  .value = NAN};
	double loss;
	int rc;

	f->task.decided = NAN; /* by an earlier state of the model */
	rc = stage_task_evaluate(&f->task, f->r, f->model, f->e, &loss, err);
	if (rc)
		return rc;
	if (!f->judge.apart) {
		stage_metric(tell, step, "dev_watched", (double)f->watched);
		stage_metric(tell, step, "dev_examples", (double)f->examples);
	}
	f->task.type->score(f->task.scored, tell_dev, &point);
	stage_metric(tell, step, f->judge.apart ? "held_back_loss" : "dev_loss", loss);
	return f->judge.on ? judge(f, tell, step, point.value) : 0;
}

/* The parent's weights; tells which they are. */
static int start_from(struct finetune *f, struct abl_err *err)
{
	struct abl_str summary = {0};
	int rc = abl_checkpoint_start(f->model, f->r->parent, &summary, err);

	if (!rc && f->e->message)
		f->e->message(f->e->data, summary.text);
	abl_str_finish(&summary);
	return rc;
}

/* Items that are learnt from, each as often as it comes. */
static double training_items(const struct finetune *f)
{
	const struct abl_recipe *recipe = &f->r->config->finetune;
	double batch = recipe->batch_tokens
			       ? (double)recipe->batch_tokens / (double)f->r->config->max_length
			       : (double)recipe->batch_size;

	return recipe->steps ? (double)recipe->steps * batch
			     : recipe->epochs * (double)f->task.type->count(f->task.train);
}

/* Keeps of the watched split, by hash, what is scored while training: the same for all variants of
 * a study that train equally long, and for all seeds. */
static void subset_watched(struct finetune *f)
{
	double afford = WATCHED_SHARE * TRAINING_PASS * training_items(f) / EVALUATIONS;
	double all = (double)f->task.type->count(f->task.scored);

	f->task.watched_share = f->judge.on ? 1 : fmax(afford, WATCHED_LEAST) / all;
	if (f->task.watched_share < 1)
		f->task.type->subset(f->task.scored, f->task.watched_share);
	f->examples = (size_t)all;
	f->watched = f->task.type->count(f->task.scored);
}

static int prepare(struct finetune *f, struct abl_err *err)
{
	const struct abl_stage_request *r = f->r;
	int rc = stage_task_init(&f->task, r, f->compute, r->hold_back, err);

	if (!rc)
		abl_judge_begin(&f->judge, &r->config->finetune, r->split,
				main_metric(r, f->task.type));
	if (!rc && r->split)
		rc = stage_task_score_split(&f->task, r, f->judge.apart ? "held-back" : r->split,
					    err);
	if (!rc && r->config->finetune.fraction < 1)
		f->task.type->subset(f->task.train, r->config->finetune.fraction);
	if (!rc && r->split)
		subset_watched(f);
	if (!rc)
		rc = stage_task_model(&f->task, r, true, &f->model, err);
	if (!rc && r->parent)
		rc = start_from(f, err);
	return rc;
}

static void tell_results(struct finetune *f)
{
	if (f->judge.on)
		stage_result(f->e, "best_step", (double)f->judge.step);
	stage_result(f->e, "train_examples", (double)f->task.type->count(f->task.train));
	stage_result(f->e, "parameters", (double)abl_model_parameters(f->model, true));
	stage_result(f->e, "parameters_without_embeddings",
		     (double)abl_model_parameters(f->model, false));
}

/* What the finished model decides on all that was held back goes with it. */
static int calibrate(void *data, struct abl_err *err)
{
	struct finetune *f = data;

	if (!f->task.type->calibrate || !f->r->hold_back)
		return 0;
	f->task.type->destroy(f->task.held_back);
	f->task.held_back = NULL;
	f->task.watched_share = 1;
	f->task.decided = NAN;
	return stage_task_calibrate(&f->task, f->r, f->model, f->e, err);
}

static void tell_early_end(const struct finetune *f)
{
	struct abl_str text = {0};

	if (!f->judge.on || !abl_judge_is_done(&f->judge) || !f->e->message)
		return;
	abl_str_printf(&text,
		       "ended after %lld evaluations without a better %s than that of step %lld",
		       (long long)f->judge.patience, main_metric(f->r, f->task.type),
		       (long long)f->judge.step);
	f->e->message(f->e->data, text.text);
	abl_str_finish(&text);
}

int stage_finetune(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err)
{
	struct finetune f = {.compute = compute, .r = r, .e = e};
	struct abl_source source = {
		.data = &f, .begin_epoch = begin_epoch, .put = put, .sequences = 1};
	struct abl_str labels = {0};
	int rc = prepare(&f, err);

	if (!rc) {
		source.sequences = abl_task_sequences(f.task.type, f.task.train);
		source.longest = source.sequences * (size_t)r->config->max_length;
		rc = abl_loop_run(
			&(struct abl_loop){
				.model = f.model,
				.recipe = &r->config->finetune,
				.source = &source,
				.seed = stage_seed(r, r->config->finetune.order_seed),
				.folder = r->output,
				.resume = r->resume,
				.evaluations = !r->split    ? 0
					       : f.judge.on ? abl_judge_count(&r->config->finetune)
							    : EVALUATIONS,
				.evaluate = watch,
				.recall = recall,
				.evaluate_data = &f,
				.keeps_best = f.judge.keeps_best,
				.finish = calibrate,
				.events = e},
			err);
	}
	if (!rc)
		tell_early_end(&f);
	if (!rc) {
		f.task.type->labels(f.task.train, &labels);
		rc = abl_checkpoint_save(
			f.model, r->output, r->vocab,
			&(struct abl_checkpoint_task){.type = f.task.type->facts->name,
						      .labels = labels.text,
						      .decided = f.task.decided},
			err);
	}
	rc = rc ? rc : abl_trained_on_write(r->task, r->hold_back, r->output, err);
	if (!rc)
		tell_results(&f);
	abl_str_finish(&labels);
	abl_model_destroy(f.model);
	stage_task_finish(&f.task);
	abl_judge_finish(&f.judge);
	return rc;
}

struct told {                       /* the final metrics of a split; the main one is kept */
	const struct abl_events *e; /* NULL: they are not results */
	const char *metric;
	double main;
};

static void tell_result(void *data, const char *name, double value)
{
	struct told *t = data;

	if (t->e)
		stage_result(t->e, name, value);
	if (!strcmp(name, t->metric))
		t->main = value;
}

static void tell_as(const struct abl_events *e, const char *prefix, const char *name, double value)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "%s_%s", prefix, name);
	stage_result(e, text.text, value);
	abl_str_finish(&text);
}

/* The generalisation gap. The same scoring, dropout off, of examples that were trained on: chosen
 * by hash, the same for all variants and seeds, about as many as were scored. train_loss and
 * train_METRIC say what came out, gap_loss and gap_METRIC how much worse the scored split is. */
static int tell_gap(struct stage_task *t, const struct abl_stage_request *r, struct abl_model *m,
		    const struct abl_events *e, const struct told *scored, double loss,
		    struct abl_err *err)
{
	struct stage_task sample = *t;
	struct told train = {.metric = scored->metric, .main = NAN};
	double share = r->config->finetune.fraction, wanted, train_loss;
	double worse = abl_metric_lower_is_better(scored->metric) ? -1 : 1;
	int rc;

	wanted = (double)t->type->count(t->scored) / (double)t->type->count(t->train);
	if (wanted < 1)
		t->type->subset(t->train, share * wanted);
	sample.scored = t->train;
	rc = stage_task_evaluate(&sample, r, m, e, &train_loss, err);
	if (rc)
		return rc;
	t->type->score(t->train, tell_result, &train);
	tell_as(e, "train", "loss", train_loss);
	tell_as(e, "train", scored->metric, train.main);
	tell_as(e, "gap", "loss", loss - train_loss);
	tell_as(e, "gap", scored->metric, worse * (train.main - scored->main));
	return 0;
}

/* On the first examples of train, by hash; the results `sharpness` (Keskar's larger box) and
 * `sharpness_relative`. */
static int tell_sharpness(struct stage_task *t, const struct abl_stage_request *r,
			  const struct abl_events *e, struct abl_err *err)
{
	struct abl_sharpness_request q = {.compute = t->compute,
					  .checkpoint = r->parent,
					  .config = r->config,
					  .vocab = t->vocab,
					  .examples = ABL_SHARPNESS_EXAMPLES,
					  .rules = abl_sharpness_usual,
					  .rule_count = ABL_SHARPNESS_REGIONS,
					  .stopping = e->stopping,
					  .data = e->data};
	struct abl_sharpness out[ABL_SHARPNESS_REGIONS];
	size_t used;
	int rc = abl_sharpness_of_task(out, &used, &q,
				       &(struct abl_task_feed){t->type, t->train, &t->layout}, err);

	if (!rc) {
		stage_result(e, "sharpness", out[ABL_SHARPNESS_BOX].sharpness);
		stage_result(e, "sharpness_relative", out[ABL_SHARPNESS_RELATIVE].sharpness);
	}
	return rc;
}

int stage_evaluate(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err)
{
	char *path = abl_path_join(r->output, "predictions.tsv");
	struct abl_model *m = NULL;
	struct told scored = {.e = e, .main = NAN};
	struct stage_task t;
	double loss;
	int rc = stage_task_init(&t, r, compute, r->hold_back, err);

	if (!rc)
		rc = stage_task_score_split(&t, r, r->split, err);
	if (!rc)
		rc = stage_task_model(&t, r, false, &m, err);
	if (!rc)
		rc = abl_checkpoint_load_all(m, r->parent, err);
	if (!rc)
		rc = abl_checkpoint_decided(r->parent, &t.decided, err);
	if (!rc)
		rc = stage_task_evaluate(&t, r, m, e, &loss, err);
	if (!rc)
		rc = t.type->write(t.scored, path, err);
	if (!rc) {
		scored.metric = main_metric(r, t.type);
		t.type->score(t.scored, tell_result, &scored);
		stage_result(e, "loss", loss);
		if (r->config->finetune.fraction < 1)
			t.type->subset(t.train, r->config->finetune.fraction);
		if (r->sharpness)
			rc = tell_sharpness(&t, r, e, err);
	}
	if (!rc)
		rc = tell_gap(&t, r, m, e, &scored, loss, err);
	if (!rc && e->predictions)
		e->predictions(e->data, "predictions.tsv");
	abl_model_destroy(m);
	stage_task_finish(&t);
	free(path);
	return rc;
}
