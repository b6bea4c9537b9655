/* SPDX-License-Identifier: Apache-2.0 */
/* bench_machine.h - what this machine can do: the measures that `ablate bench` holds its numbers
 * against. */
#ifndef ABL_BENCH_MACHINE_H
#define ABL_BENCH_MACHINE_H

#include "compute.h"
#include "gemm.h"

#include <stdint.h>

/* Largest memory this process has had, bytes; 0 where the system does not tell. */
int64_t abl_bench_resident(void);

/* A new folder in $TMPDIR, or /tmp; *out is the caller's, who removes the folder. */
int abl_bench_folder(char **out, struct abl_err *err) ABL_MUST_USE;

float *abl_bench_values(size_t n); /* from -0.5 to 0.5, the same each time; the caller's */

/* One product, repeated until `seconds` are over: FLOP/s of the fastest. */
double abl_bench_rate(const struct abl_compute *compute, const struct abl_gemm *g, double seconds);
/* The best over shapes that suit a matrix product: FLOP/s in fp32. */
double abl_bench_best_product(const struct abl_compute *compute);

/* That shape, to be measured again beside other work: its rate changes with the load from
 * other virtual machines. */
struct abl_bench_product {
	const struct abl_compute *compute; /* the caller's; lives longer */
	struct abl_gemm gemm;              /* its matrices are our own */
	double rate;                       /* FLOP/s when it was found */
};
/* A dense layer's (`rounds`) is made in the precision of `compute`, others in fp32. */
void abl_bench_product_find(struct abl_bench_product *p, const struct abl_compute *compute,
			    bool rounds);
/* FLOP/s of the fastest in so many seconds. */
double abl_bench_product_rate(const struct abl_bench_product *p, double seconds);
void abl_bench_product_drop(struct abl_bench_product *p);
/* Bytes a second of y += x, two reads and a write on one thread, over two arrays of about `bytes`
 * together (16 KiB to 256 MiB): of the memory where that is far more than a cache holds, else of
 * the cache. */
double abl_bench_bandwidth(const struct abl_kernels *k, size_t bytes, bool reads);

#endif
