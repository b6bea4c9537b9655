/* SPDX-License-Identifier: Apache-2.0 */
/* onednn.h - what the files of the bf16 back end share; nobody else includes it. */
#ifndef ABL_ONEDNN_H
#define ABL_ONEDNN_H

#include "gemm_backend.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdint.h>

#define ONEDNN_UNIT ((size_t)32) /* rows, and the inner length, that products are padded to */

/* oneDNN's functions, by their names without "dnnl_". */
struct onednn_calls {
#define CALL(name) __typeof__(dnnl_##name) *name;
#include "onednn_calls.def"
#undef CALL
};
extern struct onednn_calls onednn;
/* Loads the library, the first time that it is called: it takes some milliseconds, which a process
 * that computes nothing in bf16 does not spend. False: there is none, or one of other functions.
 * With success before all below. */
bool onednn_load(void);

extern dnnl_engine_t onednn_engine;
void onednn_start(void);           /* before the rest */
dnnl_stream_t onednn_stream(void); /* the thread's own */
/* Only memory that is out, or a bug, fails once a CPU was found fit, and no caller could go on:
 * ends the program. */
void onednn_must(dnnl_status_t status, const char *what);
/* A matrix whose stored rows (columns where transposed) are `width` apart. */
dnnl_memory_desc_t onednn_matrix(size_t rows, size_t cols, size_t width, bool transposed,
				 dnnl_data_type_t type);
dnnl_memory_t onednn_memory(const dnnl_memory_desc_t *d, void *at);
/* The order of a kept weight [k, n]: what oneDNN likes best for one unit of rows, and takes for
 * more. */
dnnl_memory_desc_t onednn_kept_order(size_t k, size_t n);

/* onednn_weights.c: the copy of g's B, which is a weight. */
dnnl_memory_t onednn_weights(const struct abl_compute *c, const struct abl_gemm *g);

static inline uint32_t onednn_hash(const void *data, size_t bytes)
{
	const unsigned char *p = data;
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < bytes; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

#endif
