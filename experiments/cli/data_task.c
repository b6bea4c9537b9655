/* SPDX-License-Identifier: Apache-2.0 */
#include "data_task.h"

#include "babi.h"
#include "choices.h"
#include "class_labels.h"
#include "conll.h"
#include "examples.h"
#include "squad.h"
#include "str.h"
#include "table.h"
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

/* What a task's splits are shown with. */
struct description {
	const struct abl_task_spec *spec;
	struct abl_table *table;
	struct abl_class_labels names; /* of all splits, where the first has them; else empty */
	struct abl_examples train;     /* of labelled texts */
	bool told;                     /* says the majority rate of what is scored */
};

/* A split that has been read, of whatever type. */
struct items {
	size_t count, skipped;
	const char *(*label)(size_t i, const void *data); /* NULL: there is none */
	uint64_t (*group)(size_t i, const void *data);
	const void *data;
};

/* Rows of the table: all, each label, then those without one and those left out. Returns the share
 * of the most frequent label, its name in *most. */
static double add_items(struct description *d, const char *split, const struct items *x,
			struct abl_str *most)
{
	struct abl_class_labels own = {0}, *names = d->names.count ? &d->names : &own;
	uint64_t *group = abl_calloc(x->count, sizeof *group);
	size_t *rows, none = 0, best = 0;

	if (names == &own && x->label)
		abl_class_labels_collect(names, x->count, x->label, x->data);
	rows = abl_calloc(names->count + 1, sizeof *rows);
	for (size_t i = 0; i < x->count; i++) {
		const char *label = x->label ? x->label(i, x->data) : NULL;

		group[i] = x->group(i, x->data);
		if (label)
			rows[abl_class_labels_find(names, label)]++;
		else
			none++;
	}
	add_row(d->table, split, "(all)", x->count, x->count, count_different(group, x->count));
	for (size_t k = 0; k < names->count; k++) {
		add_row(d->table, split, names->name[k], rows[k], x->count, -1);
		best = rows[k] > rows[best] ? k : best;
	}
	if (none && x->label)
		add_row(d->table, split, "(none)", none, x->count, -1);
	if (x->skipped)
		add_row(d->table, split, "(skipped)", x->skipped, 0, -1);
	if (most && names->count)
		abl_str_puts(most, names->name[best]);
	none = rows[best];
	free(rows), free(group);
	abl_class_labels_finish(&own);
	return x->count ? (double)none / (double)x->count : NAN;
}

/* ---- one way for each kind of task ---- */

static const char *example_label(size_t i, const void *data)
{
	const struct abl_examples *e = data;

	return e->items[i].label < 0 ? NULL : e->labels[e->items[i].label];
}

static uint64_t example_group(size_t i, const void *data)
{
	return ((const struct abl_examples *)data)->items[i].group;
}

/* Classes of texts, or their numbers. */
static int describe_texts(struct description *d, const char *split, struct abl_err *err)
{
	bool first = !d->train.count;
	struct abl_examples other = {0}, *e = first ? &d->train : &other;
	struct abl_str most = {0};
	char shown[32];
	double share;
	int rc = abl_examples_load(d->spec, split, first ? NULL : &d->train, e, err);

	if (rc)
		return rc;
	if (first)
		abl_class_labels_copy(&d->names, e->labels, e->label_count);
	share = add_items(d, split,
			  &(struct items){.count = e->count,
					  .skipped = e->skipped,
					  .label = e->label_count ? example_label : NULL,
					  .group = example_group,
					  .data = e},
			  &most);
	if (d->told && !first && most.length && strcmp(split, "test") != 0)
		fprintf(stderr, "majority rate on %s: %s ('%s')\n", split,
			abl_format_score(share, shown), most.text);
	abl_examples_finish(&other);
	abl_str_finish(&most);
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

static const char *story_answer(size_t i, const void *data)
{
	return ((const struct abl_babi *)data)->items[i].answer;
}

static uint64_t story_group(size_t i, const void *data)
{
	return ((const struct abl_babi *)data)->items[i].group;
}

/* Answers to questions about stories; a group is a story. */
static int describe_stories(struct description *d, const char *split, struct abl_err *err)
{
	struct abl_babi b;
	int rc = abl_babi_load(d->spec, split, &b, err);

	if (rc)
		return rc;
	(void)add_items(
		d, split,
		&(struct items){
			.count = b.count, .label = story_answer, .group = story_group, .data = &b},
		NULL);
	abl_babi_finish(&b);
	return 0;
}

static const char *span_answer(size_t i, const void *data)
{
	return ((const struct abl_squad *)data)->questions[i].answer_count ? "(answer)" : NULL;
}

static uint64_t span_group(size_t i, const void *data)
{
	return ((const struct abl_squad *)data)->questions[i].group;
}

/* Questions on passages; a group is an article, or a paragraph. */
static int describe_spans(struct description *d, const char *split, struct abl_err *err)
{
	struct abl_squad s;
	int rc = abl_squad_load(d->spec, split, &s, err);

	if (rc)
		return rc;
	(void)add_items(d, split,
			&(struct items){.count = s.count,
					.skipped = s.skipped,
					.label = span_answer,
					.group = span_group,
					.data = &s},
			NULL);
	abl_squad_finish(&s);
	return 0;
}

static const char *right_choice(size_t i, const void *data)
{
	const struct abl_choices *c = data;

	return c->items[i].label < 0 ? NULL : c->names.name[c->items[i].label];
}

static uint64_t choice_group(size_t i, const void *data)
{
	return ((const struct abl_choices *)data)->items[i].group;
}

/* Questions by the choice that is right. */
static int describe_choices(struct description *d, const char *split, struct abl_err *err)
{
	struct abl_choices c;
	int rc = abl_choices_load(d->spec, split, &c, err);

	if (rc)
		return rc;
	(void)add_items(d, split,
			&(struct items){.count = c.count,
					.skipped = c.skipped,
					.label = right_choice,
					.group = choice_group,
					.data = &c},
			NULL);
	abl_choices_finish(&c);
	return 0;
}

static const struct {
	const char *type;
	int (*describe)(struct description *d, const char *split, struct abl_err *err);
} ways[] = {{"classify", describe_texts}, {"regress", describe_texts},
	    {"tag", describe_tags},       {"story", describe_stories},
	    {"span", describe_spans},     {"choice", describe_choices}};

static int describe(struct description *d, struct abl_err *err)
{
	static const char *const splits[] = {"train", "dev", "test"};
	const char *const file[] = {d->spec->train, d->spec->dev, d->spec->test};
	size_t way = 0;
	int rc = 0;

	while (strcmp(ways[way].type, d->spec->type) != 0)
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
	abl_class_labels_finish(&d.names);
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
