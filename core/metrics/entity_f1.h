/* SPDX-License-Identifier: Apache-2.0 */
/* entity_f1.h - precision, recall and F1 of entities, which are spelt in tags such as B-place,
 * I-place, O. An entity is right when its type and both its ends are. */
#ifndef ABL_ENTITY_F1_H
#define ABL_ENTITY_F1_H

#include <stdbool.h>
#include <stddef.h>

/* Two taggings of the same words. Sentence s is [offset[s], offset[s + 1]) of each list. */
struct abl_taggings {
	const char *const *words;                   /* only surface forms need them; else NULL */
	const char *const *gold, *const *predicted; /* an empty tag is as O */
	const size_t *offset;                       /* [sentences + 1] */
	size_t sentences;
};

enum abl_entity_rule {
	/* As conlleval.pl (CoNLL-2000) and the default mode of seqeval 1.2 read tags: IOB1, IOB2,
	 * IOE and IOBES alike, by comparing neighbours; I- after O begins an entity. */
	ABL_ENTITY_LENIENT,
	/* As seqeval's mode="strict", scheme=IOB2: an entity begins with B- only, and an I- that
	 * continues nothing of its type is none. */
	ABL_ENTITY_IOB2,
};

struct abl_entity_scores {
	size_t gold, predicted, correct;
	double precision, recall, f1; /* micro; 0 where nothing is predicted, or there */
	double macro_f1; /* unweighted mean over the types in gold or prediction; 0 without any */
};

void abl_entity_score(const struct abl_taggings *t, enum abl_entity_rule rule,
		      struct abl_entity_scores *out);

struct abl_entity_count {
	size_t gold, predicted, correct;
};
/* The same counts, of each sentence: out[t->sentences]. An entity is part of the sentence that it
 * ends in. */
void abl_entity_count(const struct abl_taggings *t, enum abl_entity_rule rule,
		      struct abl_entity_count *out);

/* F1 of the different (text, type) pairs, each counted once however often it occurs (Derczynski et
 * al. 2017, WNUT): words joined by a blank, case kept. */
double abl_entity_surface_f1(const struct abl_taggings *t);

/* Does a tag look like part of an entity: B-, I-, E- or S- and a type? */
bool abl_entity_tag(const char *tag);

#endif
