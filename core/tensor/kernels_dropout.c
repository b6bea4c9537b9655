/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_dropout.c - which values are dropped, and dropping them, in vectors
 * (kernels_vector.h). */
#include "kernels_vector.h"

/* A native vector of 64-bit lanes, in each a Philox counter of 32 bits. Only the lower half of a
 * lane counts: products take it alone, so that what lies above it need not be cleared. */
#ifdef __AVX512F__
typedef __m512i wide;
#define WIDE(op) _mm512_##op
#define XOR(a, b) _mm512_xor_si512(a, b)
#define ALL(x) _mm512_set1_epi64((int64_t)(x))
#define ODD_FROM(a, b) _mm512_mask_blend_epi32(0xAAAA, a, b)
#else
typedef __m256i wide;
#define WIDE(op) _mm256_##op
#define XOR(a, b) _mm256_xor_si256(a, b)
#define ALL(x) _mm256_set1_epi64x((int64_t)(x))
#define ODD_FROM(a, b) _mm256_blend_epi32(a, b, 0xAA)
#endif
#define GROUP 128                                /* columns of one set of sixteen blocks */
#define WIDE_BLOCKS (sizeof(wide) / sizeof(int)) /* blocks of an even and an odd vector */
#define WIDES (LANES / WIDE_BLOCKS)

/* abl_rng_block of (key, example, row : c2), one counter in each lane. */
INLINE void philox(uint64_t key, uint64_t example, uint32_t row, wide c2, wide word[4])
{
	const wide m0 = ALL(0xD2511F53), m1 = ALL(0xCD9E8D57);
	wide c0 = ALL(example);
	wide c1 = ALL(example >> 32), c3 = ALL(row);
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);

	for (int round = 0; round < 10; round++) {
		wide p0 = WIDE(mul_epu32)(c0, m0), p1 = WIDE(mul_epu32)(c2, m1);

		c0 = XOR(XOR(WIDE(srli_epi64)(p1, 32), c1), ALL(k0));
		c2 = XOR(XOR(WIDE(srli_epi64)(p0, 32), c3), ALL(k1));
		c1 = p1;
		c3 = p0;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	word[0] = c0, word[1] = c1, word[2] = c2, word[3] = c3;
}

/* Sixteen blocks at once: b = row : first + lane. */
INLINE void philox_lanes(uint64_t key, uint64_t example, uint32_t row, uint32_t first, vu word[4])
{
	const vu lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	const vu at = lane + first;

	for (size_t k = 0; k < WIDES; k++) {
		wide c2, even[4], odd[4];

		memcpy(&c2, (const char *)&at + k * sizeof c2, sizeof c2);
		philox(key, example, row, c2, even);
		philox(key, example, row, WIDE(srli_epi64)(c2, 32), odd);
		for (int w = 0; w < 4; w++) {
			wide both = ODD_FROM(even[w], WIDE(slli_epi64)(odd[w], 32));

			memcpy((char *)&word[w] + k * sizeof both, &both, sizeof both);
		}
	}
}

/* Bit i: is lane i true? */
INLINE uint16_t bits_of(vi mask)
{
#ifdef __AVX512F__
	return (uint16_t)_mm512_movepi32_mask((__m512i)mask);
#else
	__m256 half[2];

	memcpy(half, &mask, sizeof half);
	return (uint16_t)(_mm256_movemask_ps(half[0]) | _mm256_movemask_ps(half[1]) << 8);
#endif
}

/* x where the bit is set, else 0. */
INLINE vf where(uint16_t bits, vf x)
{
#ifdef __AVX512F__
	return (vf)_mm512_maskz_mov_ps(bits, (__m512)x);
#else
	const vi bit = {1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
			1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};

	return (vf)((vi)x & ((bit & (int32_t)bits) != 0));
#endif
}

void IN_SET(draw_mask_)(uint16_t *mask, size_t width, const struct abl_dropout *d, uint64_t example,
			uint32_t row)
{
	for (size_t at = 0; at < width; at += GROUP) {
		size_t words = ABL_MASK_WORDS(width - at < GROUP ? width - at : GROUP);
		vu word[4];

		philox_lanes(d->key, example, row, (uint32_t)(at / GROUP * LANES), word);
		for (size_t k = 0; k < words; k++) {
			vu draw = (k % 2 ? word[k / 2] >> 16 : word[k / 2]) & 0xffff;

			*mask++ = bits_of((vi)draw >= (int32_t)d->threshold);
		}
	}
}

void IN_SET(apply_mask_)(float *y, const float *x, size_t width, const uint16_t *mask, float scale)
{
	size_t i = 0;

	for (; i + LANES <= width; i += LANES)
		store(y + i, where(mask[i / LANES], load(x + i) * scale));
	if (i < width)
		store_part(y + i, where(mask[i / LANES], load_part(x + i, width - i) * scale),
			   width - i);
}

INLINE vf joined(vf f, vf bias, vf x, float keep, const uint16_t *mask, size_t word, float scale)
{
	f += bias;
	if (mask)
		f = where(mask[word], f * scale);
	return f + keep * x;
}

void IN_SET(join_row_)(float *sum, const float *f, const float *bias, const float *x, float keep,
		       size_t width, const uint16_t *mask, float scale)
{
	size_t i = 0, n;

	for (; i + LANES <= width; i += LANES)
		store(sum + i, joined(load(f + i), load(bias + i), load(x + i), keep, mask,
				      i / LANES, scale));
	n = width - i;
	if (n)
		store_part(sum + i,
			   joined(load_part(f + i, n), load_part(bias + i, n), load_part(x + i, n),
				  keep, mask, i / LANES, scale),
			   n);
}
