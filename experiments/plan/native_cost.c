/* SPDX-License-Identifier: Apache-2.0 */
#include "native_cost.h"

#include "hooks.h"
#include "judge.h"
#include "loop.h"
#include "model.h"
#include "native_config.h"
#include "sharpness.h"
#include "task_check.h"
#include "task_types.h"

#include <math.h>
#include <string.h>

#define CORE_SPEED 5e10            /* floating-point operations a second */
#define MEASURED .15               /* share that is masked where the rate is measured */
#define BYTES_PER_PIECE 4.5        /* of running text */
#define WORLD_SENTENCE 12          /* pieces */
#define WORLD_EXAMPLES 500         /* where a task does not say */
#define PIECES_A_WORD 1.3          /* of a vocabulary of a few thousand, marks counted as words */
#define EVALUATIONS 5              /* of a fine-tuning, where nothing depends on them */
#define WATCHED .03                /* of a fine-tuning that these take at most */
#define PROGRAM_BYTES 60e6         /* the program itself, copies of operands, data */
#define FILE_SECONDS_PER_BYTE 4e-8 /* vocabulary and tokenising */

/* Parameters of the encoder with its embeddings; tells sizes, not tensors. */
double abl_native_weights(const struct abl_config *c)
{
	const double h = (double)c->hidden, f = c->ffn_size ? (double)c->ffn_size : 4 * h;

	return (double)c->vocab_size * h + (double)c->max_length * h +
	       (double)c->layers * (4 * h * h + 2 * h * f);
}

/* Operations for one piece, forward and backward. The last layer has keys and values of all rows,
 * and the rest of the share `read` that a head reads; `logits` is the share that is predicted, over
 * the vocabulary. */
static double piece_work(const struct abl_config *c, double length, double read, double logits)
{
	const double h = (double)c->hidden, f = c->ffn_size ? (double)c->ffn_size : 4 * h;
	const double seen = 4 * h * h, layer = 8 * h * h + 4 * h * f + 4 * h * length;

	return 3 * ((double)(c->layers - 1) * layer + seen + fmin(read, 1) * (layer - seen) +
		    logits * 2 * h * (double)c->vocab_size);
}

/* The share that the head of a task reads: words where they stand, or one row of each sequence. */
static double read_of(const struct abl_config *c, const struct abl_task_spec *task, double length)
{
	const struct abl_task_facts *facts = abl_task_facts_find(task->type);

	return (facts && facts->decodes) || ABL_HOOKS(c, ABL_SLOT_POOLER, pooler)->mean
		       ? 1
		       : 1 / length;
}

/* A split of a task: tokens of all its items, and of one sequence. */
struct load {
	double items, tokens, length;
};

static double sentence_length(const struct abl_config *c)
{
	return fmin((double)c->max_length, 32);
}

/* What is learnt from, or what is scored. Of the built-in world nothing was counted. */
static struct load load_of(const struct abl_config *c, const struct abl_cost_base *base,
			   bool learnt)
{
	const struct abl_task_spec *task = base->task;
	const struct abl_task_lengths *l = !base->counts ? NULL
					   : learnt      ? &base->counts->learnt
							 : &base->counts->judged;
	const int64_t made = learnt ? task->train_examples : task->dev_examples;
	struct load load = {.items = (double)(made ? made : WORLD_EXAMPLES),
			    .length = sentence_length(c)};

	load.tokens = WORLD_SENTENCE * load.items;
	if (l && l->items) {
		load.items = (double)l->items;
		load.tokens = abl_task_lengths_tokens(l, PIECES_A_WORD, (double)c->max_length,
						      &load.length);
	}
	return load;
}

/* Operations for one of its pieces. */
static double task_work(const struct abl_config *c, const struct abl_cost_base *base,
			const struct load *load)
{
	return piece_work(c, load->length, read_of(c, base->task, load->length), 0);
}

/* Pieces that a recipe goes through; an item has `length` of them, one pass `all`. */
static double recipe_pieces(const struct abl_recipe *r, double all, double length)
{
	if (r->steps)
		return (double)r->steps *
		       (r->batch_tokens ? (double)r->batch_tokens : (double)r->batch_size * length);
	return r->epochs * r->fraction * all;
}

static double seconds(double work)
{
	return ABL_NATIVE_BASE + work / CORE_SPEED;
}

double abl_native_cost_texts(const struct abl_plan_stage *stage, const struct abl_cost_base *base)
{
	(void)stage;
	return ABL_NATIVE_BASE + base->text_bytes * FILE_SECONDS_PER_BYTE;
}

/* Share of the pieces whose logits over the vocabulary are made: all that an lm predicts, the ones
 * that are masked, or none. */
static double predicted(const struct abl_config *c)
{
	const struct abl_mlm_options *mlm = (const void *)c->slot[ABL_SLOT_MLM].options;

	if (ABL_HOOKS(c, ABL_SLOT_LM, objective)->head)
		return 1;
	return ABL_HOOKS(c, ABL_SLOT_MLM, objective)->head ? mlm->rate : 0;
}

