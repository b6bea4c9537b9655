/* SPDX-License-Identifier: Apache-2.0 */
#include "rng.h"

#include "hash.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 10
#define M0 0xD2511F53u
#define M1 0xCD9E8D57u
#define W0 0x9E3779B9u
#define W1 0xBB67AE85u

void abl_rng_block(uint64_t key, uint64_t a, uint64_t b, uint32_t out[4])
{
	uint32_t c0 = (uint32_t)a, c1 = (uint32_t)(a >> 32), c2 = (uint32_t)b,
		 c3 = (uint32_t)(b >> 32);
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t p0 = (uint64_t)M0 * c0, p1 = (uint64_t)M1 * c2;

		c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)p1;
		c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)p0;
		k0 += W0;
		k1 += W1;
	}
	out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

uint64_t abl_rng_u64(uint64_t key, uint64_t a, uint64_t b)
{
	uint32_t r[4];

	abl_rng_block(key, a, b, r);
	return (uint64_t)r[1] << 32 | r[0];
}

uint64_t abl_rng_key(uint64_t seed, const char *site)
{
	return abl_rng_u64(seed, abl_hash64(site, strlen(site)), 0);
}

uint64_t abl_rng_derive(uint64_t key, uint64_t number)
{
	return abl_rng_u64(key, number, UINT64_C(0x64657269766564)); /* "derived" */
}

double abl_rng_uniform(uint64_t key, uint64_t a, uint64_t b)
{
	return (double)(abl_rng_u64(key, a, b) >> 11) * 0x1p-53;
}

uint64_t abl_rng_below(uint64_t key, uint64_t a, uint64_t b, uint64_t n)
{
	return (uint64_t)((unsigned __int128)abl_rng_u64(key, a, b) * n >> 64);
}

double abl_rng_truncated_normal(uint64_t key, uint64_t a)
{
	const double two_pi = 6.283185307179586;

	for (uint64_t b = 0;; b++) { /* Box and Muller; one pair in about 0.91 is kept */
		uint32_t r[4];
		double radius, angle, z;

		abl_rng_block(key, a, b, r);
		radius = sqrt(-2 * log(((double)r[0] + (double)r[1] * 0x1p-32 + 0x1p-33) * 0x1p-32 +
				       0x1p-64));
		angle = two_pi * ((double)r[2] + (double)r[3] * 0x1p-32) * 0x1p-32;
		z = radius * cos(angle);
		if (fabs(z) <= 2)
			return z;
		z = radius * sin(angle);
		if (fabs(z) <= 2)
			return z;
	}
}

struct ticket {
	uint64_t draw;
	uint32_t item;
};

static int by_draw(const void *x, const void *y)
{
	const struct ticket *a = x, *b = y;

	if (a->draw != b->draw)
		return a->draw < b->draw ? -1 : 1;
	return a->item < b->item ? -1 : a->item > b->item;
}

void abl_rng_shuffle(uint64_t key, uint32_t *order, size_t n)
{
	struct ticket *tickets = abl_malloc(n * sizeof *tickets);

	for (size_t i = 0; i < n; i++)
		tickets[i] = (struct ticket){abl_rng_u64(key, i, 0), (uint32_t)i};
	qsort(tickets, n, sizeof *tickets, by_draw);
	for (size_t i = 0; i < n; i++)
		order[i] = tickets[i].item;
	free(tickets);
}
