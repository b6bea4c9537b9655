/* SPDX-License-Identifier: Apache-2.0 */
/* pair_merge.h - words as rows of symbols, and the most frequent pair of neighbours among them,
 * kept up to date while pairs are joined: the inner part of byte pair encoding (Sennrich et al.
 * 2016). A join touches only the words that hold the pair. */
#ifndef ABL_PAIR_MERGE_H
#define ABL_PAIR_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABL_PAIR_LEAST 2 /* a pair seen less often is not joined (tokenizers: min_frequency) */

struct abl_merger;

struct abl_merger *abl_merger_create(void);
void abl_merger_destroy(struct abl_merger *m); /* null-safe */
/* Adds a word that occurs `count` times. All words come before the first abl_merger_next(). */
void abl_merger_add(struct abl_merger *m, const int32_t *symbols, size_t length, int64_t count);
/* The most frequent pair, ties to the smaller a, then the smaller b. False: none is left. */
bool abl_merger_next(struct abl_merger *m, int32_t *a, int32_t *b);
/* Puts symbol `joined` wherever a is followed by b, from the left. */
void abl_merger_join(struct abl_merger *m, int32_t a, int32_t b, int32_t joined);

#endif
