/* SPDX-License-Identifier: Apache-2.0 */
/* bench_store.h - times what a run does beside training: planning, choosing what comes next,
 * attempts with their folders and trial files, metrics, results. The code is that of `ablate run`,
 * and so is the store on disk; only the children are not there: each stage ends as soon as it has
 * begun. */
#ifndef ABL_BENCH_STORE_H
#define ABL_BENCH_STORE_H

#include "bench_run.h"
#include "errors.h"

#include <stdint.h>

struct abl_bench_mark { /* when so many trials were done */
	int64_t trials;
	double seconds;    /* for one trial, of those since the mark before */
	double store_size; /* bytes of the database then */
};
enum { ABL_BENCH_MARKS = 20 };
struct abl_bench_bookkeeping {
	int64_t trials, stages;
	double plan_seconds; /* for one trial: reading the study, planning, writing the plan down */
	struct abl_bench_mark marks[ABL_BENCH_MARKS];
	int mark_count;
};
/* A study of `trials` trials (bench_run.h). Works in a scratch folder of its own in $TMPDIR,
 * removed at the end. */
int abl_bench_store(int64_t trials, struct abl_bench_bookkeeping *out,
		    struct abl_err *err) ABL_MUST_USE;

#endif
