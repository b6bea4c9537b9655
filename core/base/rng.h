/* SPDX-License-Identifier: Apache-2.0 */
/* rng.h - counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random
 * numbers: as easy as 1, 2, 3"). A number is a pure function of (key, a, b): nothing is carried
 * along, so masks, order and initial weights depend neither on threads, batching nor resume, nor on
 * which other components are present. The key of a stream is made from the trial's seed and the
 * name of its site
 * ("order", "dropout", "init/bert.pooler.dense.weight"). */
#ifndef ABL_RNG_H
#define ABL_RNG_H

#include <stddef.h>
#include <stdint.h>

/* The key of stream `site` under `seed`. */
uint64_t abl_rng_key(uint64_t seed, const char *site);
/* A key derived from another one and a number (an epoch, a step, an example). */
uint64_t abl_rng_derive(uint64_t key, uint64_t number);

void abl_rng_block(uint64_t key, uint64_t a, uint64_t b, uint32_t out[4]);
uint64_t abl_rng_u64(uint64_t key, uint64_t a, uint64_t b);
double abl_rng_uniform(uint64_t key, uint64_t a, uint64_t b);             /* [0, 1), 53 bits */
uint64_t abl_rng_below(uint64_t key, uint64_t a, uint64_t b, uint64_t n); /* 0 .. n-1, n > 0 */
/* Normal, mean 0, deviation 1, cut at two deviations by redrawing (BERT's truncated_normal). */
double abl_rng_truncated_normal(uint64_t key, uint64_t a);
/* order[0..n-1] = a permutation of 0..n-1. */
void abl_rng_shuffle(uint64_t key, uint32_t *order, size_t n);

#endif
