/* SPDX-License-Identifier: Apache-2.0 */
#include "entity_f1.h"

#include "hash.h"
#include "rng.h"
#include "str.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A tag taken apart: its first character, and the type behind the first '-'. */
struct tag {
	char kind;
	const char *type; /* "_" where there is none */
};

struct entity {
	const char *type;
	size_t begin, end; /* words of the corpus, the last one included */
};

struct entities {
	struct entity *items; /* ends ascend: at most one entity ends at a word */
	size_t count, capacity;
};

static const struct tag outside = {'O', "_"};

static struct tag take_apart(const char *text)
{
	struct tag t = {*text, "_"};
	const char *rest = text, *dash;

	if (!*text)
		return outside;
	do /* one character may be several bytes */
		rest++;
	while (((unsigned char)*rest & 0xc0) == 0x80);
	dash = strchr(rest, '-');
	if (dash)
		rest = dash + 1;
	if (*rest)
		t.type = rest;
	return t;
}

bool abl_entity_tag(const char *tag)
{
	return *tag && strchr("BIES", *tag) && tag[1] == '-' && tag[2];
}

/* ---- which entities are there ---- */

static bool is_in(char kind, const char *kinds)
{
	return kind && strchr(kinds, kind);
}

static bool lenient_ends(struct tag before, struct tag here)
{
	return is_in(before.kind, "ES") || (is_in(before.kind, "BI") && is_in(here.kind, "BSO")) ||
	       (!is_in(before.kind, "O.") && strcmp(before.type, here.type) != 0);
}

static bool lenient_begins(struct tag before, struct tag here)
{
	return is_in(here.kind, "BS") || (is_in(before.kind, "ESO") && is_in(here.kind, "EI")) ||
	       (!is_in(here.kind, "O.") && strcmp(before.type, here.type) != 0);
}

static void add(struct entities *e, const char *type, size_t begin, size_t end)
{
	abl_grow(&e->items, &e->capacity, e->count + 1, sizeof *e->items);
	e->items[e->count++] = (struct entity){type, begin, end};
}

static void find_lenient(const char *const *tags, size_t from, size_t to, size_t *begin,
			 struct entities *out)
{
	struct tag before = outside;

	for (size_t w = from; w <= to; w++) {
		struct tag here = w < to ? take_apart(tags[w]) : outside;

		if (lenient_ends(before, here))
			add(out, before.type, *begin, w - 1);
		if (lenient_begins(before, here))
			*begin = w;
		before = here;
	}
}

static void find_iob2(const char *const *tags, size_t from, size_t to, struct entities *out)
{
	for (size_t w = from, end; w < to; w = end) {
		struct tag first = take_apart(tags[w]);

		end = w + 1;
		if (first.kind != 'B')
			continue;
		for (; end < to; end++) {
			struct tag next = take_apart(tags[end]);

			if (next.kind != 'I' || strcmp(next.type, first.type) != 0)
				break;
		}
		add(out, first.type, w, end - 1);
	}
}

static struct entities find(const struct abl_taggings *t, const char *const *tags,
			    enum abl_entity_rule rule)
{
	struct entities out = {0};
	size_t begin = 0;

	for (size_t s = 0; s < t->sentences; s++)
		if (rule == ABL_ENTITY_IOB2)
			find_iob2(tags, t->offset[s], t->offset[s + 1], &out);
		else
			find_lenient(tags, t->offset[s], t->offset[s + 1], &begin, &out);
	return out;
}

/* ---- counts ---- */

struct count {
	const char *type;
	size_t gold, predicted, correct;
};

struct counts {
	struct count *items;
	size_t count, capacity;
};

static struct count *count_of(struct counts *c, const char *type)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->items[i].type, type))
			return &c->items[i];
	abl_grow(&c->items, &c->capacity, c->count + 1, sizeof *c->items);
	c->items[c->count] = (struct count){.type = type};
	return &c->items[c->count++];
}

static bool equal(const struct entity *x, const struct entity *y)
{
	return x->end == y->end && x->begin == y->begin && !strcmp(x->type, y->type);
}

static struct counts compare(const struct entities *gold, const struct entities *predicted)
{
	struct counts c = {0};

