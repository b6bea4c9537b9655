/* SPDX-License-Identifier: Apache-2.0 */
/* stage_pretrain.c - pre-training and what it reaches on the held-out documents. */
#include "checkpoint.h"
#include "files.h"
#include "held_out.h"
#include "loop.h"
#include "neighbours.h"
#include "pretrain_score.h"
#include "stage_run.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HELD_OUT_PAIRS \
	1000              /* scored at the end, at most: spread evenly, the same for all variants */
#define WATCHED_PAIRS 100 /* scored while training, for the curves */
#define EVALUATIONS 10

struct pretrain {
	const struct abl_compute *compute;
	const struct abl_stage_request *r;
	const struct abl_events *e;
	struct abl_vocab *vocab;
	struct abl_corpus corpus;
	struct abl_pretrain_data train, held_out;
	struct abl_model *model;
	struct abl_batch batch;
	struct abl_head_request heads[ABL_HEADS_MAX];
	size_t head_count;
	struct abl_pretrain_scores last; /* at the end */
};

static int make_model(struct pretrain *p, struct abl_err *err)
{
	size_t micro = abl_micro_tokens(p->r->config);
	struct abl_model_request m = {
		.compute = p->compute,
		.config = p->r->config,
		.vocab_size = abl_vocab_size(p->vocab),
		.head_count = p->head_count,
		.train = true,
		.pretraining = true,
		.max_tokens = micro,
		.max_sequences = micro,
		.seed = stage_seed(p->r, p->r->config->pretrain.init_seed),
		.dropout_seed = stage_seed(p->r, p->r->config->pretrain.dropout_seed)};

	for (size_t i = 0; i < p->head_count; i++)
		m.heads[i] = p->heads[i];
	return abl_model_create(&p->model, &m, err);
}

static bool is_stopped(void *data)
{
	const struct pretrain *p = data;

	return p->e->stopping && p->e->stopping(p->e->data);
}

/* About `most` held-out pairs, spread evenly. */
static int score_held_out(struct pretrain *p, size_t most, struct abl_pretrain_scores *t,
			  struct abl_err *err)
{
	return abl_pretrain_score(
		&(struct abl_pretrain_scoring){
			.model = p->model,
			.data = &p->held_out,
			.batch = &p->batch,
			.vocab = p->vocab,
			.every = abl_pretrain_every(p->held_out.pairs.count, most),
			.stopping = is_stopped,
			.stopping_data = p},
		t, err);
}

static void tell_pairs(const struct pretrain *p, const struct abl_teller *tell, int64_t step,
		       const char *name, size_t most)
{
	size_t every = abl_pretrain_every(p->held_out.pairs.count, most);

	stage_metric(tell, step, name, (double)((p->held_out.pairs.count + every - 1) / every));
}

static int watch(void *data, int64_t step, const struct abl_teller *tell, struct abl_err *err)
{
	struct pretrain *p = data;
	struct abl_str name = {0};
	struct abl_pretrain_scores t;
	int rc;

	if (!p->held_out.pairs.count)
		return 0;
	rc = score_held_out(p, WATCHED_PAIRS, &t, err);
	if (rc)
		return rc;
	tell_pairs(p, tell, step, "held_out_watched", WATCHED_PAIRS);
	tell_pairs(p, tell, step, "held_out_pairs", HELD_OUT_PAIRS);
	for (size_t h = 0; h < p->head_count; h++) {
		abl_str_clear(&name);
		abl_str_printf(&name, "held_out_%s_loss", p->heads[h].name);
		if (t.head[h].targets)
			stage_metric(tell, step, name.text, abl_pretrain_loss(&t.head[h]));
	}
	abl_str_finish(&name);
	return 0;
}

static void tell_figure(void *data, const char *name, double value)
{
	stage_result(data, name, value);
}

static int score_last(void *data, struct abl_err *err)
{
	struct pretrain *p = data;

	return p->held_out.pairs.count ? score_held_out(p, HELD_OUT_PAIRS, &p->last, err) : 0;
}

/* What the objectives that guess tokens have to beat: counts in the same share of the texts. */
static void tell_baselines(struct pretrain *p)
{
	struct abl_neighbours n;

	abl_neighbours_measure(&p->corpus, p->r->config->pretrain.fraction, &n);
	stage_result(p->e, "unigram_accuracy", n.unigram.accuracy);
	stage_result(p->e, "unigram_perplexity", exp(n.unigram.loss));
	stage_result(p->e, "left_accuracy", n.left.accuracy);
	stage_result(p->e, "left_perplexity", exp(n.left.loss));
}

