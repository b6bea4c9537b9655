/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_backend.h - what gemm.c and its back ends share: one file and one row of the table each. */
#ifndef ABL_GEMM_BACKEND_H
#define ABL_GEMM_BACKEND_H

#include "compute.h"
#include "gemm.h"

struct abl_gemm_backend {
	const char *name;
	/* On this machine, beside these kernels, which $ABLATE_KERNELS may hold below what the CPU
	 * can do; NULL: everywhere. */
	bool (*usable)(const struct abl_kernels *k);
	/* Before the first product and the rest below, again for each that computes by it; may be
	 * NULL. */
	void (*start)(void);
	/* Which of its own kernels run beside those; NULL: there is one set. */
	const char *(*kernel_set)(const struct abl_kernels *k);
	/* called by several threads at once */
	void (*multiply)(const struct abl_compute *c, const struct abl_gemm *g);
	/* Is it the quicker for this product, before that is divided among threads? Else
	 * `otherwise` makes it. For dense layers (`rounds`) the answer must not depend on the rows.
	 * NULL: yes. */
	bool (*suits)(const struct abl_gemm *g);
	const struct abl_gemm_backend *otherwise;
	size_t unit; /* each thread gets a multiple of so many rows or columns; 0: a safe number */
	/* Divides the product among the team's threads, two or more, itself; false, and nothing
	 * done, where gemm.c shall. NULL: it always shall. */
	bool (*multiply_threads)(const struct abl_compute *c, const struct abl_gemm *g);
	bool rounds; /* operands to bf16 */
	/* The next that rounds is quicker on this machine; NULL: no. */
	bool (*outdone)(void);
};

/* Memory that grows and is not given back before it is dropped. */
struct abl_gemm_room {
	unsigned char *memory;
	void *aligned; /* to 64 bytes */
	size_t bytes;
};
/* At least so many bytes; what was in it stays if they fit already. */
void *abl_gemm_room(struct abl_gemm_room *r, size_t bytes);
void abl_gemm_room_drop(struct abl_gemm_room *r);

/* gemm_parts.c: C += bias in some rows, for back ends that do not while they have C at hand. */
void abl_gemm_add_bias(const struct abl_compute *c, const struct abl_gemm *g, size_t from,
		       size_t rows);

/* C *= beta, for back ends that then add to it. */
void abl_gemm_scale(const struct abl_gemm *g);

#ifdef ABL_GEMM_AMX
extern const struct abl_gemm_backend abl_gemm_amx;
#endif
#if defined __x86_64__ && !defined ABL_DOUBLE
#define ABL_GEMM_PANELS
extern const struct abl_gemm_backend abl_gemm_panels;
#endif
#ifndef ABL_DOUBLE
extern const struct abl_gemm_backend abl_gemm_blis;
#endif
#ifdef ABL_GEMM_BF16
extern const struct abl_gemm_backend abl_gemm_bf16;
#ifdef ABL_GEMM_AMX
extern const struct abl_gemm_backend abl_gemm_bf16_amx;
#endif
#endif
#ifdef ABL_ONEDNN
extern const struct abl_gemm_backend abl_gemm_onednn;
#endif
extern const struct abl_gemm_backend abl_gemm_plain;

#endif
