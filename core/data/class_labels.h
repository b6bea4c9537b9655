/* SPDX-License-Identifier: Apache-2.0 */
/* class_labels.h - the names of a task's classes, in class order. */
#ifndef ABL_CLASS_LABELS_H
#define ABL_CLASS_LABELS_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABL_CLASSES_MAX 1000 /* more are a wrong column */
struct abl_class_labels {
	char **name; /* [count], each malloc'ed */
	size_t count, capacity;
};
void abl_class_labels_finish(struct abl_class_labels *c); /* null-safe */

/* One more, behind the others; its class. */
int32_t abl_class_labels_add(struct abl_class_labels *c, const char *name);
void abl_class_labels_copy(struct abl_class_labels *c, char *const *names, size_t count);
/* From names joined by '|'. */
void abl_class_labels_split(struct abl_class_labels *c, const char *joined);
/* The different ones of `count` texts, at(i, data), NULLs left out; sorted: whole numbers by value,
 * then the others by their bytes. Stops at ABL_CLASSES_MAX + 1. */
void abl_class_labels_collect(struct abl_class_labels *c, size_t count,
			      const char *(*at)(size_t, const void *), const void *data);

/* The scale of a regression, whose "labels" are its ends: from the first of names joined by '|' to
 * the last, as STS-B has 0|5; endless for NULL. false: they are no numbers that grow. */
bool abl_class_labels_scale(const char *joined, double *low, double *high);

int32_t abl_class_labels_find(const struct abl_class_labels *c,
			      const char *name); /* -1: there is none */
/* The same without regard to case where no name is exactly that; -1 also where two would be it. */
int32_t abl_class_labels_find_folded(const struct abl_class_labels *c, const char *name);
/* With white space of any kind at an end, or what cannot be seen: nobody sees it unless quoted. */
bool abl_class_label_is_padded(const char *label);
/* Pairs of names that differ in blanks or case alone, which is more often a slip than meant:
 * "'pos' and 'pos '", the first few of them. Appends nothing where there are none. */
void abl_class_labels_alike(const struct abl_class_labels *c, struct abl_str *out);
/* The error for a name that is none of them: "file:line: unknown label 'x'; ..." */
int abl_class_labels_unknown(const struct abl_class_labels *c, const char *name, const char *path,
			     uint32_t line, struct abl_err *err);

#endif
