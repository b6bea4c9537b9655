/* SPDX-License-Identifier: Apache-2.0 */
/* split_rows.h - what a split of a task's files holds, as rows: all of it, then each label. What
 * the types' describe() is made of. */
#ifndef ABL_SPLIT_ROWS_H
#define ABL_SPLIT_ROWS_H

#include "class_labels.h"
#include "describe.h"
#include "examples.h"
#include "str.h"

struct abl_split_rows {
	const struct abl_task_spec *spec;
	const struct abl_describe_hooks *out;
	struct abl_class_labels names; /* of all splits, where the first has them; else empty */
	struct abl_examples train;     /* of labelled texts */
	bool told_alike;
};
void abl_split_rows_finish(struct abl_split_rows *d); /* null-safe */

/* How long the examples of a split are. */
struct abl_lengths {
	size_t count, words, longest;
};
/* One more, of so many words. */
void abl_lengths_add(struct abl_lengths *l, size_t words);
/* Words and marks of a text, as BERT cuts it; NULL has none. */
size_t abl_count_words(const char *text);

/* One row; all = 0: without a share, groups < 0: without groups. */
void abl_split_rows_add(const struct abl_split_rows *d, const char *split, const char *label,
			size_t rows, size_t all, int64_t groups);
/* The row of all examples: with groups and lengths. */
void abl_split_rows_add_all(const struct abl_split_rows *d, const char *split, const char *label,
			    const struct abl_lengths *lengths, size_t all, int64_t groups);
/* What was left out of the split: a row for each reason. */
void abl_split_rows_add_left_out(const struct abl_split_rows *d, const char *split,
				 const struct abl_left_out *l);
/* Tells of classes that look alike, once. */
void abl_split_rows_alike(struct abl_split_rows *d, const struct abl_class_labels *names);

/* A split that has been read, of whatever type. */
struct abl_split_items {
	size_t count;
	const struct abl_left_out *left_out;              /* NULL: nothing can be */
	const char *(*label)(size_t i, const void *data); /* NULL: there is none */
	uint64_t (*group)(size_t i, const void *data);
	size_t (*words)(size_t i, const void *data);
	const void *data;
};
/* The rows of the split: all, each label, then those without one and those left out. Returns the
 * share of the most frequent label; its name is appended to *most (NULL: not asked for). */
double abl_split_rows_add_items(struct abl_split_rows *d, const char *split,
				const struct abl_split_items *x, struct abl_str *most);
/* How many different groups; sorts them. */
int64_t abl_split_rows_groups(uint64_t *group, size_t count);

#endif
