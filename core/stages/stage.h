/* SPDX-License-Identifier: Apache-2.0 */
/* stage.h - one cached step, executed: `vocab`, `tokenize`, `pretrain`, `finetune`, `evaluate`.
 *
 * A stage is a pure function of its request: same request, same machine type, same bits. It reads
 * its inputs, writes files only under `output`, which holds nothing else when it is done, seals
 * them (made.h), prints nothing, and tells its caller what happens through the events. The child
 * process (cli/cmd_stage.c) turns a trial file into a request and events into JSON lines; tests
 * call it directly. */
#ifndef ABL_STAGE_H
#define ABL_STAGE_H

#include "config.h"
#include "errors.h"
#include "events.h"

#include <stdbool.h>
#include <stdint.h>

enum abl_stage_kind {
	ABL_STAGE_VOCAB,    /* texts -> vocab.txt */
	ABL_STAGE_TOKENIZE, /* texts + vocab -> corpus.bin */
	ABL_STAGE_PRETRAIN, /* [checkpoint] + corpus + vocab -> checkpoint folder; result: held-out
			       metrics */
	ABL_STAGE_FINETUNE, /* [checkpoint] + vocab + task's train part -> checkpoint folder */
	ABL_STAGE_EVALUATE, /* checkpoint + a split of the task -> predictions; result: task metrics
			     */
	ABL_STAGES,
};
const char *abl_stage_name(enum abl_stage_kind kind); /* "vocab" ... */
int abl_stage_find(const char *name);                 /* enum abl_stage_kind, -1 if none */

struct abl_task_spec; /* task_spec.h */

struct abl_stage_request {
	enum abl_stage_kind kind;
	const struct abl_config *config; /* resolved */
	int64_t seed;             /* of the stage: init, order, dropout have streams of their own */
	const char *output;       /* a folder that exists; everything is written here */
	const char *const *texts; /* vocab, tokenize: files, or "world"; NULL-terminated */
	/* vocab: without texts those of these tasks' training parts; task_count of them */
	const struct abl_task_spec *const *tasks;
	size_t task_count;
	const char *groups;   /* tokenize: which documents are held out together, or NULL */
	const char *held_out; /* tokenize: a text that is held out instead, or NULL */
	const char *vocab;    /* vocab.txt; tokenize, pretrain, finetune */
	const char *corpus;   /* pretrain: the tokenize stage's folder */
	/* Checkpoint folder. finetune: or NULL = from scratch; evaluate: what is scored; pretrain:
	 * its first part, at a smaller length, or NULL */
	const char *parent;
	const struct abl_task_spec *task; /* finetune, evaluate */
	const char *split; /* evaluate: "dev", "test" or "held-back"; finetune: the split to
			      watch for the curves ("dev", "held-back"), or NULL */
	bool hold_back;    /* finetune: leave the held-back tenth of train out */
	bool sharpness;    /* evaluate: measure that of the checkpoint, too (sharpness.h) */
	int threads;       /* OpenMP threads, >= 1 */
	bool resume;       /* continue from a state that a paused attempt left in `output` */
};

/* Runs it. ABL_EINPUT: the data or request is wrong; ABL_EDIVERGED: the loss became NaN or infinite
 * ("diverged at step 180 (loss nan)"); ABL_ESTOP: asked to stop; the event `paused` came before
 * where there is a state to go on from. */
int abl_stage_run(const struct abl_stage_request *request, const struct abl_events *events,
		  struct abl_err *err) ABL_MUST_USE;

#endif
