/* SPDX-License-Identifier: Apache-2.0 */
#include "bf16.h"

#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

bool abl_bf16_supported(void)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl");
#else
	return false;
#endif
}

#ifdef __x86_64__
/* Linux lends the tiles' registers to a process that asks, for itself and threads to come. */
static bool tiles_lent(void)
{
	enum { ASK = 0x1023 /* ARCH_REQ_XCOMP_PERM */, TILE_DATA = 18 };

	return !syscall(SYS_arch_prctl, ASK, TILE_DATA);
}

static bool amx_found(void)
{
	enum { BF16 = 1 << 22, TILES = 1 << 24 }; /* of leaf 7 */
	unsigned eax, ebx, ecx, edx;

	return abl_bf16_supported() && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) &&
	       (edx & BF16) && (edx & TILES) && tiles_lent();
}

static bool in_tiles;

static void find_tiles(void)
{
	in_tiles = amx_found();
}
#endif

bool abl_bf16_in_tiles(void)
{
#ifdef __x86_64__
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_tiles);
	return in_tiles;
#else
	return false;
#endif
}

void abl_bf16_from_plain(uint16_t *out, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		memcpy(&bits, &x[i], sizeof bits);
		if ((bits & 0x7fffffff) > 0x7f800000) /* rounding could carry it to infinity */
			out[i] = (uint16_t)(bits >> 16 | 0x40);
		else
			out[i] = (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
	}
}

#ifdef __x86_64__
__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) static void
from_vector(uint16_t *out, const float *x, size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm256_storeu_si256((__m256i *)(void *)(out + i),
				    (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(x + i)));
	if (i < n) {
		__mmask16 rest = (__mmask16)((1u << (n - i)) - 1);

		_mm256_mask_storeu_epi16(
			out + i, rest,
			(__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(rest, x + i)));
	}
}
#endif

void abl_bf16_from(uint16_t *out, const float *x, size_t n)
{
#ifdef __x86_64__
	if (abl_bf16_supported()) {
		from_vector(out, x, n);
		return;
	}
#endif
	abl_bf16_from_plain(out, x, n);
}
