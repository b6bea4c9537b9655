/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_parts.c - parts of a product that several back ends do apart from the rest. */
#include "gemm_backend.h"
#include "kernels.h"
#include "str.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)
#define LINE ((size_t)64)

/* Large rooms lie in large pages, where the kernel is willing. */
void *abl_gemm_room(struct abl_gemm_room *r, size_t bytes)
{
	size_t align = bytes < 2 * HUGE_PAGE ? LINE : HUGE_PAGE;

	if (bytes <= r->bytes && r->aligned)
		return r->aligned;
	free(r->memory);
	r->bytes = bytes + bytes / 4;
	r->memory = abl_malloc(r->bytes + align);
	r->aligned = r->memory + (align - (uintptr_t)r->memory % align) % align;
	if (align == HUGE_PAGE)
		madvise(r->aligned, r->bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
	return r->aligned;
}

void abl_gemm_room_drop(struct abl_gemm_room *r)
{
	free(r->memory);
	*r = (struct abl_gemm_room){0};
}

void abl_gemm_add_bias(const struct abl_compute *c, const struct abl_gemm *g, size_t from,
		       size_t rows)
{
	for (size_t r = from; g->bias && r < from + rows; r++)
		c->kernels->add_bias(g->c + r * g->ldc, g->bias, 1, g->n);
}

void abl_gemm_scale(const struct abl_gemm *g)
{
	for (size_t i = 0; i < g->m; i++)
		for (size_t j = 0; j < g->n; j++)
			g->c[i * g->ldc + j] *= g->beta;
}
