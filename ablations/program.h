/* SPDX-License-Identifier: Apache-2.0 */
/* program.h - a study of a program that is not ours: what `command:`, `steps:`, `options:` and
 * their neighbours in the study file say. Its options are the study's space (space.h); everything
 * here is as written, with {placeholders} in its words: experiments/program takes them apart.
 *
 * All texts and lists belong to the study. Lists of words end with NULL and are never NULL, unless
 * it is said otherwise. */
#ifndef ABL_PROGRAM_H
#define ABL_PROGRAM_H

#include "space.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_program_setting { /* of an environment variable */
	char *name, *value;
};

/* How an option reaches the program; row i is that of the space's key i. The key of the placebo,
 * which comes last, reaches nothing. */
struct abl_program_option {
	const struct abl_key *key;
	char *flag; /* as the program spells it: "--lr", "optim.lr"; NULL: by the style of flags */
	char **on, **off; /* the words of a truth value; NULL: by the style of flags */
};

struct abl_program_metric {
	char *name;
	bool lower_is_better; /* goal: min */
	bool main;            /* one of them is: what trials are compared by */
	bool series;          /* its points over steps are kept, too */
	bool best;            /* the best of its points is the result, not the last */
	char *split;          /* "dev" */
	char *from; /* as written: "{out}/results.json: accuracy"; NULL: wherever it says it */
	char *step; /* where the step of a point is found; NULL: as its reader knows */
	size_t of;  /* the step (struct abl_program_step) whose folder it is read from */
};

struct abl_program_step {
	char *name;     /* "train"; "" where the study has `command:` and no steps */
	char **command; /* words */
	char **files;   /* patterns of its own; those of the study go for every step */
	char **inputs;
	const struct abl_key **options; /* that it gets, in the order of the space */
	size_t option_count;
	bool seeded;   /* false: `seed: none` */
	size_t *reads; /* steps before it whose folders it reads */
	size_t read_count;
	int64_t gpus;
};

/* What a task says beside the options that it sets (struct abl_study_task). */
struct abl_program_task {
	char **flags; /* words */
};

struct abl_program_space; /* of this folder */

struct abl_program {
	struct abl_program_step *steps; /* in an order in which they can run; the last one scores */
	size_t step_count;              /* >= 1, <= ABL_PROGRAM_STEPS */
	char *directory;                /* where the program's code is; absolute */
	bool in_place;                  /* `code: in-place`: it runs there, not in a copy */
	char **setup;                   /* lines for sh */
	char **wrap;                    /* words */
	char **files, **inputs;         /* patterns, relative to `directory` or absolute */
	struct abl_program_setting *environment, *pass; /* `pass` is not hashed */
	size_t environment_count, pass_count;
	char *flags;                        /* the style: "argparse", "hydra", "json", "env" */
	struct abl_program_option *options; /* [space->key_count] */
	size_t option_count;                /* space->key_count */
	struct abl_program_space *space;    /* the study's, and its memory */
	char *seed_flag, *seed_variable;    /* how the seed reaches it: one of them; or both NULL */
	struct abl_program_metric *metrics;
	size_t metric_count, main;                                /* main: which metric */
	char *predictions, *predictions_id, *predictions_correct; /* or NULL */
	char *resume_if, **resume_flags; /* resume_if NULL: every attempt begins anew */
	int stop_signal;                 /* SIGTERM */
	double stop_grace;               /* seconds */
	int64_t trials_per_gpu;          /* of `limits`; 1 */
	char **keep;                     /* patterns below {out} */
	bool check_repeat;               /* `check: repeat` */
	struct abl_program_task *tasks;  /* [study->task_count] */
	size_t task_count;
};

enum { ABL_PROGRAM_STEPS = 8 };

/* The words that have a meaning of their own between braces; options and steps cannot be called so.
 * Ends with NULL. */
extern const char *const abl_program_words[];

void abl_program_destroy(struct abl_program *p); /* null-safe */

#endif
