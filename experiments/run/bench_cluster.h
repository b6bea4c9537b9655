/* SPDX-License-Identifier: Apache-2.0 */
/* bench_cluster.h - times a head of many workers: the code is that of `ablate run` with workers
 * elsewhere, links and messages included; only the workers pretend, in a process of their own. */
#ifndef ABL_BENCH_CLUSTER_H
#define ABL_BENCH_CLUSTER_H

#include "bench_fleet.h"
#include "errors.h"

#include <stdint.h>

struct abl_bench_head {
	int64_t trials, stages;
	double wall, cpu;           /* seconds, from the first start to the last end */
	double memory, plan_memory; /* bytes at most: of all; before anything ran */
	double longest;             /* pass of the loop, in seconds */
	double store_size;          /* bytes of the database */
	struct abl_bench_waits waits;
};
/* A study of `trials` trials (bench_run.h) on so many workers of one slot; a training takes
 * `seconds`. */
int abl_bench_cluster(int64_t trials, int workers, double seconds, struct abl_bench_head *out,
		      struct abl_err *err) ABL_MUST_USE;

#endif
