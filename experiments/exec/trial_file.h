/* SPDX-License-Identifier: Apache-2.0 */
/* trial_file.h - the JSON file that tells a child process what to do ($ABLATE_TRIAL): study,
 * variant, seed, every active option, the stage, its attempt, input and output folders. */
#ifndef ABL_TRIAL_FILE_H
#define ABL_TRIAL_FILE_H

#include "stage.h"
#include "task_spec.h"

#include <jansson.h>

struct abl_trial {
	const char *study, *variant; /* for people and for users' commands; a stage needs neither */
	const char *key;             /* the stage's content hash */
	int64_t attempt;
	struct abl_stage_request request;
	/* What abl_trial_read() keeps for the pointers above. */
	struct abl_config config;
	struct abl_task_spec task;
	json_t *root;
	const char **texts;
};

/* Writes the file whole. Only the public fields and what `request` points to are read. */
int abl_trial_write(const char *path, const struct abl_trial *trial,
		    struct abl_err *err) ABL_MUST_USE;
/* Reads it. `out` is not to be moved or copied, and ends with abl_trial_finish(). ABL_EINPUT:
 * damaged, or an option that this version does not know. */
int abl_trial_read(struct abl_trial *out, const char *path, struct abl_err *err) ABL_MUST_USE;
void abl_trial_finish(struct abl_trial *trial); /* null-safe */

#endif
