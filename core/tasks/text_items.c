/* SPDX-License-Identifier: Apache-2.0 */
#include "text_items.h"

#include "class_labels.h"
#include "split_rows.h"
#include "str.h"
#include "task_notes.h"

#include <stdlib.h>
#include <string.h>

void abl_text_items_finish(struct abl_text_items *t)
{
	if (!t)
		return;
	abl_examples_finish(&t->examples);
	abl_ids_finish(&t->ids);
	free(t->items);
	*t = (struct abl_text_items){0};
}

static int tokenize(struct abl_text_items *t, const struct abl_tokenizer *tokenizer,
		    struct abl_err *err)
{
	t->count = t->examples.count;
	t->items = abl_calloc(t->count, sizeof *t->items);
	for (size_t i = 0; i < t->count; i++) {
		struct abl_text_item *x = &t->items[i];
		const struct abl_example *e = x->example = &t->examples.items[i];

		x->a = t->ids.count;
		if (abl_tokenizer_encode(tokenizer, e->a, strlen(e->a), &t->ids, err))
			return ABL_EINPUT;
		x->b = t->ids.count;
		x->a_length = (uint32_t)(x->b - x->a);
		if (e->b && abl_tokenizer_encode(tokenizer, e->b, strlen(e->b), &t->ids, err))
			return ABL_EINPUT;
		x->b_length = (uint32_t)(t->ids.count - x->b);
	}
	return 0;
}

int abl_text_items_load(struct abl_text_items *t, const struct abl_task_spec *spec,
			const char *split, const struct abl_text_items *train,
			const struct abl_task_tools *tools, struct abl_err *err)
{
	int rc = abl_examples_load(spec, split, train ? &train->examples : NULL, &t->examples, err);

	return rc ? rc : tokenize(t, tools->tokenizer, err);
}

int abl_text_items_ask(struct abl_text_items *t, const struct abl_task_spec *spec,
		       const char *const *texts, size_t count, const struct abl_task_tools *tools,
		       struct abl_err *err)
{
	struct abl_examples *e = &t->examples;
	struct abl_class_labels names = {0};
	struct abl_str text = {0};

	if (count < 1 || count > 2)
		return abl_err_set(err, ABL_EINPUT,
				   "%zu texts for task '%s', which reads one text or a pair", count,
				   spec->name ? spec->name : spec->type);
	for (size_t i = 0; i < count; i++)
		abl_str_add(&text, texts[i], strlen(texts[i]) + 1);
	e->text = text.text;
	e->items = abl_calloc(1, sizeof *e->items);
	e->count = 1;
	e->items[0] = (struct abl_example){.a = e->text,
					   .b = count == 2 ? e->text + strlen(texts[0]) + 1 : NULL,
					   .line = 1,
					   .label = -1};
	if (spec->labels)
		abl_class_labels_split(&names, spec->labels);
	e->labels = names.name;
	e->label_count = names.count;
	return tokenize(t, tools->tokenizer, err);
}

bool abl_item_kept(uint64_t id, double fraction)
{
	return (double)id * 0x1p-64 < fraction;
}

void abl_text_items_subset(struct abl_text_items *t, double fraction)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		if (abl_item_kept(t->items[i].example->id, fraction))
			t->items[n++] = t->items[i];
	t->count = n ? n : 1;
}

void abl_text_items_put(const struct abl_text_items *t, size_t item,
			const struct abl_layout *layout, struct abl_batch *b)
{
	const struct abl_text_item *x = &t->items[item];
	const bool known =
		x->example->label < (int32_t)t->examples.label_count || !t->examples.labels;

	abl_batch_add(b, layout,
		      &(struct abl_sequence){.a = t->ids.items + x->a,
					     .a_length = x->a_length,
					     .b = t->ids.items + x->b,
					     .b_length = x->b_length,
					     .pair = x->example->b != NULL,
					     .example = x->example->id,
					     .label = known ? x->example->label : -1});
}

struct abl_gold_row abl_example_row(const void *examples, size_t i)
{
	const struct abl_example *e = &((const struct abl_examples *)examples)->items[i];

	return (struct abl_gold_row){e->place, e->label >= 0};
}

size_t abl_examples_rows(const struct abl_examples *e)
{
	return e->count + abl_left_out_count(&e->left_out);
}

void abl_text_items_note(const struct abl_text_items *t, const struct abl_layout *layout,
			 struct abl_str *notes)
{
	size_t cut = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct abl_text_item *x = &t->items[i];
		size_t room = layout->max_length - abl_layout_specials(layout, x->example->b);

		cut += (size_t)x->a_length + x->b_length > room;
	}
	abl_note_cut(notes, layout->max_length, cut, t->count, "rows", "");
}

/* ---- what a file of them holds ---- */

static const char *example_label(size_t i, const void *data)
{
	const struct abl_examples *e = data;

	return e->items[i].label < 0 ? NULL : e->labels[e->items[i].label];
}

static uint64_t example_group(size_t i, const void *data)
{
	return ((const struct abl_examples *)data)->items[i].group;
}

static size_t example_words(size_t i, const void *data)
{
	const struct abl_example *x = &((const struct abl_examples *)data)->items[i];

	return abl_count_words(x->a) + abl_count_words(x->b);
}

int abl_text_items_describe(struct abl_split_rows *d, const char *split, struct abl_err *err)
{
	bool first = !d->train.count, test = !strcmp(split, "test");
	struct abl_examples other = {0}, *e = first ? &d->train : &other;
	struct abl_str most = {0};
	double share;
	int rc = abl_examples_load(d->spec, first && test ? "test-alone" : split,
				   first ? NULL : &d->train, e, err);

	if (rc)
		return rc;
	if (first)
		abl_class_labels_copy(&d->names, e->labels, e->label_count);
	share = abl_split_rows_add_items(
		d, split,
		&(struct abl_split_items){.count = e->count,
					  .left_out = &e->left_out,
					  .label = e->label_count ? example_label : NULL,
					  .group = example_group,
					  .words = example_words,
					  .data = e},
		&most);
	if (!first && most.length && !test)
		d->out->majority(d->out->data, split, most.text, share);
	abl_examples_finish(&other);
	abl_str_finish(&most);
	return 0;
}
