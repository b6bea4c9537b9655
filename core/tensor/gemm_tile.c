/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_tile.c - see gemm_tile.h. Built once for each instruction set with -DABL_SET=avx2 or avx512.
 * Of the 16 (AVX2) or 32 vector registers a tile takes two columns of sums, two registers for a
 * step of B and one for a value of A. */
#include "gemm_tile.h"

#include "transpose.h"

#define AHEAD ((size_t)16) /* steps of B that are on their way from the second-level cache */

#ifdef __AVX512F__
#define ROWS 14
#define EACH_ROWS(DO) \
	DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14)

typedef __mmask16 mask;

#define ZERO _mm512_setzero_ps()
#define SPLAT(x) _mm512_set1_ps(x)
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, v) _mm512_storeu_ps(p, v)
#define LOAD_PART(p, m) _mm512_maskz_loadu_ps(m, p)
#define STORE_PART(p, m, v) _mm512_mask_storeu_ps(p, m, v)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define TIMES(a, b) _mm512_mul_ps(a, b)
#define PLUS(a, b) _mm512_add_ps(a, b)

INLINE mask first(size_t n)
{
	return n < LANES ? (mask)((1U << n) - 1) : (mask)-1;
}
#else
#define ROWS 6
#define EACH_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6)

typedef __m256i mask;

#define ZERO _mm256_setzero_ps()
#define SPLAT(x) _mm256_set1_ps(x)
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define LOAD_PART(p, m) _mm256_maskload_ps(p, m)
#define STORE_PART(p, m, v) _mm256_maskstore_ps(p, m, v)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define TIMES(a, b) _mm256_mul_ps(a, b)
#define PLUS(a, b) _mm256_add_ps(a, b)

INLINE mask first(size_t n)
{
	return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n),
				  _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

static void pack_lines(float *out, size_t width, const float *in, size_t stride, size_t lines,
		       size_t steps)
{
	for (size_t line = 0; line < lines; line += LANES)
		for (size_t step = 0; step < steps; step += LANES) {
			size_t part = steps - step < LANES ? steps - step : LANES;
			mask m = first(part);
			vector r[LANES];

#pragma GCC unroll 16
			for (size_t i = 0; i < LANES; i++) {
				size_t at = line + i < lines ? line + i : lines - 1;

				r[i] = LOAD_PART(in + at * stride + step, m);
				/* of the next panel */
				__builtin_prefetch(in + (at + width) * stride + step);
			}
			transpose(r);
#pragma GCC unroll 16
			for (size_t i = 0; i < LANES; i++)
				if (i < part)
					STORE(out + (step + i) * width + line, r[i]);
		}
}

static void pack_steps(float *out, size_t width, const float *in, size_t stride, size_t lines,
		       size_t steps)
{
	mask m = first(lines), m1 = first(lines > LANES ? lines - LANES : 0);
	const float *next = in + ABL_GEMM_CHUNK * stride;

	if (lines > LANES)
		for (size_t step = 0; step < steps; step++) {
			__builtin_prefetch(next + step * stride);
			__builtin_prefetch(next + step * stride + LANES);
			STORE(out + step * width, LOAD(in + step * stride));
			STORE(out + step * width + LANES,
			      LOAD_PART(in + step * stride + LANES, m1));
		}
	else
		for (size_t step = 0; step < steps; step++) {
			__builtin_prefetch(next + step * stride);
			STORE(out + step * width, LOAD_PART(in + step * stride, m));
		}
}

/* The bias is added to what C would hold without it: by the bits it is a sum of its own. */
INLINE void put(float *c, vector sum, vector alpha, bool add, vector bias)
{
	vector x = add ? FMA(sum, alpha, LOAD(c)) : TIMES(sum, alpha);

	STORE(c, PLUS(x, bias));
}

