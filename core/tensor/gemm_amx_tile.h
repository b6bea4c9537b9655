/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_amx_tile.h - a fp32 product of two panels on AMX, whose tiles multiply bf16 and sum in fp32.
 *
 * A float of 24 bits is the sum of three bf16 of 8, a = a1 + a2 + a3, each the rest of the one
 * before rounded to the nearest. Of the nine products of two such sums the six largest are taken:
 *
 *     a b = a1 b1 + (a1 b2 + a2 b1) + (a1 b3 + a2 b2 + a3 b1)
 *
 * What is left out is at most 2^-24 of |a b|, half the last digit of a float: a product is as good
 * as one in fp32, and a long sum has about half the error of a chain of fp32 multiply-adds, which
 * test_gemm.c compares it with (Henry, Tang and Heinecke 2019, "Leveraging the bfloat16 Artificial
 * Intelligence Datatype For Higher-Precision Computations").
 *
 * Not as in fp32: an infinite operand gives not-a-number, as does one above 3.39e38; and what is
 * below 1.2e-38, a part or a product of parts, counts as 0, so numbers and products below 1e-32
 * keep fewer digits. */
#ifndef ABL_GEMM_AMX_TILE_H
#define ABL_GEMM_AMX_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABL_AMX_SIDE ((size_t)32)    /* lines of a panel, and steps that lie together in it */
#define ABL_AMX_BLOCK ((size_t)3072) /* bf16 of so many steps of a panel: three parts of each */

/* bf16 that a panel of so many steps takes. */
static inline size_t abl_amx_panel(size_t steps)
{
	return (steps + ABL_AMX_SIDE - 1) / ABL_AMX_SIDE * ABL_AMX_BLOCK;
}

/* A copy of `lines` <= 32 rows of A times alpha, or columns of B, into a panel, made piece by
 * piece. Lines are contiguous and `stride` apart, or else steps are. Steps up to the next multiple
 * of 32 become 0; further lines get numbers without meaning. */
struct abl_amx_copy {
	const float *in;
	size_t stride, lines, steps;
	bool columns, contiguous;
	float alpha;     /* of rows */
	uint16_t *panel; /* aligned to 64 bytes */
	/* by abl_amx_copy_begin() */
	size_t pieces; /* that are left */
	size_t line, step, stage;
};
void abl_amx_copy_begin(struct abl_amx_copy *c);
void abl_amx_copy_end(struct abl_amx_copy *c); /* all that is left of it */

/* C [rows, columns] (+)= A B, then + bias, rows and columns up to 32. An element's bits depend on
 * its own operands alone, not on its place or its neighbours. */
struct abl_amx_tile {
	size_t rows, columns, steps;
	const uint16_t *a, *b;
	bool add; /* to what C holds; else C is not read */
	float *c;
	size_t ldc;
	const float *bias; /* [columns] or NULL */
	const float *soon; /* the C of the next tile, fetched meanwhile; NULL: none */
	/* Copied meanwhile, while the unit that multiplies is busy: so many pieces. */
	struct abl_amx_copy *copy;
	size_t pieces;
};
/* Between begin and end, on the same thread. */
void abl_amx_begin(void);
void abl_amx_multiply(const struct abl_amx_tile *t);
void abl_amx_end(void);

#endif
