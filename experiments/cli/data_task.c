/* SPDX-License-Identifier: Apache-2.0 */
#include "data_task.h"

#include "babi.h"
#include "class_labels.h"
#include "conll.h"
#include "examples.h"
#include "str.h"
#include "table.h"
#include "task_check.h"
#include "task_spec.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_number(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

/* How many different numbers; sorts them. */
static int64_t count_different(uint64_t *number, size_t count)
{
	int64_t n = 0;

	qsort(number, count, sizeof *number, by_number);
	for (size_t i = 0; i < count; i++)
		n += !i || number[i] != number[i - 1];
	return n;
}

static int64_t count_groups(const struct abl_examples *e)
{
	uint64_t *group = abl_calloc(e->count, sizeof *group);
	int64_t n;

	for (size_t i = 0; i < e->count; i++)
		group[i] = e->items[i].group;
	n = count_different(group, e->count);
	free(group);
	return n;
}

static void add_row(struct abl_table *t, const char *split, const char *label, size_t rows,
		    size_t all, int64_t groups)
{
	double share = all ? (double)rows / (double)all : NAN;
	char shown[32];

	abl_table_text(t, split);
	abl_table_text(t, label);
	abl_table_real(t, (double)rows, abl_format_count((int64_t)rows, shown));
	abl_table_real(t, share, abl_format_score(share, shown));
	abl_table_real(t, groups < 0 ? NAN : (double)groups,
		       groups < 0 ? "" : abl_format_count(groups, shown));
}

/* Rows of the table for a split; returns the share of its most frequent label, its name in *most.
 */
static double add_split(struct abl_table *t, const char *split, const struct abl_examples *e,
			const struct abl_examples *train, const char **most)
{
	size_t *rows = abl_calloc(train->label_count + 1, sizeof *rows), best = 0;
	double share;

	for (size_t i = 0; i < e->count; i++)
		rows[e->items[i].label < 0 ? train->label_count : (size_t)e->items[i].label]++;
	add_row(t, split, "(all)", e->count, e->count, count_groups(e));
	for (size_t k = 0; k < train->label_count; k++) {
		add_row(t, split, train->labels[k], rows[k], e->count, -1);
		best = rows[k] > rows[best] ? k : best;
	}
	if (rows[train->label_count])
		add_row(t, split, "(none)", rows[train->label_count], e->count, -1);
	*most = train->labels[best];
	share = e->count ? (double)rows[best] / (double)e->count : NAN;
	free(rows);
	return share;
}

/* ---- one way for each kind of task ---- */

/* What a task's splits are shown with. */
struct description {
	const struct abl_task_spec *spec;
	struct abl_table *table;
	struct abl_examples train; /* of labelled texts */
	bool told;                 /* says the majority rate of what is scored */
};

/* Classes of texts. */
static int describe_labels(struct description *d, const char *split, struct abl_err *err)
{
	bool first = !d->train.count;
	struct abl_examples other = {0};
	const char *most = NULL;
	char shown[32];
	double share;
	int rc = first ? abl_examples_load(d->spec, split, NULL, &d->train, err)
		       : abl_examples_load(d->spec, split, &d->train, &other, err);

	if (rc)
		return rc;
	share = add_split(d->table, split, first ? &d->train : &other, &d->train, &most);
	abl_examples_finish(&other);
	if (d->told && !first && strcmp(split, "test") != 0)
		fprintf(stderr, "majority rate on %s: %s ('%s')\n", split,
			abl_format_score(share, shown), most);
	return 0;
}

static const char *tag_at(size_t i, const void *data)
{
	return ((const struct abl_tagged *)data)->words[i].tag;
}

static void add_tags(struct abl_table *table, const char *split, const struct abl_tagged *t)
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
	add_row(table, split, "(words)", words, words, -1);
	for (size_t k = 0; k < names.count; k++)
		if (rows[k])
			add_row(table, split, names.name[k], rows[k], words, -1);
	if (unknown)
		add_row(table, split, "(none)", unknown, words, -1);
	free(rows);
	abl_class_labels_finish(&names);
}

/* Tags of words: "(sentences)" is what a batch counts, shares are among the words. */
static int describe_tags(struct description *d, const char *split, struct abl_err *err)
{
	bool held_back = !strcmp(split, "held-back");
	struct abl_tagged t;
	uint64_t *group;
	int rc = abl_conll_load(d->spec, held_back ? "train" : split, &t, err);

	if (rc)
		return rc;
	if (held_back)
		rc = abl_tagged_divide(&t, true, err);
	if (!rc) {
		group = abl_calloc(t.sentence_count, sizeof *group);
		for (size_t s = 0; s < t.sentence_count; s++)
			group[s] = t.sentences[s].group;
		add_row(d->table, split, "(sentences)", t.sentence_count, 0,
			count_different(group, t.sentence_count));
		add_tags(d->table, split, &t);
		free(group);
	}
	abl_tagged_finish(&t);
	return rc;
}

static const char *answer_at(size_t i, const void *data)
{
	return ((const struct abl_babi *)data)->items[i].answer;
}