/* The second part of a pre-training. */
static bool goes_on(const struct abl_plan_stage *stage)
{
	for (size_t i = 0; i < stage->input_count; i++)
		if (!strcmp(stage->inputs[i].name, "parent"))
			return true;
	return false;
}

double abl_native_cost_pretrain(const struct abl_plan_stage *stage,
				const struct abl_cost_base *base)
{
	const struct abl_config *c = abl_native_config(stage->config);
	const double longest = (double)c->max_length;
	struct abl_recipe recipe = c->pretrain;

	if (goes_on(stage))
		recipe.steps = c->long_steps;
	return seconds(recipe_pieces(&recipe, base->text_bytes / BYTES_PER_PIECE, longest) *
		       piece_work(c, longest, predicted(c) + 1 / longest, predicted(c)));
}

struct abl_native_step abl_native_step(const struct abl_plan_stage *stage)
{
	const struct abl_config *c = abl_native_config(stage->config);
	const bool pretrain = stage->task == ABL_NONE;
	const struct abl_recipe *r = pretrain ? &c->pretrain : &c->finetune;
	struct abl_native_step step = {
		.config = c, .length = pretrain ? c->max_length : (int64_t)sentence_length(c)};

	step.batch = r->batch_tokens ? r->batch_tokens / step.length : r->batch_size;
	if (step.batch < 1)
		step.batch = 1;
	return step;
}

/* Of the step that the rate is measured by, which always masks. */
double abl_native_step_cost(const struct abl_config *c, bool pretrain, int64_t batch,
			    int64_t length)
{
	const double logits = pretrain ? MEASURED : 0;

	return (double)(batch * length) *
	       piece_work(c, (double)length, logits + 1 / (double)length, logits) / CORE_SPEED;
}

/* Evaluations while it trains, each of what is watched: a pass forward. Those that decide nothing
 * take a share of the training (stage_finetune.c). */
static double watching(const struct abl_plan_stage *stage, const struct abl_recipe *r,
		       const struct load *scored, double training, double work_a_piece)
{
	const bool judged = strcmp(r->select, "last") != 0 || r->early_stopping;
	const double times = judged ? (double)abl_judge_count(r) : EVALUATIONS;
	const double all = times * scored->tokens * work_a_piece / 3;

	if (!stage->split)
		return 0;
	return judged ? all : fmin(all, WATCHED * training);
}

double abl_native_cost_finetune(const struct abl_plan_stage *stage,
				const struct abl_cost_base *base)
{
	const struct abl_config *c = abl_native_config(stage->config);
	const struct load train = load_of(c, base, true), scored = load_of(c, base, false);
	const double training =
		recipe_pieces(&c->finetune, train.tokens, train.tokens / train.items) *
		task_work(c, base, &train);

	return seconds(training + watching(stage, &c->finetune, &scored, training,
					   task_work(c, base, &scored)));
}

double abl_native_cost_evaluate(const struct abl_plan_stage *stage,
				const struct abl_cost_base *base)
{
	const struct abl_config *c = abl_native_config(stage->config);
	const struct load scored = load_of(c, base, false);
	const double piece = task_work(c, base, &scored);
	/* forward only; as many examples of train again, for the generalisation gap */
	double work = 2 * scored.tokens * piece / 3;

	if (stage->sharpness)
		work += ABL_SHARPNESS_REGIONS * (ABL_SHARPNESS_STEPS + 1.) *
			ABL_SHARPNESS_EXAMPLES * scored.length * piece;
	return seconds(work);
}

/* Values that a micro-batch of so many pieces has in memory (build.c lays them out). */
static double activations(const struct abl_config *c, double pieces)
{
	const double h = (double)c->hidden, f = c->ffn_size ? (double)c->ffn_size : 4 * h;
	const double layers = (double)c->layers, heads = (double)c->heads;
	const double scores = pieces * heads * (double)c->max_length;
	const double logits = fmin(pieces, ABL_LOGIT_ROWS) * (double)c->vocab_size;

	return pieces * (layers * (6 * h + f) + 9 * h) + fmax(pieces * fmax(f, 3 * h), logits) +
	       fmin(layers * scores, (double)ABL_KEPT_WEIGHTS / 4) + layers * scores / 32;
}

double abl_native_memory(const struct abl_values *config)
{
	const struct abl_config *c = abl_native_config(config);
	const double pieces = c->pretrain.batch_tokens
				      ? (double)c->pretrain.batch_tokens
				      : (double)c->finetune.batch_size * (double)c->max_length;
	/* weights, gradients, two moments, and the best weights where they are kept (best.h) */
	const double copies = strcmp(c->finetune.select, "last") != 0 ? 5 : 4;

	return 4 * copies * abl_native_weights(c) +
	       4 * activations(c, fmin(pieces, (double)abl_micro_tokens(c))) + PROGRAM_BYTES;
}

double abl_native_disk_weights(const struct abl_values *config)
{
	return 4 * abl_native_weights(abl_native_config(config));
}

double abl_native_disk_data(const struct abl_values *config)
{
	(void)config;
	return 1e5;
}
