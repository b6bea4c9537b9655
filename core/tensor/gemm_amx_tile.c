/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_amx_tile.c - see gemm_amx_tile.h. Of AMX's eight tiles, each 16 rows of 64 bytes, four hold
 * the sums of 32 x 32 elements, two a part of A and two a part of B. A tile of A is 16 rows of 32
 * steps; one of B is 16 pairs of steps of 16 columns, the two of a pair side by side. */
#include "gemm_amx_tile.h"

#include "amx_tiles.h"
#include "transpose.h"

#include <string.h>

#define SIDE ABL_AMX_SIDE
#define TILE ((size_t)512)  /* bf16 in one tile */
#define PART ((size_t)1024) /* in the two tiles of a part */

INLINE __mmask16 first(size_t n)
{
	return n < LANES ? (__mmask16)((1U << n) - 1) : (__mmask16)-1;
}

INLINE __mmask16 behind(size_t n) /* a vector's lanes: of those behind it */
{
	return first(n > LANES ? n - LANES : 0);
}

/* -- parts -- */

struct parts {
	__m512i high, middle; /* in the upper halves of 32 bits */
	__m512 low;           /* the rest, not yet rounded */
};

/* To the nearest bf16, ties away from 0; the lower half is 0. */
INLINE __m512i rounded(__m512 x)
{
	__m512i up = _mm512_add_epi32(_mm512_castps_si512(x), _mm512_set1_epi32(0x8000));

	return _mm512_and_si512(up, _mm512_set1_epi32((int)0xffff0000));
}

INLINE struct parts split(__m512 x)
{
	struct parts p;

	p.high = rounded(x);
	x = _mm512_sub_ps(x, _mm512_castsi512_ps(p.high));
	p.middle = rounded(x);
	p.low = _mm512_sub_ps(x, _mm512_castsi512_ps(p.middle));
	return p;
}

/* 32 steps of one row: x's 16, then y's. */
INLINE void put_row(uint16_t *out, __m512 x, __m512 y)
{
	const __m512i upper =
		_mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31,
				 29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
	struct parts p = split(x), q = split(y);

	_mm512_store_si512(out, _mm512_permutex2var_epi16(p.high, upper, q.high));
	_mm512_store_si512(out + PART, _mm512_permutex2var_epi16(p.middle, upper, q.middle));
	_mm512_store_si512(out + 2 * PART, (__m512i)_mm512_cvtne2ps_pbh(q.low, p.low));
}

/* Two steps of 16 columns: x's beside y's. */
INLINE void put_pair(uint16_t *out, __m512 x, __m512 y)
{
	const __m512i side_by_side =
		_mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23,
				 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
	struct parts p = split(x), q = split(y);
	__m512i low = (__m512i)_mm512_cvtne2ps_pbh(q.low, p.low);

	_mm512_store_si512(out, _mm512_or_si512(q.high, _mm512_srli_epi32(p.high, 16)));
	_mm512_store_si512(out + PART, _mm512_or_si512(q.middle, _mm512_srli_epi32(p.middle, 16)));
	_mm512_store_si512(out + 2 * PART, _mm512_permutexvar_epi16(side_by_side, low));
}

/* -- pieces of a copy -- small enough for the processor to fit them in between products */

/* One step of 16 lines; behind the last, 0. Those that come a piece or two later are fetched. */
INLINE __m512 read_step(const struct abl_amx_copy *c, size_t line, size_t step, __mmask16 m)
{
	const float *x = c->in + step * c->stride + line;

	if (step >= c->steps)
		return _mm512_setzero_ps();
	__builtin_prefetch(x + SIDE * c->stride);
	return _mm512_maskz_loadu_ps(m, x);
}

/* Where the block of these lines and steps is. */
INLINE uint16_t *place(const struct abl_amx_copy *c)
{
	return c->panel + c->line / SIDE * abl_amx_panel(c->steps) + c->step / SIDE * ABL_AMX_BLOCK;
}

/* Contiguous rows: 32 steps of one. The next panel's are fetched. */
static void copy_row(struct abl_amx_copy *c)
{
	const float *x = c->in + c->line * c->stride + c->step;
	uint16_t *out = place(c) + c->line % SIDE * SIDE;
	__mmask16 m = first(c->steps - c->step), m1 = behind(c->steps - c->step);
	__m512 alpha = _mm512_set1_ps(c->alpha);

	__builtin_prefetch(x + SIDE * c->stride);
	__builtin_prefetch(x + SIDE * c->stride + LANES);
	put_row(out, _mm512_mul_ps(alpha, _mm512_maskz_loadu_ps(m, x)),
		_mm512_mul_ps(alpha, _mm512_maskz_loadu_ps(m1, x + LANES)));
	c->step += SIDE;
	if (c->step >= c->steps)
		c->step = 0, c->line++;
}

