/* SPDX-License-Identifier: Apache-2.0 */
#include "task_notes.h"

#include <string.h>

#define NAMES_SHOWN 5

void abl_note_cut(struct abl_str *notes, size_t tokens, size_t cut, size_t count, const char *what,
		  const char *more)
{
	char some[32], all[32];

	if (cut)
		abl_str_printf(notes, "cut to %zu tokens: %s of %s %s%s\n", tokens,
			       abl_format_count((int64_t)cut, some),
			       abl_format_count((int64_t)count, all), what, more);
}

/* "'a', 'b', ..." */
static void list(struct abl_str *out, const struct abl_class_labels *c)
{
	for (size_t i = 0; i < c->count && i < NAMES_SHOWN; i++)
		abl_str_printf(out, "%s'%.60s'", i ? ", " : "", c->name[i]);
	if (c->count > NAMES_SHOWN)
		abl_str_puts(out, ", ...");
}

static void collect(struct abl_class_labels *out, const struct abl_noted *x)
{
	abl_class_labels_collect(out, x->count, x->at, x->data);
}

void abl_note_unknown(struct abl_str *notes, const struct abl_noted *gold,
		      const char *const *classes, size_t class_count, const char *whose,
		      const char *are)
{
	struct abl_class_labels known = {0}, all = {0}, strange = {0};
	size_t labelled = 0, unknown = 0;
	char some[32], of[32];

	if (!notes)
		return;
	for (size_t i = 0; i < class_count; i++) /* two outputs may have one name */
		if (abl_class_labels_find(&known, classes[i]) < 0)
			abl_class_labels_add(&known, classes[i]);
	collect(&all, gold);
	for (size_t i = 0; i < all.count; i++)
		if (abl_class_labels_find(&known, all.name[i]) < 0)
			abl_class_labels_add(&strange, all.name[i]);
	for (size_t i = 0; strange.count && i < gold->count; i++) {
		const char *label = gold->at(i, gold->data);

		labelled += label != NULL;
		unknown += label && abl_class_labels_find(&known, label) < 0;
	}
	if (strange.count) {
		abl_str_printf(notes, "warning: %zu of the %zu gold labels %s no class of %s (",
			       strange.count, all.count, strange.count == 1 ? "is" : "are", whose);
		list(notes, &strange);
		abl_str_puts(notes, "; its classes: ");
		list(notes, &known);
		abl_str_printf(notes, "): %s of %s %s (%.1f %%) %s\n",
			       abl_format_count((int64_t)unknown, some),
			       abl_format_count((int64_t)labelled, of), gold->what,
			       100 * (double)unknown / (double)labelled, are);
	}
	abl_class_labels_finish(&known);
	abl_class_labels_finish(&all);
	abl_class_labels_finish(&strange);
}

/* The tag of words that are part of nothing is in every file, whatever its other tags are. */
static const char outside[] = "O";

static size_t count_inside(const struct abl_class_labels *c)
{
	return c->count - (abl_class_labels_find(c, outside) >= 0);
}

void abl_note_strangers(struct abl_str *notes, const struct abl_noted *predicted,
			const struct abl_noted *gold)
{
	struct abl_class_labels said = {0}, right = {0};
	size_t shared = 0;

	if (!notes)
		return;
	collect(&said, predicted);
	collect(&right, gold);
	for (size_t i = 0; i < said.count; i++)
		shared += strcmp(said.name[i], outside) != 0 &&
			  abl_class_labels_find(&right, said.name[i]) >= 0;
	if (!shared && count_inside(&said) && count_inside(&right)) {
		abl_str_puts(notes, "warning: no prediction is a gold label: predicted are ");
		list(notes, &said);
		abl_str_puts(notes, "; gold has ");
		list(notes, &right);
		abl_str_puts(notes, "\n");
	}
	abl_class_labels_finish(&said);
	abl_class_labels_finish(&right);
}
