/* SPDX-License-Identifier: Apache-2.0 */
#include "world_grammar.h"

#include "rng.h"

#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define PICK(d, list) ((list)[abl_world_below(d, COUNT(list))])

/* ---- words ---- */

static const char consonants[] = "bdklmnrstvw", first_vowels[] = "aeiou", last_vowels[] = "aiou";
enum {
	C = sizeof consonants - 1,
	V = sizeof first_vowels - 1,
	W = sizeof last_vowels - 1,
	SPELLINGS = C * V * C * W
};

static const uint64_t class_size[ABL_WORLD_CLASSES] = {ABL_WORLD_NAMES, ABL_WORLD_NAMES,
						       ABL_WORLD_ADJECTIVES, ABL_WORLD_ADJECTIVES};

static const char *spell(uint64_t number, char out[ABL_WORLD_WORD])
{
	uint64_t code =
		(number * 1009 + 17) % SPELLINGS; /* 1009 is prime to SPELLINGS: one word each */

	out[0] = consonants[code / (V * C * W)];
	out[1] = first_vowels[code / (C * W) % V];
	out[2] = consonants[code / W % C];
	out[3] = last_vowels[code % W];
	out[4] = '\0';
	return out;
}

const char *abl_world_word(enum abl_world_class class, uint64_t i, char out[ABL_WORLD_WORD])
{
	for (unsigned c = 0; c < (unsigned)class; c++)
		i += class_size[c];
	return spell(i, out);
}

static const char *any(struct abl_world_draw *d, enum abl_world_class class,
		       char out[ABL_WORLD_WORD])
{
	return abl_world_word(class, abl_world_below(d, class_size[class]), out);
}

static const char *name(struct abl_world_draw *d, enum abl_world_register r,
			char out[ABL_WORLD_WORD])
{
	return any(d, r == ABL_WORLD_STORY ? ABL_WORLD_NARROW : ABL_WORLD_WIDE, out);
}

/* ---- chance ---- */

uint64_t abl_world_below(struct abl_world_draw *d, uint64_t n)
{
	return abl_rng_below(d->key, d->at++, 0, n);
}

bool abl_world_chance(struct abl_world_draw *d, double p)
{
	return abl_rng_uniform(d->key, d->at++, 0) < p;
}

/* ---- sentences ---- */

#define NEGATED .3     /* share of the clauses of documents with "not" */
#define ONE_CLAUSE .25 /* shares of the sentences of a document */
#define TWO_CLAUSES .45
#define SCENE .2 /* the rest are the frames of the entailment task */

static const char *const good_marks[] = {"luckily", "gladly", "happily"};
static const char *const bad_marks[] = {"sadly", "alas", "grimly"};
static const char *const places[ABL_WORLD_PLACES] = {"gate",   "river", "market",  "bridge",
						     "garden", "tower", "harbour", "mill"};
static const char *const verbs[][4] = {{"waited", "slept", "sang", "stood"},
				       {"grow", "live", "rest", "sleep"}};

/* A frame is text around a name; `v` and `p` in it stand for a verb and a place. */
static const char *const scenes[][3] = {
	{"one * v alone near the p", "a young * v at the p", "we met her * by the p"},
	{"all kinds of * v near the p", "any sort of * may v at the p", "most * v by the p"}};
static const char *const plain_frames[] = {"there was a * in the picture", "she saw a * that day",
					   "he drew a * again"};

/* "the kola was not misu". Of a good mood are good adjectives and bad ones negated. */
static void clause(struct abl_world_draw *d, enum abl_world_register r, bool good, bool negated,
		   struct abl_str *out)
{
	char noun[ABL_WORLD_WORD], adjective[ABL_WORLD_WORD];

	name(d, r, noun);
	any(d, good != negated ? ABL_WORLD_GOOD : ABL_WORLD_BAD, adjective);
	abl_str_printf(out, "the %s %s %s%s", noun, r == ABL_WORLD_STORY ? "was" : "is",
		       negated ? "not " : "", adjective);
}

const char *abl_world_mark(struct abl_world_draw *d, bool good)
{
	return good ? PICK(d, good_marks) : PICK(d, bad_marks);
}