/* Contiguous steps of columns: two of them. */
static void copy_steps(struct abl_amx_copy *c)
{
	size_t step = c->step;
	uint16_t *out = c->panel + step / SIDE * ABL_AMX_BLOCK + step % SIDE * LANES;
	__mmask16 m = first(c->lines), m1 = behind(c->lines);

	put_pair(out, read_step(c, 0, step, m), read_step(c, 0, step + 1, m));
	if (m1)
		put_pair(out + TILE, read_step(c, LANES, step, m1),
			 read_step(c, LANES, step + 1, m1));
	c->step += 2;
}

/* The others are turned, 16 lines by 32 steps, in six stages: the first 16 steps, the second, and
 * the parts of a quarter each. */
enum { STAGES = 6 };
static _Thread_local _Alignas(64) float turned[2][2 * 16 * 16]; /* of rows, of columns */

/* Steps are contiguous: r[i] = 16 steps of line i. */
INLINE void turn_steps(struct abl_amx_copy *c, __m512 r[LANES], size_t step)
{
	__mmask16 m = first(c->lines - c->line);
	__m512 alpha = _mm512_set1_ps(c->alpha);

#pragma GCC unroll 16
	for (size_t i = 0; i < LANES; i++)
		r[i] = _mm512_mul_ps(alpha, read_step(c, c->line, step + i, m));
	transpose(r);
}

/* Lines are: r[i] = step i of 16 lines. The next panel's are fetched. */
INLINE void turn_lines(struct abl_amx_copy *c, __m512 r[LANES], size_t step)
{
	__mmask16 m = first(c->steps > step ? c->steps - step : 0);

#pragma GCC unroll 16
	for (size_t i = 0; i < LANES; i++) {
		size_t at = c->line + i < c->lines ? c->line + i : c->lines - 1;
		const float *from = c->in + at * c->stride + step;

		r[i] = _mm512_maskz_loadu_ps(m, from);
		__builtin_prefetch(from + SIDE * c->stride);
	}
	transpose(r);
}

static void copy_turned(struct abl_amx_copy *c)
{
	float *out = turned[c->columns];
	uint16_t *block = place(c);

	if (c->stage < 2) {
		__m512 r[LANES];

		if (c->columns)
			turn_lines(c, r, c->step + c->stage * LANES);
		else
			turn_steps(c, r, c->step + c->stage * LANES);
#pragma GCC unroll 16
		for (size_t i = 0; i < LANES; i++)
			_mm512_store_ps(out + (c->stage * LANES + i) * LANES, r[i]);
	} else if (c->columns) {
		size_t from = (c->stage - 2) * SIDE / 4;

		block += c->line / LANES * TILE;
#pragma GCC unroll 4
		for (size_t i = from; i < from + SIDE / 4; i += 2)
			put_pair(block + i * LANES, _mm512_load_ps(out + i * LANES),
				 _mm512_load_ps(out + (i + 1) * LANES));
	} else {
		size_t from = (c->stage - 2) * LANES / 4;

		block += c->line % SIDE * SIDE;
#pragma GCC unroll 4
		for (size_t i = from; i < from + LANES / 4; i++)
			put_row(block + i * SIDE, _mm512_load_ps(out + i * LANES),
				_mm512_load_ps(out + (LANES + i) * LANES));
	}
	if (++c->stage < STAGES)
		return;
	c->stage = 0;
	if (c->columns) {
		c->step += SIDE;
		if (c->step >= c->steps)
			c->step = 0, c->line += LANES;
	} else {
		c->line += LANES;
		if (c->line >= c->lines)
			c->line = 0, c->step += SIDE;
	}
}

void abl_amx_copy_begin(struct abl_amx_copy *c)
{
	size_t blocks = (c->steps + SIDE - 1) / SIDE;

	if (c->columns == c->contiguous)
		c->pieces = blocks * STAGES * ((c->lines + LANES - 1) / LANES);
	else
		c->pieces = blocks * (c->columns ? SIDE / 2 : c->lines);
	if (!c->lines)
		c->pieces = 0;
	c->line = c->step = c->stage = 0;
}

INLINE void copy_piece(struct abl_amx_copy *c)
{
	if (c->columns == c->contiguous)
		copy_turned(c);
	else if (c->columns)
		copy_steps(c);
	else
		copy_row(c);
	c->pieces--;
}

static void copy_pieces(struct abl_amx_copy *c, size_t n)
{
	for (; n; n--)
		copy_piece(c);
}

void abl_amx_copy_end(struct abl_amx_copy *c)
{
	copy_pieces(c, c->pieces);
}

/* -- products -- */

void abl_amx_begin(void)
{
	TILE_CONFIG(&all_tiles);
}

void abl_amx_end(void)
{
	TILE_RELEASE();
}

/* The two tiles of one part. */
#define LOAD(tile, next_tile, x, part)            \
	_tile_loadd(tile, (x) + (part)*PART, 64); \
	_tile_loadd(next_tile, (x) + (part)*PART + TILE, 64)
