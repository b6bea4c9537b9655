/* SPDX-License-Identifier: Apache-2.0 */
/* task.h - a task type: from the field's files to inputs, head, loss, predictions and official
 * metric. One file per type, named in task_types.def. */
#ifndef ABL_TASK_H
#define ABL_TASK_H

#include "batch.h"
#include "model.h"
#include "task_spec.h"
#include "task_types.h"
#include "wordpiece.h"

struct abl_split_rows;
struct abl_task; /* one split of one task, as tokens; each type has its own inside */

/* What texts are made into sequences with; must outlive the task. */
struct abl_task_tools {
	const struct abl_tokenizer *tokenizer;
	const struct abl_layout *layout;
};

typedef void abl_metric_hook(void *data, const char *name, double value);

/* Files that `ablate eval` compares: predictions are in the form that submit() writes. */
struct abl_mark_request {
	const struct abl_task_spec *spec; /* its `test` is the gold file */
	const char *predictions;
	const char *no_answer; /* span: {question id: probability that it has none}, or NULL */
	struct abl_str
		*notes; /* gets what there is to say of the two (task_notes.h); NULL: nowhere */
};

struct abl_task_type {
	const struct abl_task_facts *facts; /* its row of task_types.def */
	const char *help;
	const char *const
		*metrics; /* NULL-terminated; the first is the main one unless the study says so */

	/* Reads a split ("train", "dev", "test", "held-back", "train-rest", as examples.h has them)
	 * and cuts it into pieces. `train`: the training split, whose labels count; NULL when this
	 * is it, or when spec->labels has them (a test file given to `predict`, perhaps without
	 * gold). Caller's, ends with destroy(). */
	int (*load)(struct abl_task **out, const struct abl_task_spec *spec, const char *split,
		    const struct abl_task *train, const struct abl_task_tools *tools,
		    struct abl_err *err);
	/* The same from texts of the command line: text, or text and second text; span: question
	 * and passage; choice: text and the choices; story: question and facts. */
	int (*ask)(struct abl_task **out, const struct abl_task_spec *spec,
		   const char *const *texts, size_t count, const struct abl_task_tools *tools,
		   struct abl_err *err);
	void (*destroy)(struct abl_task *t); /* null-safe */

	size_t (*count)(const struct abl_task *t);     /* items: what a batch is counted in */
	size_t (*answers)(const struct abl_task *t);   /* that submit() writes; NULL: one an item */
	size_t (*left_out)(const struct abl_task *t);  /* rows of its file; NULL: never any */
	size_t (*sequences)(const struct abl_task *t); /* of an item at most; NULL: 1 */
	size_t (*classes)(const struct abl_task *t);   /* of the head; NULL: it has none */
	/* Class names in order, joined by newlines, into out. */
	void (*labels)(const struct abl_task *t, struct abl_str *out);
	/* Keep this share of the items, by hash, nested. */
	void (*subset)(struct abl_task *t, double fraction);
	void (*put)(const struct abl_task *t, size_t item, const struct abl_layout *layout,
		    struct abl_batch *b);

	/* After a pass over items [first, first + n), which made up `b`: what the head says
	 * (pass.scores in model.h). */
	void (*collect)(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
			const real *scores);
	/* What is decided on held-back examples (a threshold) once they were collected, NaN where
	 * they decide nothing; and a task told of it. NULL, both: nothing is decided. */
	double (*calibrate)(const struct abl_task *held_back);
	void (*use_decided)(struct abl_task *t, double decided);
	/* The final metrics, "examples" and "majority" among them. */
	void (*score)(const struct abl_task *t, abl_metric_hook *emit, void *data);
	/* One line an example: its place in the file, gold, prediction, probability. */
	int (*write)(const struct abl_task *t, const char *path, struct abl_err *err);
	/* The predictions in the field's own submission format. */
	int (*submit)(const struct abl_task *t, const char *path, struct abl_err *err);
	/* What is to be said to someone who asked(): appended to out. */
	void (*answer)(const struct abl_task *t, struct abl_str *out);
	/* Appends what predictions for this file leave out or cannot get right (task_notes.h):
	 * texts that are cut to the layout's length, gold labels that no class has. */
	void (*note)(const struct abl_task *t, const struct abl_layout *layout,
		     struct abl_str *notes);
	/* Tells what a split holds, row by row (describe.h, split_rows.h). */
	int (*describe)(struct abl_split_rows *d, const char *split, struct abl_err *err);
	/* Scores a predictions file against gold by the official rules, without any model. Names
	 * are those of the official script. */
	int (*mark)(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		    struct abl_err *err);
};

/* abl_task_classify, ... */
#define TASK_TYPE(type, ...) extern const struct abl_task_type abl_task_##type;
#define PRETRAINING_TYPE(type, ...)
#include "task_types.def"
#undef TASK_TYPE
#undef PRETRAINING_TYPE

const struct abl_task_type *abl_task_type_find(const char *name); /* NULL if there is none */
struct abl_head_request abl_task_head(const struct abl_task_type *type, const struct abl_task *t);

/* A split as what batches are filled from: its items, laid out so. All borrowed. */
struct abl_task_feed {
	const struct abl_task_type *type;
	struct abl_task *task;
	const struct abl_layout *layout;
};

#endif
