/* SPDX-License-Identifier: Apache-2.0 */
/* task_types.h - what is known of each type of task without its code: one row of task_types.def.
 * How its data flow through a model is its file in core/tasks (task.h). */
#ifndef ABL_TASK_TYPES_H
#define ABL_TASK_TYPES_H

#include <stdbool.h>
#include <stddef.h>

/* What the label column holds, and so what a checkpoint says of it. */
enum abl_task_labels {
	ABL_LABELS_NONE,
	ABL_LABELS_CLASSES, /* the head has an output for each, a checkpoint their names */
	ABL_LABELS_CHOICES, /* which choice is right: they may have names, the head knows none */
	ABL_LABELS_NUMBERS, /* the head has one output */
};

struct abl_task_facts {
	const char *name; /* the study's `type:` and a checkpoint's `ablate_task` */
	/* Formats of its files, joined by '|': the first unless the spec says so, "csv" for files
	 * that are named so. NULL: it has no files. */
	const char *formats;
	bool text, label, choices; /* columns that the spec has to name */
	bool no_answer;            /* its questions may have none */
	enum abl_task_labels labels;
	const char *head;         /* core/model/heads.c */
	const char *architecture; /* transformers' class */
	/* its class where the model has no head for the next sentence besides; NULL: the same */
	const char *architecture_alone;
	/* its head reads tokens where they stand, so transformers' decoders, which read from left
	 * to right, have it as we do; the others read [CLS], which sees nothing there */
	bool decodes;
	bool pretraining; /* no task: what a model is that was pre-trained only */
};

/* abl_facts_classify, ...: for the type's own file. */
#define TASK_TYPE(type, ...) extern const struct abl_task_facts abl_facts_##type;
#define PRETRAINING_TYPE(type, ...) extern const struct abl_task_facts abl_facts_##type;
#include "task_types.def"
#undef TASK_TYPE
#undef PRETRAINING_TYPE

/* In the order of task_types.def; NULL: behind the last one. */
const struct abl_task_facts *abl_task_facts_at(size_t i);
/* NULL: there is none of this name (which may be NULL). */
const struct abl_task_facts *abl_task_facts_find(const char *name);

#endif
