/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_cost.h"

#include "sharpness.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CORE_SPEED 5e10            /* floating-point operations a second */
#define BYTES_PER_PIECE 4.5        /* of running text */
#define WORLD_TEXT 1.5e6           /* bytes of the built-in documents */
#define WORLD_SENTENCE 12          /* pieces */
#define WORLD_EXAMPLES 500         /* where a task does not say */
#define FILE_SECONDS_PER_BYTE 2e-7 /* vocabulary and tokenising */

double abl_plan_parameters(const struct abl_config *c)
{
	const double h = (double)c->hidden, f = c->ffn_size ? (double)c->ffn_size : 4 * h;

	return (double)c->vocab_size * h + (double)c->max_length * h +
	       (double)c->layers * (4 * h * h + 2 * h * f);
}

double abl_plan_file_bytes(const char *path)
{
	const size_t n = path ? strlen(path) : 0;
	struct stat st;

	if (!n)
		return 0;
	if (!strcmp(path, "world"))
		return WORLD_TEXT;
	if (stat(path, &st))
		return 0;
	return (double)st.st_size * (n > 3 && !strcmp(path + n - 3, ".xz")   ? 3.6
				     : n > 3 && !strcmp(path + n - 3, ".gz") ? 2.8
									     : 1);
}

/* Operations for one piece, forward and backward. */
static double piece_work(const struct abl_config *c, double length, double logits)
{
	const double h = (double)c->hidden, f = c->ffn_size ? (double)c->ffn_size : 4 * h;
	const double layer = 8 * h * h + 4 * h * f + 4 * h * length;

	return 3 * ((double)c->layers * layer + logits * 2 * h * (double)c->vocab_size);
}

static double pieces_of(const char *file, int64_t examples)
{
	if (file && !strcmp(file, "world"))
		return WORLD_SENTENCE * (double)(examples ? examples : WORLD_EXAMPLES);
	return abl_plan_file_bytes(file) / BYTES_PER_PIECE;
}

/* Pieces that a recipe goes through; a sequence has `length` of them, one pass `all`. */
static double recipe_pieces(const struct abl_recipe *r, double all, double length)
{
	if (r->steps)
		return (double)r->steps *
		       (r->batch_tokens ? (double)r->batch_tokens : (double)r->batch_size * length);
	return r->epochs * r->fraction * all;
}

void abl_plan_cost(struct abl_plan_stage *stage, const struct abl_task_spec *task,
		   double text_bytes)
{
	const struct abl_config *c = &stage->config;
	const double longest = (double)c->max_length, sentence = fmin(longest, 32);
	double work = 0;

	switch (stage->kind) {
	case ABL_STAGE_VOCAB:
	case ABL_STAGE_TOKENIZE:
		stage->cost = .05 + text_bytes * FILE_SECONDS_PER_BYTE;
		return;
	case ABL_STAGE_PRETRAIN:
		work = recipe_pieces(&c->pretrain, text_bytes / BYTES_PER_PIECE, longest) *
		       piece_work(c, longest, .15);
		break;
	case ABL_STAGE_FINETUNE:
		work = recipe_pieces(&c->finetune, pieces_of(task->train, task->train_examples),
				     sentence) *
		       piece_work(c, sentence, 0);
		break;
	case ABL_STAGE_EVALUATE:
		/* forward only; as many examples of train again, for the generalisation gap */
		work = 2 * pieces_of(task->dev ? task->dev : task->train, task->dev_examples) *
		       piece_work(c, sentence, 0) / 3;
		if (stage->sharpness)
			work += ABL_SHARPNESS_REGIONS * (ABL_SHARPNESS_STEPS + 1.) *
				ABL_SHARPNESS_EXAMPLES * sentence * piece_work(c, sentence, 0);
		break;
	case ABL_STAGES:
		break;
	}
	stage->cost = .05 + work / CORE_SPEED;
}

double abl_plan_memory(const struct abl_config *c)
{
	const double h = (double)c->hidden, f = c->ffn_size ? (double)c->ffn_size : 4 * h;
	const double pieces = c->pretrain.batch_tokens
				      ? (double)c->pretrain.batch_tokens
				      : (double)c->finetune.batch_size * (double)c->max_length;
	const double a_piece = (double)c->layers * (16 * h + 2 * f) + .15 * (double)c->vocab_size;

	/* weights, gradients and two moments; activations of one micro-batch; the program itself */
	return 16 * abl_plan_parameters(c) + 4 * fmin(pieces, 8192) * a_piece + 20e6;
}

double abl_plan_disk(const struct abl_plan_stage *stage)
{
	const bool weights = stage->kind == ABL_STAGE_PRETRAIN || stage->kind == ABL_STAGE_FINETUNE;

	return weights ? 4 * abl_plan_parameters(&stage->config) : 1e5;
}
