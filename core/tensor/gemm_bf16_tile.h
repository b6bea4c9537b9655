/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_bf16_tile.h - the innermost part of a product in bf16: one tile of C in registers, and the
 * copies that round its operands and lay them side by side. Two steps of k make a pair, a word of
 * 32 bits with the earlier step below; after an odd number of steps the last word's upper half is
 * 0. gemm_bf16_tile.c is for CPUs with avx512_bf16. */
#ifndef ABL_GEMM_BF16_TILE_H
#define ABL_GEMM_BF16_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Contiguous lines are copied so many steps at a time, for one panel after the other. */
#define ABL_BF16_CHUNK ((size_t)32)

/* C [rows, columns] (+)= alpha * A B, then + bias, from one panel of each. Every element is one
 * chain of sums from pair 0 upwards, so its bits depend neither on the tile's size nor on its place
 * in the tile. */
struct abl_bf16_tile {
	size_t rows, columns, pairs;
	const uint32_t *a, *b;
	size_t a_row; /* words from one row of A to the next, where it lies in rows */
	float alpha;
	bool add; /* to what C holds; else C is not read */
	float *c;
	size_t ldc;
	const float *bias; /* [columns] or NULL */
};

/* Into out[pair * width + line] for `lines` <= width lines, rows of A or columns of B, and (steps +
 * 1) / 2 pairs; `width` is one or two vectors of 16 and out is aligned to one. Lines from `lines`
 * to `width` get numbers without meaning. Where A lies in rows, into out[line * width + pair]. */
typedef void abl_bf16_pack(uint32_t *out, size_t width, const float *in, size_t stride,
			   size_t lines, size_t steps);

struct abl_bf16_tiles {
	const char *name;
	size_t rows, columns; /* the largest tile */
	size_t a_width;       /* lines that a panel of A has room for; of B `columns` */
	bool a_lies_in_rows;
	size_t unit;                       /* pairs are padded to a multiple of it, by zeros */
	void (*begin)(void), (*end)(void); /* around products, on each thread; may be NULL */
	void (*multiply)(const struct abl_bf16_tile *t);
	/* a line is contiguous and lines are `stride` apart; or steps are */
	abl_bf16_pack *pack_a_lines, *pack_a_steps, *pack_b_lines, *pack_b_steps;
};

extern const struct abl_bf16_tiles abl_bf16_tiles_avx512, abl_bf16_tiles_amx;

/* gemm_bf16.c: a whole product by these tiles, nothing of it kept. For tests. */
struct abl_compute;
struct abl_gemm;
void abl_gemm_bf16_multiply(const struct abl_compute *c, const struct abl_bf16_tiles *tiles,
			    const struct abl_gemm *g);

#endif
