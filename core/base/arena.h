/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h - one block per lifetime (after zstd's workspace): sizes are known before training, so a
 * run makes three arenas (parameters with gradients and optimiser state; activations; step scratch)
 * and no allocation happens inside a step. */
#ifndef ABL_ARENA_H
#define ABL_ARENA_H

#include "errors.h"

#include <stddef.h>

#define ABL_ALIGN 64 /* bytes; a cache line and the widest vector */

struct abl_arena {
	unsigned char *base;
	size_t size; /* bytes */
	size_t used; /* bytes, always a multiple of ABL_ALIGN */
	size_t peak; /* bytes, the largest `used` seen */
};

/* Makes a zeroed block of `size` bytes (huge pages where the system gives them). */
int abl_arena_init(struct abl_arena *a, size_t size, struct abl_err *err) ABL_MUST_USE;
void abl_arena_finish(struct abl_arena *a); /* null-safe, may be called twice */

/* Takes `count * width` bytes, aligned, not cleared after the first use. The caller sized the
 * arena: running out is our own mistake and asserts. With base NULL (a dry run) only counts and
 * returns NULL. */
void *abl_arena_take(struct abl_arena *a, size_t count, size_t width);
#define ABL_TAKE(a, type, count) ((type *)abl_arena_take((a), (count), sizeof(type)))

#endif
