/* SPDX-License-Identifier: Apache-2.0 */
/* world_grammar.h - the words and sentences of the built-in world.
 *
 * Words: invented names, narrow and wide, and invented adjectives, good and bad; the rest is
 * English. Nothing in a word's spelling says what it means: that is learnt from the company it
 * keeps. */
#ifndef ABL_WORLD_GRAMMAR_H
#define ABL_WORLD_GRAMMAR_H

#include "str.h"

#include <stdbool.h>
#include <stdint.h>

#define ABL_WORLD_WORD 5        /* bytes of a word with its end */
#define ABL_WORLD_NAMES 120     /* narrow names, and as many wide ones */
#define ABL_WORLD_ADJECTIVES 20 /* good ones, and as many bad ones */

enum abl_world_class {
	ABL_WORLD_NARROW,
	ABL_WORLD_WIDE,
	ABL_WORLD_GOOD,
	ABL_WORLD_BAD,
	ABL_WORLD_CLASSES
};

/* Word `i` of a class. */
const char *abl_world_word(enum abl_world_class class, uint64_t i, char out[ABL_WORLD_WORD]);

/* A place in a stream of random numbers. */
struct abl_world_draw {
	uint64_t key, at;
};
uint64_t abl_world_below(struct abl_world_draw *d, uint64_t n); /* 0 .. n-1 */
bool abl_world_chance(struct abl_world_draw *d, double p);

/* A register is what a document keeps to from its first sentence to its last: stories tell of
 * narrow names in the past, handbooks of wide names in the present. */
enum abl_world_register { ABL_WORLD_STORY, ABL_WORLD_HANDBOOK };

/* "the kola was not misu": what the tasks are made of. */
struct abl_world_clause {
	char name[ABL_WORLD_WORD], adjective[ABL_WORLD_WORD];
	const char *verb;                /* "was", "is" */
	enum abl_world_class name_class; /* narrow or wide */
	bool good, negated; /* of a good mood are good adjectives and bad ones negated */
};
/* A clause of that mood about a name of that class in a tense of its own, so that the verb does not
 * give the class away. */
void abl_world_clause(struct abl_world_draw *d, enum abl_world_class name_class, bool good,
		      bool negated, struct abl_world_clause *c);
void abl_world_clause_text(const struct abl_world_clause *c, struct abl_str *out);
/* "luckily" or the like. */
const char *abl_world_mark(struct abl_world_draw *d, bool good);

#define ABL_WORLD_PLACES 8
const char *abl_world_place(uint64_t i);
/* "a young kola slept at the mill": a story's sentence about a given name and place. */
void abl_world_visit(struct abl_world_draw *d, const char *name, const char *place,
		     struct abl_str *out);

/* Each appends one sentence. */
/* Any sentence of the register without a mood: "most tira rest by the gate". */
void abl_world_scene(struct abl_world_draw *d, enum abl_world_register r, struct abl_str *out);
/* "there was a kola in the picture": nothing but the name tells the register. */
void abl_world_plain(struct abl_world_draw *d, enum abl_world_class name_class,
		     struct abl_str *out);
void abl_world_sentence(struct abl_world_draw *d, enum abl_world_register r, struct abl_str *out);
/* "the kola was not misu and the tira was dalo": a good and a bad adjective, one of them negated,
 * so that both clauses are of the one mood. */
void abl_world_mixed(struct abl_world_draw *d, enum abl_world_register r, bool good,
		     struct abl_str *out);
/* "there was a kola in the picture", twice, with a narrow and with a wide name. */
void abl_world_twins(struct abl_world_draw *d, struct abl_str *narrow, struct abl_str *wide);

#endif
