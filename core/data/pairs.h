/* SPDX-License-Identifier: Apache-2.0 */
/* pairs.h - sentence pairs of one epoch, as google-research/bert create_pretraining_data.py builds
 * them inside a document, but as ranges into the corpus, and anew each epoch. */
#ifndef ABL_PAIRS_H
#define ABL_PAIRS_H

#include "corpus.h"
#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_pair {
	uint64_t a, b;               /* first tokens, into corpus->ids */
	uint32_t a_length, b_length; /* tokens; b_length is 0 only without random_next */
	uint64_t id;                 /* document << 32 | number within it: names its mask stream */
	bool random_next;            /* b comes from elsewhere: NSP's class 1 */
	bool truncated;              /* tokens were dropped to fit */
};

struct abl_pairs {             /* zero-initialise; end with abl_pairs_finish() */
	struct abl_pair *pair; /* [count], in the corpus's order: the trainer shuffles */
	size_t count, capacity;
};

struct abl_pairs_rule {
	uint32_t max_pieces;   /* of a and b together, >= 2: max_length - 3 whatever special tokens
				  there   are, so that variants see the same pairs */
	double short_seq_rate; /* share of documents that are cut to a shorter random length */
	bool random_next;      /* false: b always continues a (for `nsp: none`) */
	bool single;   /* no pairs: documents are cut into ranges a, b_length is 0 (pretrain_data.h)
			*/
	bool held_out; /* the held-out documents; otherwise the training ones, of which ... */
	double fraction; /* ... this share, by content, (0, 1] */
};

/* Fills *out (its memory is used again). A pure function of corpus, rule, key and epoch; the pairs
 * of a document depend on no other document, but for where a random b lies. out->count is 0 when
 * the part has no document.
 * - Sentences are gathered until they reach the target length: max_pieces, or with short_seq_rate a
 *   random number from 2 up, drawn once a document.
 * - The gathered ones are cut at a random border into a and b; by half, and always when there is
 * only one, b comes from a random place in another document (of the same part) and the unused ones
 * are put back. Without random_next a lone sentence is cut inside, at a random token.
 * - While the two are too long, the longer loses a token at its front or back, at random.
 * - single: consecutive ranges of the target length, across sentence borders, nothing dropped but a
 *   last range of one token. */
void abl_pairs_build(const struct abl_corpus *corpus, const struct abl_pairs_rule *rule,
		     uint64_t key, uint64_t epoch, struct abl_pairs *out);
void abl_pairs_finish(struct abl_pairs *p); /* null-safe */

/* The key for the pairs of an evaluation: the same for all variants and seeds. */
uint64_t abl_pairs_evaluation_key(void);

struct abl_pairs_report {
	uint64_t pairs;
	double random_next, truncated; /* shares, [0, 1]; 0 when there are no pairs */
	double mean_a, mean_b;         /* tokens */
};
void abl_pairs_report(const struct abl_pairs *p, struct abl_pairs_report *out);

#endif
