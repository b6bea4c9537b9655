/* SPDX-License-Identifier: Apache-2.0 */
#include "tag_score.h"

#include "str.h"

#include <stdlib.h>
#include <string.h>

const char *const abl_tag_metrics[] = {
	"accuracy",        "entity_f1",        "precision",  "recall",
	"entity_f1_macro", "entity_f1_strict", "surface_f1", NULL,
};

/* How often a tag occurs. */
struct tally {
	struct tally_item {
		const char *tag;
		size_t gold, predicted;
	} * items;
	size_t count, capacity;
};

static struct tally_item *tally_of(struct tally *t, const char *tag)
{
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->items[i].tag, tag))
			return &t->items[i];
	abl_grow(&t->items, &t->capacity, t->count + 1, sizeof *t->items);
	t->items[t->count] = (struct tally_item){.tag = tag};
	return &t->items[t->count++];
}

static void emit_entities(const struct abl_taggings *t, const char *suffix, abl_metric_hook *emit,
			  void *data)
{
	struct abl_entity_scores lenient, strict;
	struct abl_str name = {0};

	abl_entity_score(t, ABL_ENTITY_LENIENT, &lenient);
	abl_entity_score(t, ABL_ENTITY_IOB2, &strict);
	const struct {
		const char *name;
		double value;
	} scores[] = {
		{"entity_f1", lenient.f1},       {"precision", lenient.precision},
		{"recall", lenient.recall},      {"entity_f1_macro", lenient.macro_f1},
		{"entity_f1_strict", strict.f1}, {"surface_f1", abl_entity_surface_f1(t)},
	};
	for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
		abl_str_clear(&name);
		abl_str_printf(&name, "%s%s", scores[i].name, suffix);
		emit(data, name.text, scores[i].value);
	}
	abl_str_finish(&name);
}

/* The most frequent tag of gold is items[*most]. */
static struct tally count_tags(const struct abl_taggings *t, size_t *most)
{
	struct tally tally = {0};

	for (size_t w = 0; w < t->offset[t->sentences]; w++) {
		tally_of(&tally, t->gold[w])->gold++;
		tally_of(&tally, t->predicted[w])->predicted++;
	}
	*most = 0;
	for (size_t i = 1; i < tally.count; i++)
		if (tally.items[i].gold > tally.items[*most].gold)
			*most = i;
	return tally;
}

void abl_tag_score(const struct abl_taggings *t, bool entities, abl_metric_hook *emit, void *data)
{
	size_t words = t->offset[t->sentences], correct = 0, classes = 0, most;
	struct tally tally = count_tags(t, &most);

	for (size_t w = 0; w < words; w++)
		correct += !strcmp(t->gold[w], t->predicted[w]);
	for (size_t i = 0; i < tally.count; i++)
		classes += tally.items[i].predicted > 0;
	if (words) {
		emit(data, "accuracy", (double)correct / (double)words);
		if (entities)
			emit_entities(t, "", emit, data);
		emit(data, "majority", (double)tally.items[most].gold / (double)words);
		emit(data, "predicted_classes", (double)classes);
	}
	emit(data, "words", (double)words);
	emit(data, "examples", (double)t->sentences);
	free(tally.items);
}

void abl_tag_score_majority(const struct abl_taggings *t, abl_metric_hook *emit, void *data)
{
	size_t words = t->offset[t->sentences], most;
	struct tally tally = count_tags(t, &most);
	const char **all = abl_calloc(words ? words : 1, sizeof *all);
	struct abl_taggings same = *t;

	for (size_t w = 0; w < words; w++)
		all[w] = tally.items[most].tag;
	same.predicted = all;
	if (words)
		emit_entities(&same, "_majority", emit, data);
	free(all);
	free(tally.items);
}
