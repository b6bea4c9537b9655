/* SPDX-License-Identifier: Apache-2.0 */
/* tag_score.h - all scores of a tagging against gold: a model's (tag.c) or a file's (tag_mark.c).
 */
#ifndef ABL_TAG_SCORE_H
#define ABL_TAG_SCORE_H

#include "entity_f1.h"
#include "task.h"

/* The names, NULL-terminated: "accuracy" over words (POS), "entity_f1", "precision", "recall"
 * (NER), "entity_f1_macro", "entity_f1_strict" (IOB2), "surface_f1". */
extern const char *const abl_tag_metrics[];

/* Emits "accuracy"; with `entities` the others too; then "majority" (the accuracy of the most
 * frequent gold tag everywhere), "predicted_classes", "words" and "examples" (sentences). t->words
 * is needed for "surface_f1". */
void abl_tag_score(const struct abl_taggings *t, bool entities, abl_metric_hook *emit, void *data);
/* What the most frequent gold tag everywhere gets in each score of entities:
 * "entity_f1_majority" ... */
void abl_tag_score_majority(const struct abl_taggings *t, abl_metric_hook *emit, void *data);

/* abl_task_type.mark of tagging: word by word against gold, in CoNLL columns (word, tag last), or
 * in CoNLL-U where the file is named so and gold is. ABL_EINPUT: another word, one too many or too
 * few, a word without a tag - with the places in both files. */
int abl_tag_mark(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		 struct abl_err *err) ABL_MUST_USE;

/* abl_task_type.describe of tagging: "(sentences)" is what a batch counts, shares are among the
 * words. */
int abl_tag_describe(struct abl_split_rows *d, const char *split, struct abl_err *err) ABL_MUST_USE;

#endif
