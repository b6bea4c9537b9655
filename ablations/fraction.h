/* SPDX-License-Identifier: Apache-2.0 */
/* fraction.h - which cells of a two-level factorial are run: all, or a regular fraction of them in
 * which no pair of factors looks like another pair or like one factor (resolution V).
 *
 * Factors are numbered from 0; the first `base` ones take all combinations, each of the others
 * follows from its word: the product of some of them. Words are sets of factors as bits. */
#ifndef ABL_FRACTION_H
#define ABL_FRACTION_H

#include "str.h"

#include <stddef.h>
#include <stdint.h>

enum { ABL_FACTORS_MAX = 24, ABL_GENERATED_MAX = 4 };

struct abl_fraction {
	size_t factors, base;
	uint32_t word[ABL_GENERATED_MAX]; /* of factor base + i: among the first `base` ones */
};

/* The one with 2^base cells. False: there is none of resolution V, or none is known here. */
bool abl_fraction_find(size_t factors, size_t base, struct abl_fraction *out);
/* Why not, in words: what such a fraction could not tell apart. */
const char *abl_fraction_why_not(size_t factors, size_t base);
/* The levels of cell i (0 .. 2^base - 1) as bits, 1 is the second level; cell 0 is 0. */
uint32_t abl_fraction_cell(const struct abl_fraction *f, size_t i);
/* Factors in the shortest word of the defining relation; 0: all cells are run. */
int abl_fraction_resolution(const struct abl_fraction *f);
/* Appends, a line each: what the generated factors are, the defining relation, and what each factor
 * and pair cannot be told apart from; where that is much, with three factors at most. Factors are
 * A, B, C ... without I. */
void abl_fraction_aliases(const struct abl_fraction *f, struct abl_str *out);
char abl_fraction_letter(size_t factor);

#endif