INLINE void put_part(float *c, vector sum, vector alpha, bool add, vector bias, mask m)
{
	vector x = add ? FMA(sum, alpha, LOAD_PART(c, m)) : TIMES(sum, alpha);

	STORE_PART(c, m, PLUS(x, bias));
}

INLINE void multiply(const struct abl_gemm_tile *t, const size_t rows, const size_t vectors,
		     const bool packed)
{
	const float *a = t->a, *b = t->b;
	const size_t a_row = packed ? 1 : t->a_row, a_step = packed ? LANES : t->a_step;
	vector sum[ROWS][2], alpha = SPLAT(t->alpha), bias[2] = {ZERO, ZERO};
	mask m = first(t->columns - (vectors - 1) * LANES);
	bool full = t->columns == vectors * LANES;

#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i++) {
		sum[i][0] = sum[i][1] = ZERO;
		__builtin_prefetch(t->c + i * t->ldc, 1);
		__builtin_prefetch(t->c + i * t->ldc + t->columns - 1, 1);
	}
	for (size_t step = t->k; step; step--) {
		vector b0 = LOAD(b), b1 = vectors > 1 ? LOAD(b + LANES) : ZERO;

		__builtin_prefetch(b + AHEAD * vectors * LANES);
		if (vectors > 1)
			__builtin_prefetch(b + AHEAD * vectors * LANES + LANES);

#pragma GCC unroll 16
		for (size_t i = 0; i < rows; i++) {
			vector x = SPLAT(a[i * a_row]);

			sum[i][0] = FMA(x, b0, sum[i][0]);
			if (vectors > 1)
				sum[i][1] = FMA(x, b1, sum[i][1]);
		}
		a += a_step;
		b += vectors * LANES;
	}
	if (t->bias && vectors > 1)
		bias[0] = LOAD(t->bias);
	if (t->bias)
		bias[vectors - 1] = LOAD_PART(t->bias + (vectors - 1) * LANES, m);
#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i++) {
		float *c = t->c + i * t->ldc;

		if (vectors > 1)
			put(c, sum[i][0], alpha, t->add, bias[0]);
		c += (vectors - 1) * LANES;
		if (full) /* masked stores are slow on some CPUs with AVX2 */
			put(c, sum[i][vectors - 1], alpha, t->add, bias[vectors - 1]);
		else
			put_part(c, sum[i][vectors - 1], alpha, t->add, bias[vectors - 1], m);
	}
}

#define DEFINE(rows)                                                  \
	static void packed_##rows##_1(const struct abl_gemm_tile *t)  \
	{                                                             \
		multiply(t, rows, 1, true);                           \
	}                                                             \
	static void packed_##rows##_2(const struct abl_gemm_tile *t)  \
	{                                                             \
		multiply(t, rows, 2, true);                           \
	}                                                             \
	static void strided_##rows##_1(const struct abl_gemm_tile *t) \
	{                                                             \
		multiply(t, rows, 1, false);                          \
	}                                                             \
	static void strided_##rows##_2(const struct abl_gemm_tile *t) \
	{                                                             \
		multiply(t, rows, 2, false);                          \
	}
EACH_ROWS(DEFINE)

#define ENTRY(rows) \
	{{packed_##rows##_1, packed_##rows##_2}, {strided_##rows##_1, strided_##rows##_2}},

static void multiply_any(const struct abl_gemm_tile *t)
{
	static void (*const forms[ROWS][2][2])(const struct abl_gemm_tile *) = {EACH_ROWS(ENTRY)};
	bool strided = t->a_row != 1 || t->a_step != LANES;

	forms[t->rows - 1][strided][t->columns > LANES](t);
}

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

const struct abl_gemm_tiles JOIN(abl_gemm_tiles_, ABL_SET) = {.name = TEXT(ABL_SET),
							      .rows = ROWS,
							      .columns = 2 * LANES,
							      .lanes = LANES,
							      .multiply = multiply_any,
							      .pack_lines = pack_lines,
							      .pack_steps = pack_steps};
