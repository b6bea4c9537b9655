/* SPDX-License-Identifier: Apache-2.0 */
/* native_kinds.c - the stages of the native engine, as rows: the one place between the plan and
 * core/stages. */
#include "kind.h"

#include "native_config.h"
#include "native_cost.h"
#include "native_space.h"
#include "stage.h"
#include "trial_file.h"

#include <assert.h>

/* The trial as the native engine's request. */
static int run(const struct abl_trial *t, const struct abl_events *events, struct abl_err *err)
{
	const int kind = abl_stage_find(t->stage);
	const struct abl_stage_request request = {
		.kind = (enum abl_stage_kind)kind,
		.config = abl_native_config(t->config),
		.seed = t->seed,
		.output = t->output,
		.texts = t->texts,
		.tasks = t->tasks,
		.task_count = t->task_count,
		.groups = t->groups,
		.held_out = t->held_out,
		.vocab = abl_trial_input(t, "vocab"),
		.corpus = abl_trial_input(t, "corpus"),
		.parent = abl_trial_input(t, "parent"),
		.task = t->task,
		.split = t->split,
		.hold_back = t->hold_back,
		.sharpness = t->sharpness,
		.threads = t->threads,
		.resume = t->resume,
	};

	assert(kind >= 0);
	return abl_stage_run(&request, events, err);
}

#define NATIVE .memory = abl_native_memory, .space = abl_native_space, .run = run

const struct abl_kind abl_kind_vocab = {
	.name = "vocab",
	.verb = "vocabulary",
	.one = "vocabulary",
	.many = "vocabularies",
	.options = ABL_AT_VOCAB,
	.reads = ABL_READS_TEXTS | ABL_READS_TASKS,
	.leaves = {"vocab.txt"},
	.prepares = true,
	.cost = abl_native_cost_texts,
	.disk = abl_native_disk_data,
	NATIVE,
};

const struct abl_kind abl_kind_tokenize = {
	.name = "tokenize",
	.verb = "tokenize",
	.one = "tokenized corpus",
	.many = "tokenized corpora",
	.options = ABL_AT_TOKENIZE,
	.reads = ABL_READS_TEXTS | ABL_READS_GROUPS,
	.inputs = {{"vocab", "vocab.txt", true}},
	.leaves = {"corpus.bin"},
	.prepares = true,
	.cost = abl_native_cost_texts,
	.disk = abl_native_disk_data,
	NATIVE,
};

const struct abl_kind abl_kind_pretrain = {
	.name = "pretrain",
	.verb = "pre-train",
	.one = "pre-training",
	.many = "pre-trainings",
	.options = ABL_AT_PRETRAIN,
	/* the parent only where it is the second part of a pre-training */
	.inputs = {{"vocab", "vocab.txt", true}, {"corpus", "", true}, {"parent", "", true}},
	.leaves = {"config.json", "model.safetensors", "vocab.txt"},
	.trains = true,
	.cost = abl_native_cost_pretrain,
	.disk = abl_native_disk_weights,
	NATIVE,
};

const struct abl_kind abl_kind_finetune = {
	.name = "finetune",
	.verb = "fine-tune",
	.one = "fine-tuning",
	.many = "fine-tunings",
	.options = ABL_AT_FINETUNE,
	.reads = ABL_READS_TRAIN,
	.inputs = {{"vocab", "vocab.txt", true}, {"parent", "", true}},
	.leaves = {"config.json", "model.safetensors", "vocab.txt"},
	.trains = true,
	.cost = abl_native_cost_finetune,
	.disk = abl_native_disk_weights,
	NATIVE,
};

const struct abl_kind abl_kind_evaluate = {
	.name = "evaluate",
	.verb = "evaluate",
	.one = "evaluation",
	.many = "evaluations",
	.options = ABL_AT_EVALUATE,
	.reads = ABL_READS_SPLIT,
	.inputs = {{"vocab", "vocab.txt", false}, {"parent", "", true}},
	.scores = true,
	.cost = abl_native_cost_evaluate,
	.disk = abl_native_disk_data,
	NATIVE,
};
