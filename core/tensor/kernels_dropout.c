/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_dropout.c - which values are dropped, and dropping them, in vectors
 * (kernels_vector.h). */
#include "kernels_vector.h"

/* A vector of 64-bit lanes, in each a Philox counter of 32 bits. Only the lower half of a lane
 * counts: products take it alone, so that what lies above it need not be cleared. */
#ifdef __AVX512F__
typedef __m512i wide;
#define WIDE(op) _mm512_##op
#define XOR3(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0x96)
#define ALL(x) _mm512_set1_epi64((int64_t)(x))
typedef uint16_t lane_bits;
#else
typedef __m256i wide;
#define WIDE(op) _mm256_##op
#define XOR3(a, b, c) _mm256_xor_si256(_mm256_xor_si256(a, b), c)
#define ALL(x) _mm256_set1_epi64x((int64_t)(x))
typedef uint8_t lane_bits; /* two of them are a word of the mask, as long as bytes ascend */
#endif
#define GROUP 128 /* columns of one set of sixteen blocks */
#define M0 0xD2511F53u
#define M1 0xCD9E8D57u

/* abl_rng_block of (key, example, row : c2) for every c2. Three of the four counters are the same
 * in all blocks, and so is half of what the first two rounds make. */
struct stream {
	uint64_t high0, second, third, low1; /* of those rounds */
	uint64_t key[8][2];                  /* of the others */
};

static void begin(struct stream *s, uint64_t key, uint64_t example, uint32_t row)
{
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32), c2;
	uint64_t p0 = (uint64_t)(uint32_t)example * M0, p1;

	s->high0 = (uint32_t)(example >> 32) ^ k0;
	c2 = (uint32_t)(p0 >> 32) ^ row ^ k1;
	k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
	p1 = (uint64_t)c2 * M1;
	s->second = (uint32_t)(p1 >> 32) ^ k0;
	s->third = (uint32_t)p0 ^ k1;
	s->low1 = (uint32_t)p1;
	for (int round = 0; round < 8; round++) {
		k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
		s->key[round][0] = k0, s->key[round][1] = k1;
	}
}

INLINE void philox(const struct stream *s, wide c2, wide word[4])
{
	const wide m0 = ALL(M0), m1 = ALL(M1);
	wide c0, c1 = ALL(s->low1), c3, p0, p1 = WIDE(mul_epu32)(c2, m1);

	c3 = WIDE(mul_epu32)((wide)(WIDE(srli_epi64)(p1, 32) ^ ALL(s->high0)), m0);
	c0 = (wide)(p1 ^ ALL(s->second));
	c2 = (wide)(WIDE(srli_epi64)(c3, 32) ^ ALL(s->third));
#pragma GCC unroll 8
	for (int round = 0; round < 8; round++) {
		p0 = WIDE(mul_epu32)(c0, m0), p1 = WIDE(mul_epu32)(c2, m1);
		c0 = XOR3(WIDE(srli_epi64)(p1, 32), c1, ALL(s->key[round][0]));
		c2 = XOR3(WIDE(srli_epi64)(p0, 32), c3, ALL(s->key[round][1]));
		c1 = p1;
		c3 = p0;
	}
	word[0] = c0, word[1] = c1, word[2] = c2, word[3] = c3;
}

/* Blocks first to first + LANES - 1: those with an even number, those with an odd one. */
INLINE void philox_lanes(const struct stream *s, uint32_t first, wide even[4], wide odd[4])
{
#ifdef __AVX512F__
	const wide at = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
#else
	const wide at = _mm256_setr_epi64x(0, 2, 4, 6);
#endif

	philox(s, WIDE(add_epi64)(at, ALL(first)), even);
	philox(s, WIDE(add_epi64)(at, ALL(first + 1)), odd);
}

