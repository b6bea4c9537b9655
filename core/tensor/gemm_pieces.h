/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_pieces.h - how a length is cut into pieces. */
#ifndef ABL_GEMM_PIECES_H
#define ABL_GEMM_PIECES_H

#include <stddef.h>

static inline size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Of `most` or fewer, in n. */
static inline size_t pieces(size_t n, size_t most)
{
	return (n + most - 1) / most;
}

/* Where piece i of n in `count` about equal pieces begins. */
static inline size_t cut(size_t n, size_t count, size_t i)
{
	return n * i / count;
}

#endif
