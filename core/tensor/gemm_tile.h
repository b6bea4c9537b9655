/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_tile.h - the innermost part of the product: one tile of C in registers, and the copies that
 * lay its operands side by side. gemm_tile.c is built once for each instruction set. */
#ifndef ABL_GEMM_TILE_H
#define ABL_GEMM_TILE_H

#include <stdbool.h>
#include <stddef.h>

/* C [rows, columns] (+)= alpha * A [rows, k] B [k, columns], then + bias, where a value of A lies
 * at a[row * a_row + step * a_step] and B's steps lie `columns` rounded up to whole vectors apart,
 * aligned to a vector. Every element is one chain of fused multiply-adds from step 0 upwards, so
 * its bits depend neither on the tile's size nor on its place in the tile. */
struct abl_gemm_tile {
	size_t rows, columns, k;
	const float *a;
	size_t a_row, a_step;
	const float *b;
	float alpha;
	bool add; /* to what C holds; else C is not read */
	float *c;
	size_t ldc;
	const float *bias; /* [columns] or NULL */
};

/* Contiguous lines are copied so many steps at a time, for one panel after the other; as many are
 * fetched ahead. */
#define ABL_GEMM_CHUNK ((size_t)16)

struct abl_gemm_tiles {
	const char *name;
	size_t rows, columns; /* the largest tile */
	size_t lanes;         /* floats in one vector; two make a full tile's row */
	void (*multiply)(const struct abl_gemm_tile *t);
	/* out[step * width + line] for `lines` <= width lines, width one or two vectors and out
	 * aligned to one. In pack_lines a line is contiguous (lines are `stride` apart), in
	 * pack_steps a step is. Columns from `lines` to `width` get numbers without meaning. */
	void (*pack_lines)(float *out, size_t width, const float *in, size_t stride, size_t lines,
			   size_t steps);
	void (*pack_steps)(float *out, size_t width, const float *in, size_t stride, size_t lines,
			   size_t steps);
};

extern const struct abl_gemm_tiles abl_gemm_tiles_avx2, abl_gemm_tiles_avx512;

#endif
