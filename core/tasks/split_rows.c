/* SPDX-License-Identifier: Apache-2.0 */
#include "split_rows.h"

#include "clean.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void abl_split_rows_finish(struct abl_split_rows *d)
{
	if (!d)
		return;
	abl_examples_finish(&d->train);
	abl_class_labels_finish(&d->names);
}

static int by_number(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

int64_t abl_split_rows_groups(uint64_t *group, size_t count)
{
	int64_t n = 0;

	qsort(group, count, sizeof *group, by_number);
	for (size_t i = 0; i < count; i++)
		n += !i || group[i] != group[i - 1];
	return n;
}

void abl_lengths_add(struct abl_lengths *l, size_t words)
{
	l->count++;
	l->words += words;
	l->longest = words > l->longest ? words : l->longest;
}

size_t abl_count_words(const char *text)
{
	struct abl_clean c;
	struct abl_word word;
	size_t n = 0;

	if (!text)
		return 0;
	abl_clean_start(&c, text, strlen(text), true);
	while (abl_clean_next(&c, &word, NULL) == 1)
		n++;
	return n;
}

static double share_of(size_t rows, size_t all)
{
	return all ? (double)rows / (double)all : NAN;
}

void abl_split_rows_add(const struct abl_split_rows *d, const char *split, const char *label,
			size_t rows, size_t all, int64_t groups)
{
	const struct abl_split_row row = {.split = split,
					  .label = label,
					  .rows = rows,
					  .share = share_of(rows, all),
					  .groups = groups,
					  .words = NAN};

	d->out->row(d->out->data, &row);
}

void abl_split_rows_add_all(const struct abl_split_rows *d, const char *split, const char *label,
			    const struct abl_lengths *lengths, size_t all, int64_t groups)
{
	const struct abl_split_row row = {.split = split,
					  .label = label,
					  .rows = lengths->count,
					  .share = share_of(lengths->count, all),
					  .groups = groups,
					  .words = share_of(lengths->words, lengths->count),
					  .longest = lengths->longest};

	d->out->row(d->out->data, &row);
}

void abl_split_rows_alike(struct abl_split_rows *d, const struct abl_class_labels *names)
{
	struct abl_str pairs = {0};

	if (d->told_alike)
		return;
	abl_class_labels_alike(names, &pairs);
	d->told_alike = pairs.length > 0;
	if (pairs.length)
		d->out->alike(d->out->data, pairs.text);
	abl_str_finish(&pairs);
}

void abl_split_rows_add_left_out(const struct abl_split_rows *d, const char *split,
				 const struct abl_left_out *l)
{
	struct abl_str label = {0};

	for (int i = 0; i < ABL_LEFT_WHYS; i++) {
		if (!l->count[i])
			continue;
		abl_str_clear(&label);
		abl_str_printf(&label, "(left out: %s)", abl_left_out_why((enum abl_left_why)i));
		abl_split_rows_add(d, split, label.text, l->count[i], 0, -1);
	}
	abl_str_finish(&label);
}

double abl_split_rows_add_items(struct abl_split_rows *d, const char *split,
				const struct abl_split_items *x, struct abl_str *most)
{
	struct abl_class_labels own = {0}, *names = d->names.count ? &d->names : &own;
	uint64_t *group = abl_calloc(x->count, sizeof *group);
	struct abl_lengths lengths = {0};
	size_t *rows, none = 0, strange = 0, best = 0;

	if (names == &own && x->label)
		abl_class_labels_collect(names, x->count, x->label, x->data);
	rows = abl_calloc(names->count + 1, sizeof *rows);
	for (size_t i = 0; i < x->count; i++) {
		const char *label = x->label ? x->label(i, x->data) : NULL;
		const long at = label ? abl_class_labels_find(names, label) : -1;

		group[i] = x->group(i, x->data);
		abl_lengths_add(&lengths, x->words(i, x->data));
		if (at >= 0)
			rows[at]++;
		strange += label && at < 0;
		none += !label;
	}
	abl_split_rows_add_all(d, split, "(all)", &lengths, x->count,
			       abl_split_rows_groups(group, x->count));
	for (size_t k = 0; k < names->count; k++) {
		abl_split_rows_add(d, split, names->name[k], rows[k], x->count, -1);
		best = rows[k] > rows[best] ? k : best;
	}
	if (strange)
		abl_split_rows_add(d, split, "(no class of train)", strange, x->count, -1);
	if (none && x->label)
		abl_split_rows_add(d, split, "(none)", none, x->count, -1);
	if (x->left_out)
		abl_split_rows_add_left_out(d, split, x->left_out);
	if (most && names->count)
		abl_str_puts(most, names->name[best]);
	abl_split_rows_alike(d, names);
	none = rows[best];
	free(rows), free(group);
	abl_class_labels_finish(&own);
	return x->count ? (double)none / (double)x->count : NAN;
}
