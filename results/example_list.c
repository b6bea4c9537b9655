/* SPDX-License-Identifier: Apache-2.0 */
/* example_list.c - are two files of predictions about the same examples? */
#include "predicted_file.h"

#include "hash.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 40 };

static struct abl_slice key_at(const struct abl_example_list *l, size_t i)
{
	return (struct abl_slice){l->own.text + l->own.at[i], l->own.at[i + 1] - l->own.at[i]};
}

static bool same(struct abl_slice a, struct abl_slice b)
{
	return a.length == b.length && !memcmp(a.text, b.text, a.length);
}

void abl_example_list_take(struct abl_example_list *l, const struct abl_predicted_file *f)
{
	size_t length = 0;

	for (size_t i = 0; i < f->count; i++)
		length += f->row[i].key.length;
	l->path = abl_strdup(f->path);
	l->form = f->form;
	l->count = f->count;
	l->own.text = abl_malloc(length + 1);
	l->own.at = abl_calloc(f->count + 1, sizeof *l->own.at);
	for (size_t i = 0; i < f->count; i++) {
		memcpy(l->own.text + l->own.at[i], f->row[i].key.text, f->row[i].key.length);
		l->own.at[i + 1] = l->own.at[i] + f->row[i].key.length;
	}
}

void abl_example_list_finish(struct abl_example_list *l)
{
	free(l->path);
	free(l->own.text);
	free(l->own.at);
	free(l->own.slot);
	*l = (struct abl_example_list){0};
}

/* ---- another order ---- */

/* Where the key is in the table, or would be. */
static size_t find_slot(const struct abl_example_list *l, struct abl_slice key)
{
	size_t i = (size_t)abl_hash64(key.text, key.length) & (l->own.slots - 1);

	while (l->own.slot[i] && !same(key_at(l, l->own.slot[i] - 1), key))
		i = (i + 1) & (l->own.slots - 1);
	return i;
}

static void make_slots(struct abl_example_list *l)
{
	if (l->own.slot)
		return;
	for (l->own.slots = 16; l->own.slots < 2 * l->count; l->own.slots *= 2)
		;
	l->own.slot = abl_calloc(l->own.slots, sizeof *l->own.slot);
	for (size_t i = 0; i < l->count; i++)
		l->own.slot[find_slot(l, key_at(l, i))] = (uint32_t)i + 1;
}

static int stranger(const struct abl_example_list *l, const struct abl_predicted_file *f, size_t i,
		    struct abl_err *err)
{
	const struct abl_slice key = f->row[i].key;
	char shown[SHOWN + 1];
	size_t n = key.length < SHOWN ? key.length : SHOWN;

	for (size_t k = 0; k < n; k++) /* line and gold are two columns */
		shown[k] = (char)(key.text[k] == '\t' ? ' ' : key.text[k]);
	shown[n] = '\0';
	return abl_err_set(err, ABL_EINPUT, "%s:%zu: the example '%s' is not in '%s'", f->path,
			   f->row[i].line, shown, l->path);
}

static int sort(struct abl_example_list *l, struct abl_predicted_file *f, struct abl_err *err)
{
	struct abl_predicted_row *rows = f->row;
	size_t room = f->own.row_room;

	make_slots(l);
	abl_grow(&f->own.sorted, &f->own.sorted_room, f->count, sizeof *f->own.sorted);
	memset(f->own.sorted, 0, f->count * sizeof *f->own.sorted);
	for (size_t i = 0; i < f->count; i++) {
		uint32_t at = l->own.slot[find_slot(l, rows[i].key)];

		if (!at)
			return stranger(l, f, i, err);
		if (f->own.sorted[at - 1].line)
			return abl_err_set(err, ABL_EINPUT,
					   "%s:%zu: the same example as in line %zu", f->path,
					   rows[i].line, f->own.sorted[at - 1].line);
		f->own.sorted[at - 1] = rows[i];
	}
	f->row = f->own.sorted;
	f->own.row_room = f->own.sorted_room;
	f->own.sorted = rows;
	f->own.sorted_room = room;
	return 0;
}

int abl_example_list_match(struct abl_example_list *l, struct abl_predicted_file *f,
			   struct abl_err *err)
{
	if (f->form != l->form)
		return abl_err_set(err, ABL_EINPUT, "%s: its columns are not those of '%s'",
				   f->path, l->path);
	if (f->count != l->count)
		return abl_err_set(err, ABL_EINPUT, "%s: %zu examples, where '%s' has %zu", f->path,
				   f->count, l->path, l->count);
	for (size_t i = 0; i < f->count; i++)
		if (!same(f->row[i].key, key_at(l, i)))
			return sort(l, f, err);
	return 0;
}
