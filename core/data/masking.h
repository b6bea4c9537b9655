/* SPDX-License-Identifier: Apache-2.0 */
/* masking.h - which tokens a masked language model has to guess, and what it sees instead (BERT,
 * Devlin et al. 2019, 3.1). */
#ifndef ABL_MASKING_H
#define ABL_MASKING_H

#include <stddef.h>
#include <stdint.h>

struct abl_mask_rule {
	double rate; /* share of the tokens to guess, (0, 1] */
	double mask_share,
		random_share; /* of those: shown as [MASK], as a random token; the rest is kept */
	int32_t mask_id;
	const int32_t *ordinary; /* ids a random token is drawn from: all but the special tokens */
	size_t ordinary_count;
};

struct abl_mask {
	uint32_t position; /* among the n tokens */
	int32_t shown;     /* the id that goes into the model; the target is the token itself */
};

/* How many of n tokens are chosen: max(1, round(rate * n)), at most n. */
size_t abl_mask_count(double rate, size_t n);

/* Chooses abl_mask_count() of the n tokens (without special tokens: a, then b) without replacement
 * and writes them by position to out. A pure function of its arguments: `key` is already that of
 * one pair in one epoch, e.g. abl_rng_derive(abl_rng_derive(abl_rng_key(seed, "masks"), epoch),
 * pair->id). Returns the count. */
size_t abl_mask_choose(const struct abl_mask_rule *rule, uint64_t key, const int32_t *pieces,
		       size_t n, struct abl_mask *out);

/* The key of a held-out pair's mask: fixed, equal for all variants and seeds. */
uint64_t abl_mask_evaluation_key(uint64_t pair_id);

#endif