/* A group's mask: bit c % 16 of word c / 16 for its columns. */
INLINE void draw_group(uint16_t mask[GROUP / 16], const struct stream *s, uint32_t first,
		       uint32_t threshold)
{
	wide even[4], odd[4];
#ifdef __AVX512F__
	const __m512i halves = _mm512_set_epi16(
		61, 29, 57, 25, 53, 21, 49, 17, 45, 13, 41, 9, 37, 5, 33, 1, 60, 28, 56, 24, 52, 20,
		48, 16, 44, 12, 40, 8, 36, 4, 32, 0); /* the lower ones, then the upper ones */
	const __m512i below = _mm512_set1_epi16((int16_t)(threshold - 1));

	philox_lanes(s, first, even, odd);
	for (int w = 0; w < 4; w++) {
		uint32_t bits = _mm512_cmpgt_epu16_mask(
			_mm512_permutex2var_epi16(even[w], halves, odd[w]), below);

		memcpy(mask + 2 * w, &bits, sizeof bits);
	}
#else
	const __m256i below = _mm256_set1_epi32((int32_t)threshold - 1);
	lane_bits *bits = (lane_bits *)mask;

	for (uint32_t part = 0; part < PARTS; part++) {
		philox_lanes(s, first + part * LANES, even, odd);
		for (int w = 0; w < 4; w++) {
			__m256i both =
				_mm256_blend_epi32(even[w], _mm256_slli_epi64(odd[w], 32), 0xAA);
			__m256i low = _mm256_and_si256(both, _mm256_set1_epi32(0xffff)),
				high = _mm256_srli_epi32(both, 16);

			bits[4 * w + part] = (lane_bits)bits_of((vi)_mm256_cmpgt_epi32(low, below));
			bits[4 * w + 2 + part] =
				(lane_bits)bits_of((vi)_mm256_cmpgt_epi32(high, below));
		}
	}
#endif
}

void IN_SET(draw_mask_)(uint16_t *mask, size_t width, const struct abl_dropout *d, uint64_t example,
			uint32_t row)
{
	struct stream s;
	uint16_t last[GROUP / 16];
	size_t at = 0;

	begin(&s, d->key, example, row);
	for (; at + GROUP <= width; at += GROUP, mask += GROUP / 16)
		draw_group(mask, &s, (uint32_t)(at / GROUP * 16), d->threshold);
	if (at < width) {
		draw_group(last, &s, (uint32_t)(at / GROUP * 16), d->threshold);
		memcpy(mask, last, ABL_MASK_WORDS(width - at) * sizeof *mask);
	}
}

/* x where the bit is set, else 0. */
INLINE vf where(lane_bits bits, vf x)
{
#ifdef __AVX512F__
	return (vf)_mm512_maskz_mov_ps(bits, (__m512)x);
#else
	const vi bit = {1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7};

	return (vf)((vi)x & ((bit & (int32_t)bits) != 0));
#endif
}

/* The mask's bits of columns i, a multiple of LANES, and on. */
INLINE lane_bits bits_at(const uint16_t *mask, size_t i)
{
	return ((const lane_bits *)mask)[i / LANES];
}

void IN_SET(apply_mask_)(float *y, const float *x, size_t width, const uint16_t *mask, float scale)
{
	size_t i = 0;

	for (; i + LANES <= width; i += LANES)
		store(y + i, where(bits_at(mask, i), load(x + i) * scale));
	if (i < width)
		store_part(y + i, where(bits_at(mask, i), load_part(x + i, width - i) * scale),
			   width - i);
}

INLINE vf joined(vf f, vf bias, vf x, float keep, const uint16_t *mask, size_t i, float scale)
{
	f += bias;
	if (mask)
		f = where(bits_at(mask, i), f * scale);
	return f + keep * x;
}

void IN_SET(join_row_)(float *sum, const float *f, const float *bias, const float *x, float keep,
		       size_t width, const uint16_t *mask, float scale)
{
	size_t i = 0, n;

	for (; i + LANES <= width; i += LANES)
		store(sum + i,
		      joined(load(f + i), load(bias + i), load(x + i), keep, mask, i, scale));
	n = width - i;
	if (n)
		store_part(sum + i,
			   joined(load_part(f + i, n), load_part(bias + i, n), load_part(x + i, n),
				  keep, mask, i, scale),
			   n);
}
