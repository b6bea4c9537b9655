/* SPDX-License-Identifier: Apache-2.0 */
/* plan.h - a study as a graph of stages: for each seed, variant and task the steps vocab ->
 * tokenize -> pretrain -> finetune -> evaluate. Steps with the same content are one node.
 *
 * A stage's key is the hash of its canonical text: the active options that affect it and differ
 * from their defaults, the versions of the components, the content of its inputs, the keys of the
 * stages it reads, its seed. Names, words about the study, limits, plots and paths are not in it;
 * the train part of a task only in `finetune`, what is scored only in `evaluate`. */
#ifndef ABL_PLAN_H
#define ABL_PLAN_H

#include "hash.h"
#include "kind.h"
#include "study.h"
#include "table.h"

#define ABL_NONE ((size_t)-1) /* no such stage, task or value */

/* What a stage reads, by name; stage ABL_NONE: a file or folder of the study stands there. */
struct abl_plan_input {
	const char *name;
	size_t stage;
};

struct abl_plan_stage {
	char key[ABL_HASH_TEXT];
	char *canonical; /* the text whose hash is the key */
	const struct abl_kind *kind;
	const struct abl_values *config; /* resolved; its first user's; the plan's */
	int64_t seed;                    /* 0 where nothing is random */
	size_t variant, task;            /* its first user's; task ABL_NONE before fine-tuning */
	size_t tuned; /* tuning run: which value of the study's; ABL_NONE: of a trial */
	struct abl_plan_input inputs[ABL_KIND_INPUTS]; /* of its kind, in that order */
	size_t input_count;
	const char *split; /* what is scored; where the kind trains: what is watched; or NULL */
	bool hold_back;
	bool sees_scored; /* trains, and chooses by what is scored */
	bool sharpness;   /* is measured, too */
	size_t step;      /* of a program: which of its steps; ABL_NONE */
	bool repeat;      /* once more with the same seed, to see whether that gives the same */
	size_t order;     /* the first trial it serves: earlier trials come first */
	size_t serves;    /* trials; 0 for tuning runs of their own */
	double cost;      /* seconds on a core of the reference machine, roughly */
	double rated;     /* processor seconds by a rate measured here and now; 0: none was */
};

/* A stage of a trial and what it is there: the name of its kind, or of what it stands for. The
 * stage with the trial's main metric is its `evaluate`. */
struct abl_plan_role {
	const char *role;
	size_t stage;
};

/* Whatever the number of fine-tunings: with one more, those that are done stay what they are. The
 * views take it apart again (store_views.c). */
enum { ABL_PLAN_CROSSED = ABL_CROSSED_SEED };
enum { ABL_PLAN_ROLES = 20 };

struct abl_plan_trial {
	size_t variant, task;
	size_t replicate; /* from 0 */
	int64_t seed;     /* of its fine-tuning: the replicate from 1; with several fine-tunings
			     a pre-training, ABL_PLAN_CROSSED x pre-training + fine-tuning */
	int64_t pretrain_seed;                      /* from 1 */
	struct abl_plan_role roles[ABL_PLAN_ROLES]; /* while tuning, some are not known yet */
	size_t role_count;
};

/* One choice to be made: the tuned value of a variant, on one task or on all of them. */
struct abl_plan_tune {
	size_t variant, task; /* the first task */
	size_t task_count;
	size_t *evaluate; /* [tasks x values x seeds] stages whose main metric decides */
	size_t chosen;    /* ABL_NONE: not yet */
	bool given_up;    /* no run of it gave a result */
};

struct abl_engine; /* engine.h */

struct abl_plan {
	const struct abl_study *study;
	const struct abl_engine *engine;
	struct abl_plan_stage *stages;
	size_t stage_count;
	struct abl_plan_trial *trials; /* seed by seed, then variant, then task */
	size_t trial_count;
	struct abl_plan_tune *tunes;
	size_t tune_count;
	size_t *tune_of; /* [variants x tasks] which tune; ABL_NONE: as the study says */
	/* [variants x tasks x (1 + tuned values)], made when asked for; stages share them */
	struct abl_values **configs;
	struct abl_values **firsts;       /* of the first parts of pre-trainings; NULL: in one */
	struct abl_plan_inputs *inputs;   /* hashes of files (key.c) */
	struct abl_plan_program *program; /* of a user's program (program_parts.h), or NULL */
	double text_bytes;                /* of the pre-training texts, unpacked, roughly */
	size_t *slots;                    /* hash table from key to stage */
	size_t stage_capacity, slot_count;
};

/* Plans what does not depend on results: everything, unless the study tunes. Reads every input file
 * once to hash it; `store` may have some of the hashes, or is NULL. The study must outlive the
 * plan.
 */
int abl_plan_create(struct abl_plan **out, const struct abl_study *study, const char *store,
		    struct abl_err *err) ABL_MUST_USE;
void abl_plan_destroy(struct abl_plan *p); /* null-safe */

/* Fixes the value of a tune and adds the stages of its trials. */
int abl_plan_choose(struct abl_plan *p, size_t tune, size_t value,
		    struct abl_err *err) ABL_MUST_USE;

/* The tune that the trial's value comes from; ABL_NONE: nothing is tuned there. */
size_t abl_plan_tune(const struct abl_plan *p, size_t trial);
/* The evaluation that tells how `value` does on a task of the tune (0 .. task_count - 1). */
size_t *abl_plan_tuning_run(const struct abl_plan *p, const struct abl_plan_tune *tune, size_t task,
			    size_t value, size_t replicate);

/* The stage that the input names, or that has the role in a trial; ABL_NONE if there is none. */
size_t abl_plan_input(const struct abl_plan_stage *stage, const char *name);
size_t abl_plan_stage_of(const struct abl_plan_trial *trial, const char *role);
/* Replicates of each variant and task: fine-tuning seeds in all. */
int64_t abl_plan_seeds(const struct abl_study *s);
/* By name, or ABL_NONE. `near`: where to look first, since rows come variant by variant. */
size_t abl_plan_variant(const struct abl_plan *p, const char *label, size_t near);
size_t abl_plan_task(const struct abl_plan *p, const char *name);
/* The folder of `init:` that the stage starts from, or NULL. */
const char *abl_plan_starts_from(const struct abl_plan *p, const struct abl_plan_stage *stage);
/* What the files of a task hold, counted when the plan was made. */
struct abl_task_counts;
const struct abl_task_counts *abl_plan_counts(const struct abl_plan *p, size_t task);
/* The role of the first part of a pre-training; the second one's is `pretrain`. */
#define ABL_ROLE_PRETRAIN_FIRST "pretrain_first"
/* Does the stage score a test file? Its role in a trial is ABL_ROLE_TEST. */
#define ABL_ROLE_TEST "test"
bool abl_plan_is_test(const struct abl_plan_stage *stage);
/* Cards that it wants. */
size_t abl_plan_gpus(const struct abl_plan *p, size_t stage);
/* Stages whose times are alike: those of a kind, or of a step of the program; below
 * ABL_KINDS_MAX. */
size_t abl_plan_class(const struct abl_plan_stage *stage);
/* What the stage is called: its kind, or the step of a program. */
const char *abl_plan_stage_name(const struct abl_study *s, const struct abl_plan_stage *stage);
/* The role of a stage that every trial has once it is planned whole. */
const char *abl_plan_last(const struct abl_plan *p);
/* Is a trial done with it: the evaluation, or where nothing is scored the training? */
bool abl_plan_ends_trial(const struct abl_plan *p, const struct abl_plan_stage *stage);

#endif
