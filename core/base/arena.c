/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

int abl_arena_init(struct abl_arena *a, size_t size, struct abl_err *err)
{
	void *p;

	*a = (struct abl_arena){0};
	size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	if (!size)
		size = HUGE_PAGE;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return abl_err_set(err, ABL_ENOMEM, "out of memory: cannot reserve %zu MiB",
				   size >> 20);
	madvise(p, size, MADV_HUGEPAGE); /* a wish: refused kernels change nothing but speed */
	a->base = p;
	a->size = size;
	return 0;
}

void abl_arena_finish(struct abl_arena *a)
{
	if (a && a->base)
		munmap(a->base, a->size);
	if (a)
		*a = (struct abl_arena){0};
}

void *abl_arena_take(struct abl_arena *a, size_t count, size_t width)
{
	size_t bytes, at = a->used;

	assert(!width || count <= SIZE_MAX / 2 / width);
	bytes = (count * width + ABL_ALIGN - 1) / ABL_ALIGN * ABL_ALIGN;
	a->used += bytes;
	if (a->used > a->peak)
		a->peak = a->used;
	if (!a->base)
		return NULL;
	assert(a->used <= a->size);
	return a->base + at;
}
