/* SPDX-License-Identifier: Apache-2.0 */
/* bench_run.h - a study that is planned, recorded and run as by `ablate run`, in a scratch folder,
 * by executors that only pretend; for bench_store.c and bench_cluster.c. */
#ifndef ABL_BENCH_RUN_H
#define ABL_BENCH_RUN_H

#include "progress.h"

#include <stdint.h>

enum { ABL_BENCH_VARIANTS = 100, ABL_BENCH_POINTS = 50 };

struct abl_bench_run {
	/* set by whoever begins */
	struct abl_executor executor;
	int workers;
	void *data;
	/* A trial is done; may be NULL. */
	void (*scored)(void *data, int64_t done);
	void (*tick)(void *data); /* several times a second; may be NULL */
	/* its own */
	char *folder, *study_path, *store_path, *database; /* folder: by abl_bench_run_folder() */
	struct abl_study *study;
	struct abl_plan *plan;
	struct abl_store *store;
	struct abl_record record;
	struct abl_progress progress;
	struct abl_supervisor supervisor;
	int64_t done;
	double plan_seconds; /* of all trials */
};

int abl_bench_run_folder(struct abl_bench_run *b, struct abl_err *err) ABL_MUST_USE;
/* A study of `trials` trials (a multiple of ABL_BENCH_VARIANTS) with nothing shared but the
 * vocabulary, each a fine-tuning with ABL_BENCH_POINTS points of two curves and an evaluation. */
int abl_bench_run_plan(struct abl_bench_run *b, int64_t trials, struct abl_err *err) ABL_MUST_USE;
/* ABL_EFAIL: not all trials were done. */
int abl_bench_run_go(struct abl_bench_run *b, struct abl_err *err) ABL_MUST_USE;
/* Removes the folder, too. Fails where that fails, and where `rc` is a failure already. */
int abl_bench_run_finish(struct abl_bench_run *b, int rc, struct abl_err *err) ABL_MUST_USE;

#endif
