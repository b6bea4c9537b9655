/* SPDX-License-Identifier: Apache-2.0 */
/* example_tags.h - what each sentence of stored taggings adds to the scores of words and entities.
 */
#ifndef ABL_EXAMPLE_TAGS_H
#define ABL_EXAMPLE_TAGS_H

#include "predicted_file.h"

enum abl_tag_unit { ABL_TAG_WORDS, ABL_TAG_ENTITIES, ABL_TAG_STRICT_ENTITIES };

/* counts[f->count * 3]: right, in gold, in the prediction. ABL_EINPUT: a sentence has more words in
 * one than in the other. */
int abl_example_tags(const struct abl_predicted_file *f, enum abl_tag_unit unit, float *counts,
		     struct abl_err *err) ABL_MUST_USE;

#endif
