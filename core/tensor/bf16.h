/* SPDX-License-Identifier: Apache-2.0 */
/* bf16.h - numbers of 16 bits with a float's exponent: the upper half of a float, rounded to the
 * nearest, ties to even. */
#ifndef ABL_BF16_H
#define ABL_BF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does the CPU multiply bf16 (avx512_bf16, or AMX, which comes with it)? */
bool abl_bf16_supported(void);
/* Has it AMX, and does the system lend us its tiles? */
bool abl_bf16_in_tiles(void);
/* out [n] from x [n]; denormal floats may become zero. Not-a-number stays one. */
void abl_bf16_from(uint16_t *out, const float *x, size_t n);
/* The same by integer arithmetic alone, denormals kept: what the other is tested against. */
void abl_bf16_from_plain(uint16_t *out, const float *x, size_t n);

#endif
