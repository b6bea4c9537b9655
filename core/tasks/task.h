/* SPDX-License-Identifier: Apache-2.0 */
/* task.h - a task type: from the field's files to inputs, head, loss, predictions and official
 * metric. One file per type, one line in the table of task.c. */
#ifndef ABL_TASK_H
#define ABL_TASK_H

#include "batch.h"
#include "model.h"
#include "task_spec.h"
#include "wordpiece.h"

struct abl_task; /* one split of one task, as pieces; each type has its own inside */

struct abl_task_type {
	const char *name; /* the study's `type:` */
	const char *help;
	const char *const
		*metrics; /* NULL-terminated; the first is the main one unless the study says so */
	/* Reads a split (examples.h) and cuts it into pieces. `train`: the training split, whose
	 * labels count; NULL when this is it. Caller's, ends with destroy(). */
	int (*load)(struct abl_task **out, const struct abl_task_spec *spec, const char *split,
		    const struct abl_task *train, const struct abl_tokenizer *tokenizer,
		    struct abl_err *err);
	void (*destroy)(struct abl_task *t); /* null-safe */
	size_t (*count)(const struct abl_task *t);
	struct abl_head_request (*head)(const struct abl_task *t);
	/* Class names in order, joined by newlines, into out. */
	void (*labels)(const struct abl_task *t, struct abl_str *out);
	/* Keep this share of the items, by hash, nested. */
	void (*keep)(struct abl_task *t, double fraction);
	void (*put)(const struct abl_task *t, size_t item, const struct abl_layout *layout,
		    struct abl_batch *b);
	/* After a pass over items [first, first + n): their scores, as the head gives them. */
	void (*collect)(struct abl_task *t, size_t first, size_t n, const real *scores);
	/* The final metrics, "examples" and "majority" among them. */
	void (*score)(const struct abl_task *t,
		      void (*emit)(void *, const char *name, double value), void *data);
	/* One line an item: its place in the file, gold, prediction, probability. */
	int (*write)(const struct abl_task *t, const char *path, struct abl_err *err);
};

extern const struct abl_task_type abl_task_classify;

const struct abl_task_type *abl_task_type_find(const char *name); /* NULL if there is none */
const struct abl_task_type *abl_task_type_at(size_t i);           /* NULL behind the last */

#endif
