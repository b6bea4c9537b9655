/* SPDX-License-Identifier: Apache-2.0 */
/* trial_file.h - the JSON file that tells a child process what to do ($ABLATE_TRIAL): study,
 * variant, seed, every active option, the stage, its attempt, input and output folders. */
#ifndef ABL_TRIAL_FILE_H
#define ABL_TRIAL_FILE_H

#include "files.h"
#include "space.h"
#include "task_spec.h"

#include <jansson.h>

enum { ABL_TRIAL_INPUTS = 8 };

/* Another stage's artefact, or a file of the study, under the name that the stage knows it by. */
struct abl_trial_input {
	const char *name, *path;
};

struct abl_trial {
	const char *study, *variant; /* for people and for users' commands; a stage needs neither */
	const char *stage;           /* its kind */
	const char *key;             /* its content hash */
	int64_t attempt;
	int64_t seed;                    /* of the stage */
	const struct abl_values *config; /* resolved */
	const char *output;              /* a folder that exists; everything is written there */
	const char *const *texts;        /* files, or "world"; NULL-terminated; may be NULL */
	const char *groups;              /* which texts are held out together, or NULL */
	const char *held_out;            /* text that is held out instead, or NULL */
	const struct abl_task_spec *const *tasks; /* whose texts it reads; task_count of them */
	size_t task_count;
	struct abl_trial_input inputs[ABL_TRIAL_INPUTS];
	size_t input_count;
	const struct abl_task_spec *task; /* or NULL */
	const char *split;                /* what is scored or watched, or NULL */
	bool hold_back;                   /* leave the held-back tenth of train out */
	bool sharpness;                   /* measure that of the checkpoint, too */
	int threads;                      /* >= 1 */
	bool resume;   /* go on from the state that a paused attempt left in `output` */
	json_t *order; /* of a user's program (program/order.h), borrowed; or NULL */
	/* Paths of files are written as any process sees them, for a machine where the stage runs
	 * in another folder. NULL: as they are. */
	const struct abl_whole *whole;
	const char *path; /* of this file, once it was read */
	/* What abl_trial_read() keeps for the pointers above. */
	struct abl_values *own_config;
	struct abl_task_spec own_task;
	const char **own_texts;
	const struct abl_task_spec **own_tasks;
	struct abl_task_spec *own_specs; /* [task_count] */
	json_t *root;
};

/* The path of the input of that name, or NULL. */
const char *abl_trial_input(const struct abl_trial *trial, const char *name);

/* Writes the file whole. What abl_trial_read() keeps is not looked at. */
int abl_trial_write(const char *path, const struct abl_trial *trial,
		    struct abl_err *err) ABL_MUST_USE;
/* Reads it. space_of() says which options a kind of stage has; NULL: there is no such kind. `out`
 * is not to be moved or copied, and ends with abl_trial_finish(). ABL_EINPUT: damaged, or an option
 * that this version does not know. */
int abl_trial_read(struct abl_trial *out, const char *path,
		   const struct abl_space *(*space_of)(const char *stage),
		   struct abl_err *err) ABL_MUST_USE;
void abl_trial_finish(struct abl_trial *trial); /* null-safe */

#endif
