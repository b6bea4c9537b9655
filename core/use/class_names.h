/* SPDX-License-Identifier: Apache-2.0 */
/* class_names.h - what the outputs of a checkpoint's head are called in a task. Nothing is guessed:
 * the names of both are the same, or the task counts its classes from 0, or the user says it. */
#ifndef ABL_CLASS_NAMES_H
#define ABL_CLASS_NAMES_H

#include "saved.h"
#include "str.h"
#include "task_spec.h"

/* What the user says of it; NULL: nothing. */
struct abl_naming {
	const char *labels; /* the head's classes in its order, joined by '|' */
	const char *map;    /* "theirs=task's,...": what a class counts as */
};

/* *out gets the names of the head's classes in its order, joined by '|', in the spelling of the
 * task; two outputs may have one name (`map`, `labels`). NULL: there are none to name, the task's
 * labels are something else. `spec` NULL: nothing is known of the task. notes: appends a line where
 * a class is called otherwise than in the checkpoint, or by no name. ABL_EINPUT, with what to give:
 * classes without names where the task has words, a class that the task has not, `labels` of
 * another number, `labels` or `map` where the head has no classes. */
int abl_class_names(const struct abl_saved *saved, const struct abl_task_spec *spec,
		    const struct abl_naming *naming, char **out, struct abl_str *notes,
		    struct abl_err *err) ABL_MUST_USE;

/* Have the classes only the names that transformers gives (LABEL_0, ...)? `labels` is joined by
 * '|', or NULL: no. */
bool abl_class_names_missing(const char *labels);

#endif
