/* SPDX-License-Identifier: Apache-2.0 */
/* bench_machine.h - what this machine can do: the measures that `ablate bench` holds its numbers
 * against. */
#ifndef ABL_BENCH_MACHINE_H
#define ABL_BENCH_MACHINE_H

#include "gemm.h"

#include <stdint.h>

double abl_bench_seconds(void); /* monotonic */
/* Largest memory this process has had, bytes; 0 where the system does not tell. */
int64_t abl_bench_resident(void);

/* A new folder in $TMPDIR, or /tmp; *out is the caller's, who removes the folder. */
int abl_bench_folder(char **out, struct abl_err *err) ABL_MUST_USE;

/* One product of matrices of random numbers, repeated for `seconds`: FLOP/s of the fastest. */
double abl_bench_product(size_t m, size_t n, size_t k, bool at, bool bt, double seconds);
/* The best over shapes that suit a matrix product: FLOP/s of the back end and threads in use. */
double abl_bench_best_product(void);
/* Bytes a second of y += x over arrays far larger than a cache: two reads and a write, one
 * thread. */
double abl_bench_bandwidth(void);

#endif