static void add_answers(struct abl_table *table, const char *split, const struct abl_babi *b)
{
	struct abl_class_labels names = {0};
	uint64_t *story = abl_calloc(b->count, sizeof *story);
	size_t *rows, unknown = 0;

	abl_class_labels_collect(&names, b->count, answer_at, b);
	rows = abl_calloc(names.count + 1, sizeof *rows);
	for (size_t i = 0; i < b->count; i++) {
		const char *answer = b->items[i].answer;

		story[i] = b->items[i].group;
		if (answer)
			rows[abl_class_labels_find(&names, answer)]++;
		else
			unknown++;
	}
	add_row(table, split, "(all)", b->count, b->count, count_different(story, b->count));
	for (size_t k = 0; k < names.count; k++)
		add_row(table, split, names.name[k], rows[k], b->count, -1);
	if (unknown)
		add_row(table, split, "(none)", unknown, b->count, -1);
	free(rows);
	free(story);
	abl_class_labels_finish(&names);
}

/* Answers to questions about stories; a group is a story. */
static int describe_stories(struct description *d, const char *split, struct abl_err *err)
{
	struct abl_babi b;
	int rc = abl_babi_load(d->spec, split, &b, err);

	if (rc)
		return rc;
	add_answers(d->table, split, &b);
	abl_babi_finish(&b);
	return 0;
}

/* Any other: how many items it has. */
static int describe_items(struct description *d, const char *split, struct abl_err *err)
{
	size_t items;
	int rc = abl_task_check(d->spec, split, &items, err);

	if (!rc)
		add_row(d->table, split, "(all)", items, items, -1);
	return rc;
}

static const struct {
	const char *type; /* NULL: any */
	int (*describe)(struct description *d, const char *split, struct abl_err *err);
} ways[] = {{"classify", describe_labels},
	    {"tag", describe_tags},
	    {"story", describe_stories},
	    {NULL, describe_items}};

static int describe(struct description *d, struct abl_err *err)
{
	static const char *const splits[] = {"train", "dev", "test"};
	const char *const file[] = {d->spec->train, d->spec->dev, d->spec->test};
	size_t way = 0;
	int rc = 0;

	while (ways[way].type && strcmp(ways[way].type, d->spec->type) != 0)
		way++;
	for (int i = 0; i < 3 && !rc; i++) {
		const char *split = file[i] ? splits[i] : i == 1 ? "held-back" : NULL;

		if (split)
			rc = ways[way].describe(d, split, err);
	}
	return rc;
}

/* --data, else $ABLATE_DATA, else the built-in world. */
static const char *data_of(const struct abl_args *a)
{
	const char *data = abl_args_text(a, "data");

	if (!data)
		data = getenv("ABLATE_DATA");
	return data && *data ? data : ABL_WORLD;
}

int abl_data_task(const struct abl_args *a, const char *name, struct abl_err *err)
{
	static const char *const columns[] = {"split", "label", "rows", "share", "groups"};
	enum abl_table_format format = abl_table_format(abl_args_text(a, "format"));
	struct abl_task_spec spec = {0};
	struct description d = {.spec = &spec,
				.table = abl_table_create(),
				.told = !abl_table_is_for_machines(format)};
	struct abl_str out = {0};

	for (size_t i = 0; i < 5; i++)
		abl_table_column(d.table, columns[i], i >= 2);
	if (!abl_task_spec_known(&spec, name, data_of(a), err) &&
	    !abl_task_spec_check(&spec, err) && !describe(&d, err)) {
		abl_table_render(d.table, format, &out);
		fputs(out.text, stdout);
	}
	abl_examples_finish(&d.train);
	abl_task_spec_finish(&spec);
	abl_table_destroy(d.table);
	abl_str_finish(&out);
	return ABL_EXIT_OK;
}

int abl_data_write(const struct abl_args *a, const char *name, const char *split,
		   struct abl_err *err)
{
	struct abl_task_spec spec;
	struct abl_str out = {0};
	int64_t examples;

	if (strcmp(data_of(a), ABL_WORLD)) {
		abl_err_set(err, ABL_EINPUT,
			    "--split writes tasks of the built-in world; those of '%s' are files",
			    data_of(a));
		return ABL_EXIT_USAGE;
	}
	if (abl_task_spec_known(&spec, name, ABL_WORLD, err))
		return ABL_EXIT_USAGE;
	examples = abl_args_int(a, "examples",
				!strcmp(split, "train") ? spec.train_examples
				: !strcmp(split, "dev") ? spec.dev_examples
							: spec.test_examples);
	if (examples < 1)
		abl_err_set(err, ABL_EINPUT, "--examples cannot be %lld; give 1 or more",
			    (long long)examples);
	else if (!abl_world_text(name, (uint64_t)spec.world_seed, split, (size_t)examples, &out,
				 err))
		fputs(out.text, stdout);
	abl_task_spec_finish(&spec);
	abl_str_finish(&out);
	return ABL_EXIT_OK;
}