#define LOAD_A(part) LOAD(4, 5, a, part)
#define LOAD_B(part) LOAD(6, 7, b, part)
#define MULTIPLY                 \
	_tile_dpbf16ps(0, 4, 6); \
	_tile_dpbf16ps(1, 4, 7); \
	_tile_dpbf16ps(2, 5, 6); \
	_tile_dpbf16ps(3, 5, 7)

/* What is done beside the products: a share of it behind each four. */
struct beside {
	struct abl_amx_copy *copy;
	size_t pieces, share, groups, due;
	const float *soon;
	size_t rows, ldc;
};

INLINE void some(struct beside *w)
{
	for (w->due += w->share; w->due >= w->groups && w->pieces; w->due -= w->groups) {
		copy_piece(w->copy);
		w->pieces--;
	}
}

INLINE void fetch(struct beside *w, size_t rows)
{
	for (; rows && w->rows; rows--, w->rows--) {
		__builtin_prefetch(w->soon, 1);
		__builtin_prefetch(w->soon + LANES, 1);
		w->soon += w->ldc;
	}
}

/* A whole tile of C, from the smallest products of each 32 steps to the largest. */
INLINE void multiply(const struct abl_amx_tile *t, float *c, size_t ldc)
{
	const uint16_t *a = t->a, *b = t->b, *end = a + abl_amx_panel(t->steps);
	size_t row = ldc * sizeof *c, groups = abl_amx_panel(t->steps) / ABL_AMX_BLOCK * 6,
	       fetched = groups ? (SIDE * 6 + groups - 1) / groups : 0;
	struct beside w = {.copy = t->copy,
			   .pieces = t->pieces,
			   .share = t->pieces,
			   .groups = groups,
			   .soon = t->soon,
			   .rows = t->soon ? t->rows : 0,
			   .ldc = t->ldc};

	/* some compilers take the loads of tiles for instructions that read no memory */
	__asm__ volatile("" ::: "memory");
	if (t->add) {
		_tile_loadd(0, c, row);
		_tile_loadd(1, c + LANES, row);
		_tile_loadd(2, c + LANES * ldc, row);
		_tile_loadd(3, c + LANES * ldc + LANES, row);
	} else {
		_tile_zero(0);
		_tile_zero(1);
		_tile_zero(2);
		_tile_zero(3);
	}
	for (; a < end; a += ABL_AMX_BLOCK, b += ABL_AMX_BLOCK) {
		LOAD_A(0);
		LOAD_B(2);
		MULTIPLY;
		some(&w);
		LOAD_A(2);
		LOAD_B(0);
		MULTIPLY;
		some(&w);
		LOAD_A(1);
		LOAD_B(1);
		MULTIPLY;
		some(&w);
		LOAD_B(0);
		MULTIPLY;
		some(&w);
		LOAD_A(0);
		LOAD_B(1);
		MULTIPLY;
		some(&w);
		LOAD_B(0);
		MULTIPLY;
		some(&w);
		fetch(&w, fetched);
	}
	_tile_stored(0, c, row);
	_tile_stored(1, c + LANES, row);
	_tile_stored(2, c + LANES * ldc, row);
	_tile_stored(3, c + LANES * ldc + LANES, row);
	__asm__ volatile("" ::: "memory");
	copy_pieces(w.copy, w.pieces);
}

static void multiply_edge(const struct abl_amx_tile *t)
{
	_Alignas(64) float whole[32 * 32];
	size_t bytes = t->columns * sizeof *whole;

	for (size_t i = 0; t->add && i < t->rows; i++)
		memcpy(whole + i * SIDE, t->c + i * t->ldc, bytes);
	multiply(t, whole, SIDE);
	for (size_t i = 0; i < t->rows; i++)
		memcpy(t->c + i * t->ldc, whole + i * SIDE, bytes);
}

void abl_amx_multiply(const struct abl_amx_tile *t)
{
	__mmask16 m = first(t->columns), m1 = behind(t->columns);
	__m512 bias = _mm512_setzero_ps(), bias1 = bias;

	if (t->rows == SIDE && t->columns == SIDE)
		multiply(t, t->c, t->ldc);
	else
		multiply_edge(t);
	if (!t->bias)
		return;
	bias = _mm512_maskz_loadu_ps(m, t->bias);
	bias1 = _mm512_maskz_loadu_ps(m1, t->bias + LANES);
	for (size_t i = 0; i < t->rows; i++) {
		float *c = t->c + i * t->ldc;

		_mm512_mask_storeu_ps(c, m, _mm512_add_ps(_mm512_maskz_loadu_ps(m, c), bias));
		c += LANES;
		_mm512_mask_storeu_ps(c, m1, _mm512_add_ps(_mm512_maskz_loadu_ps(m1, c), bias1));
	}
}
