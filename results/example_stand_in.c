/* SPDX-License-Identifier: Apache-2.0 */
/* example_stand_in.c - the majority predictor, example by example. */
#include "example_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rows of the list, as if a file had them; what is said is not yet set. */
static struct abl_predicted_file rows_of(const struct abl_example_list *l)
{
	struct abl_predicted_file f = {.path = l->path, .form = l->form, .count = l->count};

	f.row = abl_calloc(l->count, sizeof *f.row);
	for (size_t i = 0; i < l->count; i++) {
		const char *key = l->own.text + l->own.at[i];
		const size_t length = l->own.at[i + 1] - l->own.at[i];
		const char *tab = memchr(key, '\t', length);

		f.row[i].key = (struct abl_slice){key, length};
		if (tab)
			f.row[i].gold =
				(struct abl_slice){tab + 1, length - (size_t)(tab + 1 - key)};
	}
	return f;
}

static int by_text(const void *a, const void *b)
{
	const struct abl_slice *x = a, *y = b;
	int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);

	return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* Of several that are as frequent, the first by name. */
static struct abl_slice most_frequent(struct abl_slice *names, size_t count)
{
	struct abl_slice best = {0};
	size_t most = 0;

	if (!names || !count)
		return best;
	qsort(names, count, sizeof *names, by_text);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && !by_text(&names[end], &names[i]); end++)
			;
		if (end - i > most) {
			most = end - i;
			best = names[i];
		}
	}
	return best;
}

static void say_class(struct abl_predicted_file *f)
{
	struct abl_slice *gold = abl_calloc(f->count, sizeof *gold), most;

	for (size_t i = 0; i < f->count; i++)
		gold[i] = f->row[i].gold;
	most = most_frequent(gold, f->count);
	for (size_t i = 0; i < f->count; i++)
		f->row[i].said = most;
	free(gold);
}

/* One tag a word; the caller frees the text. */
static char *say_tags(struct abl_predicted_file *f)
{
	struct abl_slice *tag = NULL, most;
	size_t count = 0, room = 0, *from = abl_calloc(f->count + 1, sizeof *from);
	struct abl_str text = {0};

	for (size_t i = 0; i < f->count; i++) {
		const struct abl_slice gold = f->row[i].gold;
		const char *at = gold.text, *end = at + gold.length, *blank;

		for (from[i] = count; at <= end; at = blank + 1) {
			blank = memchr(at, ' ', (size_t)(end - at));
			blank = blank ? blank : end;
			abl_grow(&tag, &room, count + 1, sizeof *tag);
			tag[count++] = (struct abl_slice){at, (size_t)(blank - at)};
		}
	}
	from[f->count] = count;
	most = most_frequent(tag, count);
	for (size_t w = 0; w < count; w++) { /* texts move while they grow: cells below */
		abl_str_add(&text, most.text, most.length);
		abl_str_add(&text, " ", 1);
	}
	for (size_t i = 0; i < f->count; i++)
		f->row[i].said = (struct abl_slice){
			text.text, (from[i + 1] - from[i]) * (most.length + 1) - 1};
	free(tag);
	free(from);
	return text.text;
}

static int say_mean(struct abl_predicted_file *f, char text[32], struct abl_err *err)
{
	double sum = 0, gold;

	for (size_t i = 0; i < f->count; i++) {
		int rc = abl_predicted_number(f, i, f->row[i].gold, &gold, err);

		if (rc)
			return rc;
		sum += gold;
	}
	abl_format_real(sum / (double)f->count, text);
	for (size_t i = 0; i < f->count; i++)
		f->row[i].said = (struct abl_slice){text, strlen(text)};
	return 0;
}

int abl_example_stand_in(struct abl_example_scorer *s, const struct abl_example_list *l, float *out,
			 struct abl_err *err)
{
	struct abl_predicted_file f;
	char number[32], *tags = NULL;
	int rc = 0;

	if (l->form == ABL_PREDICTED_NUMBERS && strcmp(s->metric, "mse") != 0) {
		memset(out, 0, l->count * sizeof *out); /* a constant has no correlation */
		return 0;
	}
	if (l->form != ABL_PREDICTED_CLASSES && l->form != ABL_PREDICTED_NUMBERS)
		return abl_err_set(err, ABL_EINPUT,
				   "its run diverged, which leaves no predictions");
	f = rows_of(l);
	if (l->form == ABL_PREDICTED_NUMBERS)
		rc = say_mean(&f, number, err);
	else if (s->tags)
		tags = say_tags(&f);
	else
		say_class(&f);
	rc = rc ? rc : abl_example_values(s, &f, NAN, out, err);
	free(tags);
	free(f.row);
	return rc;
}
