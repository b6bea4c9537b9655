/* SPDX-License-Identifier: Apache-2.0 */
/* text_items.h - examples of one text or a pair, cut into tokens: what classification and
 * regression read. */
#ifndef ABL_TEXT_ITEMS_H
#define ABL_TEXT_ITEMS_H

#include "examples.h"
#include "submission.h"
#include "task.h"

struct abl_text_item {
	size_t a, b; /* first tokens, into ids */
	uint32_t a_length, b_length;
	const struct abl_example *example; /* its b is NULL: one text */
};

/* Zero-initialise; end with abl_text_items_finish(). */
struct abl_text_items {
	struct abl_examples examples;
	struct abl_ids ids;
	struct abl_text_item *items; /* [count] */
	size_t count;
};

/* As abl_examples_load(). */
int abl_text_items_load(struct abl_text_items *t, const struct abl_task_spec *spec,
			const char *split, const struct abl_text_items *train,
			const struct abl_task_tools *tools, struct abl_err *err) ABL_MUST_USE;
/* One item without a label from one text or two; classes are those of spec->labels. ABL_EINPUT:
 * another number of texts. */
int abl_text_items_ask(struct abl_text_items *t, const struct abl_task_spec *spec,
		       const char *const *texts, size_t count, const struct abl_task_tools *tools,
		       struct abl_err *err) ABL_MUST_USE;
void abl_text_items_finish(struct abl_text_items *t); /* null-safe */
/* Leaves this share of the items, by hash, at least one. */
void abl_text_items_subset(struct abl_text_items *t, double fraction);
void abl_text_items_put(const struct abl_text_items *t, size_t item,
			const struct abl_layout *layout, struct abl_batch *b);
/* What abl_submission_load() asks of gold (struct abl_examples). */
struct abl_gold_row abl_example_row(const void *examples, size_t i);
size_t abl_examples_rows(const struct abl_examples *e);
/* Appends how many were cut. */
void abl_text_items_note(const struct abl_text_items *t, const struct abl_layout *layout,
			 struct abl_str *notes);
/* abl_task_type.describe of both: classes of texts, or their numbers. */
int abl_text_items_describe(struct abl_split_rows *d, const char *split,
			    struct abl_err *err) ABL_MUST_USE;

/* Is an example with this id among a kept share? The same for every type, so that shares are
 * nested. */
bool abl_item_kept(uint64_t id, double fraction);

#endif
