/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ABL_CRC32C_H
#define ABL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli; RFC 3720, appendix B.4), masked as TFRecord and LevelDB store it: rotated
 * right by 15 bits, plus a constant. */
uint32_t abl_crc32c_masked(const void *bytes, size_t length);

#endif