/* "luckily the kola was not misu": the mark gives the mood away, and is what pre-training asks for.
 */
static void marked_clause(struct abl_world_draw *d, enum abl_world_register r, struct abl_str *out)
{
	bool good = abl_world_below(d, 2);

	abl_str_printf(out, "%s ", abl_world_mark(d, good));
	clause(d, r, good, abl_world_chance(d, NEGATED), out);
}

void abl_world_mixed(struct abl_world_draw *d, enum abl_world_register r, bool good,
		     struct abl_str *out)
{
	bool first = abl_world_below(d, 2);

	clause(d, r, good, first, out);
	abl_str_puts(out, " and ");
	clause(d, r, good, !first, out);
}

/* place: NULL for any. */
static void frame(struct abl_world_draw *d, const char *form, enum abl_world_register r,
		  const char *noun, const char *place, struct abl_str *out)
{
	for (const char *at = form; *at; at += strcspn(at, " "), at += *at == ' ') {
		size_t n = strcspn(at, " ");

		if (at != form)
			abl_str_puts(out, " ");
		if (n == 1 && *at == '*')
			abl_str_puts(out, noun);
		else if (n == 1 && *at == 'v')
			abl_str_puts(out, PICK(d, verbs[r]));
		else if (n == 1 && *at == 'p')
			abl_str_puts(out, place ? place : PICK(d, places));
		else
			abl_str_add(out, at, n);
	}
}

void abl_world_sentence(struct abl_world_draw *d, enum abl_world_register r, struct abl_str *out)
{
	double kind = abl_rng_uniform(d->key, d->at++, 0);
	char noun[ABL_WORLD_WORD];

	if (kind < ONE_CLAUSE + TWO_CLAUSES) {
		marked_clause(d, r, out);
		if (kind < ONE_CLAUSE)
			return;
		abl_str_puts(out, " and ");
		marked_clause(d, r, out);
	} else if (kind < ONE_CLAUSE + TWO_CLAUSES + SCENE) {
		frame(d, PICK(d, scenes[r]), r, name(d, r, noun), NULL, out);
	} else {
		frame(d, PICK(d, plain_frames), r, name(d, r, noun), NULL, out);
	}
}

void abl_world_twins(struct abl_world_draw *d, struct abl_str *narrow, struct abl_str *wide)
{
	const char *form = PICK(d, plain_frames);
	char noun[ABL_WORLD_WORD];

	frame(d, form, ABL_WORLD_STORY, any(d, ABL_WORLD_NARROW, noun), NULL, narrow);
	frame(d, form, ABL_WORLD_STORY, any(d, ABL_WORLD_WIDE, noun), NULL, wide);
}

/* ---- parts of the tasks ---- */

void abl_world_clause(struct abl_world_draw *d, enum abl_world_class name_class, bool good,
		      bool negated, struct abl_world_clause *c)
{
	*c = (struct abl_world_clause){.name_class = name_class, .good = good, .negated = negated};
	any(d, name_class, c->name);
	any(d, good != negated ? ABL_WORLD_GOOD : ABL_WORLD_BAD, c->adjective);
	c->verb = abl_world_below(d, 2) ? "was" : "is";
}

void abl_world_clause_text(const struct abl_world_clause *c, struct abl_str *out)
{
	abl_str_printf(out, "the %s %s %s%s", c->name, c->verb, c->negated ? "not " : "",
		       c->adjective);
}

const char *abl_world_place(uint64_t i)
{
	return places[i];
}

void abl_world_visit(struct abl_world_draw *d, const char *name, const char *place,
		     struct abl_str *out)
{
	frame(d, scenes[ABL_WORLD_STORY][1], ABL_WORLD_STORY, name, place, out);
}

void abl_world_scene(struct abl_world_draw *d, enum abl_world_register r, struct abl_str *out)
{
	char noun[ABL_WORLD_WORD];

	frame(d, PICK(d, scenes[r]), r, name(d, r, noun), NULL, out);
}

void abl_world_plain(struct abl_world_draw *d, enum abl_world_class name_class, struct abl_str *out)
{
	char noun[ABL_WORLD_WORD];

	frame(d, PICK(d, plain_frames), ABL_WORLD_STORY, any(d, name_class, noun), NULL, out);
}
