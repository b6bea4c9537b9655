/* SPDX-License-Identifier: Apache-2.0 */
/* task_text.h - the whole text of a task's split: its file, unpacked, or what the built-in world
 * writes in the same format. Readers of whole files (CoNLL, bAbI, SQuAD) begin here, so that a task
 * of the world goes through the same reader as the field's files. */
#ifndef ABL_TASK_TEXT_H
#define ABL_TASK_TEXT_H

#include "errors.h"
#include "str.h"
#include "task_spec.h"

/* Appends the text to *out, valid UTF-8 without a byte order mark and without NULs. *path: what
 * messages call it (the spec's own memory). For "held-back" and "train-rest" it is that of train:
 * the reader divides it. ABL_EINPUT: no such file, damage, bad UTF-8 (with the line). */
int abl_task_text(const struct abl_task_spec *s, const char *split, struct abl_str *out,
		  const char **path, struct abl_err *err) ABL_MUST_USE;

/* Is that group one of the tenth that is held back? `group` is a hash (abl_hash64) of what must not
 * be divided: a story, an article, a premise. */
bool abl_group_held_back(uint64_t group);

#endif
