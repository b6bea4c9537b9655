/* SPDX-License-Identifier: Apache-2.0 */
#include "crc32c.h"

#define POLYNOMIAL 0x82f63b78u /* its bits from low to high */
#define MASK 0xa282ead8u

/* Of all bytes; made once. */
static const uint32_t *table(void)
{
	static uint32_t made[256];

	if (!made[255])
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;

			for (int k = 0; k < 8; k++)
				c = c >> 1 ^ (c & 1 ? POLYNOMIAL : 0);
			made[i] = c;
		}
	return made;
}

uint32_t abl_crc32c_masked(const void *bytes, size_t length)
{
	const uint32_t *of = table();
	const unsigned char *at = bytes;
	uint32_t c = ~0u;

	for (size_t i = 0; i < length; i++)
		c = c >> 8 ^ of[(c ^ at[i]) & 0xff];
	c = ~c;
	return (c >> 15 | c << 17) + MASK;
}
