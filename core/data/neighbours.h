/* SPDX-License-Identifier: Apache-2.0 */
/* neighbours.h - how well two tables of counts predict held-out tokens: what a model that was
 * trained on a text has to beat before anything is said of its parts.
 *
 * unigram: how often a token occurs, add-one smoothed; its guess is the most frequent one.
 * left: given the token on its left, in the mixture of Witten and Bell (1991, "The zero-frequency
 *     problem"), whose second part is the unigram:
 *     P(w|l) = (c(l,w) + T(l) P(w)) / (c(l) + T(l)), T(l) the number of different tokens after l;
 *     the guess is the most frequent token after l, or the unigram's where l was never seen.
 *
 * Counted in the training part of a corpus, scored on all tokens of its held-out documents; the
 * first token of a document has no left neighbour. Of equally frequent tokens the first in the
 * vocabulary is guessed. */
#ifndef ABL_NEIGHBOURS_H
#define ABL_NEIGHBOURS_H

#include "corpus.h"

struct abl_guesses {
	double accuracy; /* share of the tokens guessed */
	double loss;     /* nats per token; perplexity is exp(loss) */
};

struct abl_neighbours {
	uint64_t tokens; /* scored; 0: nothing is held out, and the rest is 0 */
	struct abl_guesses unigram, left;
};

/* `fraction`: of the training part, as in abl_corpus_choose(). Takes 17 MiB and a few passes over
 * the corpus; the same numbers for the same corpus, always. */
void abl_neighbours_measure(const struct abl_corpus *c, double fraction,
			    struct abl_neighbours *out);

#endif
