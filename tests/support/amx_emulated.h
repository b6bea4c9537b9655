/* SPDX-License-Identifier: Apache-2.0 */
/* amx_emulated.h - AMX's tiles in plain C, by Intel's description of TDPBF16PS: pair after pair,
 * the even one first, each product added to the sum. Each thread has tiles of its own. */
#ifndef ABL_TEST_AMX_EMULATED_H
#define ABL_TEST_AMX_EMULATED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static _Thread_local union {
	uint8_t bytes[16][64];
	float sums[16][16];
	uint16_t halves[16][32];
} emulated[8];
static _Thread_local int emulated_ready; /* between config and release alone */

static inline float emulated_wide(uint16_t x)
{
	uint32_t bits = (uint32_t)x << 16;
	float out;

	memcpy(&out, &bits, sizeof out);
	return out;
}

static inline void emulated_load(int tile, const void *at, size_t stride)
{
	for (size_t r = 0; emulated_ready && r < 16; r++)
		memcpy(emulated[tile].bytes[r], (const char *)at + r * stride, 64);
}

static inline void emulated_store(int tile, void *at, size_t stride)
{
	for (size_t r = 0; emulated_ready && r < 16; r++)
		memcpy((char *)at + r * stride, emulated[tile].bytes[r], 64);
}

static inline void emulated_multiply(int sum, int a, int b)
{
	for (size_t r = 0; r < 16; r++)
		for (size_t pair = 0; pair < 16; pair++)
			for (size_t c = 0; c < 16; c++)
				for (size_t i = 0; i < 2; i++)
					emulated[sum].sums[r][c] +=
						emulated_wide(emulated[a].halves[r][2 * pair + i]) *
						emulated_wide(emulated[b].halves[pair][2 * c + i]);
}

#define TILE_CONFIG(at) ((void)(at), emulated_ready = 1)
#define TILE_RELEASE() (emulated_ready = 0)
#define TILE_ZERO(tile) memset(&emulated[tile], 0, sizeof emulated[tile])
#define TILE_LOAD(tile, at, stride) emulated_load(tile, at, stride)
#define TILE_STORE(tile, at, stride) emulated_store(tile, at, stride)
#define TILE_MULTIPLY(sum, a, b) emulated_multiply(sum, a, b)

#endif