	for (size_t i = 0; i < gold->count; i++)
		count_of(&c, gold->items[i].type)->gold++;
	for (size_t i = 0; i < predicted->count; i++)
		count_of(&c, predicted->items[i].type)->predicted++;
	for (size_t g = 0, p = 0; g < gold->count && p < predicted->count;) {
		const struct entity *x = &gold->items[g], *y = &predicted->items[p];

		if (equal(x, y))
			count_of(&c, x->type)->correct++;
		g += x->end <= y->end;
		p += y->end <= x->end;
	}
	return c;
}

static int by_type(const void *x, const void *y)
{
	return strcmp(((const struct count *)x)->type, ((const struct count *)y)->type);
}

static double ratio(size_t part, size_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

/* In seqeval's order of operations: its last digit is ours. */
static double f1(double precision, double recall)
{
	return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

void abl_entity_score(const struct abl_taggings *t, enum abl_entity_rule rule,
		      struct abl_entity_scores *out)
{
	struct entities gold = find(t, t->gold, rule), predicted = find(t, t->predicted, rule);
	struct counts c = compare(&gold, &predicted);

	*out = (struct abl_entity_scores){.gold = gold.count, .predicted = predicted.count};
	if (c.count)
		qsort(c.items, c.count, sizeof *c.items, by_type);
	for (size_t i = 0; i < c.count; i++) {
		const struct count *k = &c.items[i];

		out->correct += k->correct;
		out->macro_f1 += f1(ratio(k->correct, k->predicted), ratio(k->correct, k->gold));
	}
	out->macro_f1 = c.count ? out->macro_f1 / (double)c.count : 0;
	out->precision = ratio(out->correct, out->predicted);
	out->recall = ratio(out->correct, out->gold);
	out->f1 = f1(out->precision, out->recall);
	free(gold.items), free(predicted.items), free(c.items);
}

void abl_entity_count(const struct abl_taggings *t, enum abl_entity_rule rule,
		      struct abl_entity_count *out)
{
	struct entities gold = find(t, t->gold, rule), predicted = find(t, t->predicted, rule);

	for (size_t s = 0, g = 0, p = 0; s < t->sentences; s++) {
		size_t g0 = g, p0 = p, end = t->offset[s + 1];

		out[s] = (struct abl_entity_count){0};
		while (g < gold.count && gold.items[g].end < end)
			g++;
		while (p < predicted.count && predicted.items[p].end < end)
			p++;
		out[s].gold = g - g0;
		out[s].predicted = p - p0;
		while (g0 < g && p0 < p) {
			const struct entity *x = &gold.items[g0], *y = &predicted.items[p0];

			out[s].correct += equal(x, y);
			g0 += x->end <= y->end;
			p0 += y->end <= x->end;
		}
	}
	free(gold.items), free(predicted.items);
}

/* ---- surface forms ---- */

static int by_number(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/* The different hashes of (text, type), ascending; the caller frees. */
static uint64_t *surface_forms(const struct abl_taggings *t, const char *const *tags, size_t *count)
{
	struct entities e = find(t, tags, ABL_ENTITY_LENIENT);
	uint64_t *forms = abl_calloc(e.count ? e.count : 1, sizeof *forms);
	struct abl_str text = {0};

	for (size_t i = 0; i < e.count; i++) {
		const struct entity *x = &e.items[i];

		abl_str_clear(&text);
		for (size_t w = x->begin; w <= x->end; w++)
			abl_str_printf(&text, "%s%s", w > x->begin ? " " : "", t->words[w]);
		forms[i] = abl_rng_derive(abl_hash64(text.text, text.length),
					  abl_hash64(x->type, strlen(x->type)));
	}
	qsort(forms, e.count, sizeof *forms, by_number);
	*count = 0;
	for (size_t i = 0; i < e.count; i++)
		if (!i || forms[i] != forms[i - 1])
			forms[(*count)++] = forms[i];
	abl_str_finish(&text);
	free(e.items);
	return forms;
}

double abl_entity_surface_f1(const struct abl_taggings *t)
{
	size_t n, m, correct = 0;
	uint64_t *gold = surface_forms(t, t->gold, &n),
		 *predicted = surface_forms(t, t->predicted, &m);

	for (size_t g = 0, p = 0; g < n && p < m;) {
		uint64_t x = gold[g], y = predicted[p];

		correct += x == y;
		g += x <= y;
		p += y <= x;
	}
	free(gold), free(predicted);
	return f1(ratio(correct, m), ratio(correct, n));
}
