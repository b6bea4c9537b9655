/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_bf16_amx_tile.c - see gemm_bf16_tile.h. Of AMX's tiles four hold the sums of 32 x 32
 * elements, two 16 rows of A each, and two 16 columns of B each; all of 16 pairs of steps. A's rows
 * lie as lines in their panel, B's panel is that of avx512_bf16, and both have zeros up to 16
 * pairs. Written for and tested against the instructions' description
 * (tests/support/amx_emulated.h), not yet timed. */
#include "amx_tiles.h"
#include "gemm_bf16_pack.h"
#include "gemm_bf16_tile.h"

#include <string.h>

#ifndef ABL_BF16_AMX_TILES
#define ABL_BF16_AMX_TILES abl_bf16_tiles_amx
#endif

#define SIDE ((size_t)32)
#define UNIT ((size_t)16) /* pairs in a tile */

/* -- copies -- */

static size_t up_to_unit(size_t pairs)
{
	return (pairs + UNIT - 1) / UNIT * UNIT;
}

static void pad(uint32_t *out, size_t width, size_t steps)
{
	size_t pairs = (steps + 1) / 2;

	memset(out + pairs * width, 0, (up_to_unit(pairs) - pairs) * width * sizeof *out);
}

static void pack_b_lines(uint32_t *out, size_t width, const float *in, size_t stride, size_t lines,
			 size_t steps)
{
	pack_lines(out, width, in, stride, lines, steps);
	pad(out, width, steps);
}

static void pack_b_steps(uint32_t *out, size_t width, const float *in, size_t stride, size_t lines,
			 size_t steps)
{
	pack_steps(out, width, in, stride, lines, steps);
	pad(out, width, steps);
}

static void pack_a_lines(uint32_t *out, size_t width, const float *in, size_t stride, size_t lines,
			 size_t steps)
{
	for (size_t line = 0; line < lines; line++)
		for (size_t step = 0; step < 2 * up_to_unit((steps + 1) / 2); step += 2 * LANES) {
			const float *x = in + line * stride + step;
			size_t part = steps - step;

			_mm512_storeu_si512(
				out + line * width + step / 2,
				rounded(_mm512_maskz_loadu_ps(first(part), x),
					_mm512_maskz_loadu_ps(behind(part), x + LANES)));
		}
}

/* 16 lines by 16 pairs at a time are turned. */
static void pack_a_steps(uint32_t *out, size_t width, const float *in, size_t stride, size_t lines,
			 size_t steps)
{
	for (size_t step = 0; step < steps; step += 2 * LANES)
		for (size_t line = 0; line < lines; line += LANES) {
			__mmask16 m = first(lines - line);
			vector r[LANES];

#pragma GCC unroll 16
			for (size_t i = 0; i < LANES; i++) {
				size_t at = step + 2 * i;
				const float *x = in + (at < steps ? at : 0) * stride + line;
				size_t next = at + 1 < steps ? stride : 0;

				r[i] = _mm512_castsi512_ps(
					paired(_mm512_maskz_loadu_ps(at < steps ? m : 0, x),
					       _mm512_maskz_loadu_ps(next ? m : 0, x + next)));
			}
			transpose(r);
			for (size_t i = 0; i < LANES && line + i < lines; i++)
				_mm512_storeu_ps(
					(float *)(void *)(out + (line + i) * width + step / 2),
					r[i]);
		}
}

/* -- products -- */

static void begin(void)
{
	TILE_CONFIG(&all_tiles);
}

static void end(void)
{
	TILE_RELEASE();
}

/* Sums of 32 rows and both columns of vectors. */
static void sum_wide(const struct abl_bf16_tile *t, float *sums)
{
	const size_t a_row = t->a_row * sizeof *t->a, b_row = SIDE * sizeof *t->b;

	TILE_ZERO(0);
	TILE_ZERO(1);
	TILE_ZERO(2);
	TILE_ZERO(3);
	for (size_t pair = 0; pair < t->pairs; pair += UNIT) {
		const uint32_t *a = t->a + pair, *b = t->b + pair * SIDE;

		TILE_LOAD(4, a, a_row);
		TILE_LOAD(6, b, b_row);
		TILE_MULTIPLY(0, 4, 6);
		TILE_LOAD(7, b + LANES, b_row);
		TILE_MULTIPLY(1, 4, 7);
		TILE_LOAD(5, a + LANES * t->a_row, a_row);
		TILE_MULTIPLY(2, 5, 6);
		TILE_MULTIPLY(3, 5, 7);
	}
	TILE_STORE(0, sums, SIDE * sizeof *sums);
	TILE_STORE(1, sums + LANES, SIDE * sizeof *sums);
	TILE_STORE(2, sums + LANES * SIDE, SIDE * sizeof *sums);
	TILE_STORE(3, sums + LANES * SIDE + LANES, SIDE * sizeof *sums);
}

/* Of one. */
static void sum_narrow(const struct abl_bf16_tile *t, float *sums)
{
	const size_t a_row = t->a_row * sizeof *t->a, b_row = LANES * sizeof *t->b;

	TILE_ZERO(0);
	TILE_ZERO(2);
	for (size_t pair = 0; pair < t->pairs; pair += UNIT) {
		const uint32_t *a = t->a + pair;

		TILE_LOAD(4, a, a_row);
		TILE_LOAD(6, t->b + pair * LANES, b_row);
		TILE_MULTIPLY(0, 4, 6);
		TILE_LOAD(5, a + LANES * t->a_row, a_row);
		TILE_MULTIPLY(2, 5, 6);
	}
	TILE_STORE(0, sums, SIDE * sizeof *sums);
	TILE_STORE(2, sums + LANES * SIDE, SIDE * sizeof *sums);
}

static void multiply(const struct abl_bf16_tile *t)
{
	_Alignas(64) float sums[32 * 32];
	__mmask16 m[2] = {first(t->columns), behind(t->columns)};
	__m512 alpha = _mm512_set1_ps(t->alpha),
	       bias[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};

	/* some compilers take the loads of tiles for instructions that read no memory */
	__asm__ volatile("" ::: "memory");
	if (t->columns > LANES)
		sum_wide(t, sums);
	else
		sum_narrow(t, sums);
	__asm__ volatile("" ::: "memory");
	for (size_t j = 0; t->bias && j < 2; j++)
		bias[j] = _mm512_maskz_loadu_ps(m[j], t->bias + j * LANES);
	for (size_t i = 0; i < t->rows; i++)
		for (size_t j = 0; j < 2 && m[j]; j++)
			put(t->c + i * t->ldc + j * LANES,
			    _mm512_load_ps(sums + i * SIDE + j * LANES), alpha, t->add, bias[j],
			    m[j]);
}

const struct abl_bf16_tiles ABL_BF16_AMX_TILES = {.name = "amx_bf16",
						  .rows = SIDE,
						  .columns = SIDE,
						  .a_width = SIDE,
						  .a_lies_in_rows = true,
						  .unit = UNIT,
						  .begin = begin,
						  .end = end,
						  .multiply = multiply,
						  .pack_a_lines = pack_a_lines,
						  .pack_a_steps = pack_a_steps,
						  .pack_b_lines = pack_b_lines,
						  .pack_b_steps = pack_b_steps};
