/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_control.h - sees to it that a run has the allocations that it wants: an executor that never
 * offers anything, since what it brings are workers, whose attempts are another's (remote.h). It
 * has the loop wait for Slurm's programs, and asks for more while there is work.
 *
 * Three allocations in a row that begin and never connect, or a submission that is refused for what
 * it says, end that: abl_slurm_control_failure(). Jobs are cancelled when it ends. */
#ifndef ABL_SLURM_CONTROL_H
#define ABL_SLURM_CONTROL_H

#include "executor.h"

struct abl_slurm_setup { /* texts must outlive it */
	const char *study;
	const char *folder;         /* for scripts and logs; absolute */
	const char *const *options; /* the user's for sbatch, NULL-terminated, or NULL */
	const char *const *words;   /* that start a worker, NULL-terminated */
	int64_t workers;            /* allocations that are wanted at a time */
	double grace;               /* the longest that a stage may take to save its state */
	double pause, connect;      /* seconds; 0: a minute, and two */
	double (*now)(void);        /* a clock for tests; NULL: abl_clock_now() */
	void *data;                 /* of both hooks */
	/* Stages that are not done and not given up: no more workers than these. */
	size_t (*left)(void *data);
	void (*says)(void *data, const char *text); /* a sentence for whoever looks on */
};

int abl_slurm_control_init(struct abl_executor *out, const struct abl_slurm_setup *setup,
			   struct abl_err *err) ABL_MUST_USE;
/* A worker has said hello; false: it is of no job of ours. */
bool abl_slurm_control_joined(struct abl_executor *e, int64_t number, const char *job,
			      const char *array, const char *node);
/* A worker is gone; `lost`: it had not said so. */
void abl_slurm_control_gone(struct abl_executor *e, int64_t number, bool lost);
/* No more allocations will come, and why; 0: they may. */
int abl_slurm_control_failure(const struct abl_executor *e, struct abl_err *err);
/* Whether a worker may still come, or is there. */
bool abl_slurm_control_may_come(const struct abl_executor *e);

#endif
