/* SPDX-License-Identifier: Apache-2.0 */
/* trained_on.h - which rows a fine-tuned checkpoint was trained on: its task's train file, and the
 * rule by which a part of that was held back. It stands in a file of the checkpoint's folder, so
 * that no command calls "held-back" what was trained on. */
#ifndef ABL_TRAINED_ON_H
#define ABL_TRAINED_ON_H

#include "errors.h"
#include "hash.h"
#include "task_spec.h"

#include <stdbool.h>

#define ABL_TRAINED_ON "trained_on.json"

struct abl_trained_on {
	bool there;                /* the folder says it */
	char *task, *file, *group; /* group: the column, or NULL (the type has its own) */
	char hash[ABL_HASH_TEXT];  /* of the train file's content */
	int64_t limit;             /* its first rows alone, 0 = all */
	bool held_back;            /* a tenth of them was left out, by group */
};
void abl_trained_on_finish(struct abl_trained_on *t); /* null-safe */

/* Writes it into a checkpoint's folder. */
int abl_trained_on_write(const struct abl_task_spec *s, bool held_back, const char *folder,
			 struct abl_err *err) ABL_MUST_USE;
/* Reads it; a folder without it is no error. Ends with finish after success. ABL_EINPUT: it is
 * damaged. */
int abl_trained_on_read(struct abl_trained_on *t, const char *folder,
			struct abl_err *err) ABL_MUST_USE;
/* Has the task's file of that split ("train", "dev", "test") the content of that train file? */
int abl_trained_on_same(const struct abl_trained_on *t, const struct abl_task_spec *s,
			const char *split, bool *same, struct abl_err *err) ABL_MUST_USE;
/* Makes the task's train file be divided as it was then. */
void abl_trained_on_apply(const struct abl_trained_on *t, struct abl_task_spec *s);

#endif
