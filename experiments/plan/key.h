/* SPDX-License-Identifier: Apache-2.0 */
/* key.h - the canonical text of a stage of the built-in engine, and the hashes of what its studies
 * read; for native_engine.c. */
#ifndef ABL_KEY_H
#define ABL_KEY_H

#include "plan.h"
#include "task_check.h"

/* Hashes of the files that a study reads, each read once. */
struct abl_plan_inputs {
	char (*text)[ABL_HASH_TEXT];      /* [study->text_count] */
	char groups[ABL_HASH_TEXT];       /* of the file of `pretraining.groups`, if there is one */
	char held_out[ABL_HASH_TEXT];     /* of the text of `pretraining.dev`, if there is one */
	char vocab[ABL_HASH_TEXT];        /* of the vocabulary file, if there is one */
	char init[ABL_HASH_TEXT];         /* of the folder of `init:`, if there is one */
	char (*train)[ABL_HASH_TEXT];     /* [study->task_count] */
	char (*scored)[ABL_HASH_TEXT];    /* [study->task_count] what trials are scored on */
	char (*held_back)[ABL_HASH_TEXT]; /* [study->task_count] */
	char (*tested)[ABL_HASH_TEXT];    /* [study->task_count] empty unless it is */
	struct abl_task_counts *counts;   /* [task_count] what was read of each */
	size_t task_count;
};

int abl_plan_inputs_create(struct abl_plan_inputs **out, const struct abl_study *s,
			   struct abl_err *err) ABL_MUST_USE;
void abl_plan_inputs_destroy(struct abl_plan_inputs *in); /* null-safe */

/* abl_engine.canonical */
void abl_native_canonical(const struct abl_plan *p, const struct abl_plan_stage *stage,
			  struct abl_str *out);

#endif
