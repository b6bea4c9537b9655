/* SPDX-License-Identifier: Apache-2.0 */
/* tag_describe.c - what a file of tagged sentences holds. */
#include "conll.h"
#include "split_rows.h"
#include "tag_score.h"

#include <stdlib.h>
#include <string.h>

static const char *tag_at(size_t i, const void *data)
{
	return ((const struct abl_tagged *)data)->words[i].tag;
}

static void add_tags(struct abl_split_rows *d, const char *split, const struct abl_tagged *t)
{
	struct abl_class_labels names = {0};
	size_t *rows, words = 0, unknown = 0;

	abl_class_labels_collect(&names, t->word_count, tag_at, t);
	rows = abl_calloc(names.count + 1, sizeof *rows);
	for (size_t s = 0; s < t->sentence_count; s++)
		for (size_t w = 0; w < t->sentences[s].count; w++, words++) {
			const char *tag = t->words[t->sentences[s].first + w].tag;

			if (tag)
				rows[abl_class_labels_find(&names, tag)]++;
			else
				unknown++;
		}
	abl_split_rows_add(d, split, "(words)", words, words, -1);
	for (size_t k = 0; k < names.count; k++)
		if (rows[k])
			abl_split_rows_add(d, split, names.name[k], rows[k], words, -1);
	if (unknown)
		abl_split_rows_add(d, split, "(none)", unknown, words, -1);
	abl_split_rows_alike(d, &names);
	free(rows);
	abl_class_labels_finish(&names);
}

int abl_tag_describe(struct abl_split_rows *d, const char *split, struct abl_err *err)
{
	bool held_back = !strcmp(split, "held-back");
	struct abl_lengths lengths = {0};
	struct abl_tagged t;
	uint64_t *group;
	int rc = abl_conll_load(d->spec, held_back ? "train" : split, &t, err);

	if (rc)
		return rc;
	if (held_back)
		rc = abl_tagged_divide(&t, true, err);
	if (!rc) {
		group = abl_calloc(t.sentence_count, sizeof *group);
		for (size_t s = 0; s < t.sentence_count; s++) {
			group[s] = t.sentences[s].group;
			abl_lengths_add(&lengths, t.sentences[s].count);
		}
		abl_split_rows_add_all(d, split, "(sentences)", &lengths, 0,
				       abl_split_rows_groups(group, t.sentence_count));
		add_tags(d, split, &t);
		abl_split_rows_add_left_out(d, split, &t.left_out);
		free(group);
	}
	abl_tagged_finish(&t);
	return rc;
}