static void tell_results(struct pretrain *p)
{
	stage_result(p->e, "parameters", (double)abl_model_parameters(p->model, true));
	stage_result(p->e, "parameters_without_embeddings",
		     (double)abl_model_parameters(p->model, false));
	if (!p->held_out.pairs.count) {
		if (p->e->message)
			p->e->message(p->e->data, "the texts are a single document: nothing is "
						  "held out, so there is no held-out loss");
		return;
	}
	for (size_t h = 0; h < p->head_count; h++)
		abl_pretrain_figures(&p->last, p->heads[h].name, &p->last.head[h], tell_figure,
				     (void *)(uintptr_t)p->e);
	tell_baselines(p);
}

static int prepare(struct pretrain *p, struct abl_err *err)
{
	const struct abl_stage_request *r = p->r;
	char *path = abl_path_join(r->corpus, "corpus.bin");
	size_t micro = abl_micro_tokens(r->config);
	struct abl_pretrain_request data = {.corpus = &p->corpus,
					    .config = r->config,
					    .seed = stage_seed(r, r->config->pretrain.order_seed)};
	int rc = abl_vocab_load(&p->vocab, r->vocab, err);

	if (!rc)
		rc = abl_corpus_open(&p->corpus, path, err);
	if (!rc && p->corpus.vocab_size != (int64_t)abl_vocab_size(p->vocab))
		rc = abl_err_set(err, ABL_EINPUT, "%s: was made with another vocabulary", path);
	data.vocab = p->vocab;
	if (!rc)
		rc = abl_pretrain_data_init(&p->train, &data, err);
	data.held_out = true;
	if (!rc)
		rc = abl_pretrain_data_init(&p->held_out, &data, err);
	if (!rc)
		rc = abl_batch_init(&p->batch, micro, micro, err);
	if (!rc)
		abl_pretrain_begin_epoch(&p->held_out, 0);
	p->head_count = abl_pretrain_heads(r->config, p->heads);
	if (!rc)
		rc = make_model(p, err);
	if (!rc && r->parent)
		rc = abl_checkpoint_go_on(p->model, r->parent, err);
	if (!rc && !abl_pretrain_begin_epoch(&p->train, 0))
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: no document is left to train on: give more text", path);
	free(path);
	return rc;
}

/* What goes on from another pre-training is its second part, at max_length. */
static struct abl_recipe recipe_of(const struct abl_stage_request *r)
{
	struct abl_recipe recipe = r->config->pretrain;

	if (r->parent)
		recipe.steps = r->config->long_steps;
	return recipe;
}

int stage_pretrain(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err)
{
	struct pretrain p = {.compute = compute, .r = r, .e = e};
	const struct abl_recipe recipe = recipe_of(r);
	int rc = prepare(&p, err);
	struct abl_source source = {.data = &p.train,
				    .begin_epoch = abl_pretrain_begin_epoch,
				    .put = abl_pretrain_put,
				    .sequences = 1,
				    .longest = (size_t)r->config->max_length};

	if (!rc)
		rc = abl_loop_run(
			&(struct abl_loop){.model = p.model,
					   .recipe = &recipe,
					   .source = &source,
					   .seed = stage_seed(r, r->config->pretrain.order_seed),
					   .folder = r->output,
					   .resume = r->resume,
					   .evaluations = EVALUATIONS,
					   .evaluate = watch,
					   .evaluate_data = &p,
					   .finish = score_last,
					   .heads = p.heads,
					   .head_count = p.head_count,
					   .events = e},
			err);
	if (!rc) {
		tell_results(&p);
		rc = abl_checkpoint_save(
			p.model, r->output, r->vocab,
			/* the first objective: the next sentence is learnt beside the others */
			&(struct abl_checkpoint_task){.type = p.heads[0].name, .decided = NAN},
			err);
		if (!rc)
			rc = abl_held_out_write(&p.corpus, r->output, err);
	}
	abl_model_destroy(p.model);
	abl_batch_finish(&p.batch);
	abl_pretrain_data_finish(&p.train);
	abl_pretrain_data_finish(&p.held_out);
	abl_corpus_close(&p.corpus);
	abl_vocab_destroy(p.vocab);
	return rc;
}
