/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_time.h - the job that we are in, as its environment and Slurm tell of it. */
#ifndef ABL_SLURM_TIME_H
#define ABL_SLURM_TIME_H

#include <stdbool.h>

/* Whether we are a process of a job of Slurm's. */
bool abl_slurm_is_inside(void);
/* Seconds until it ends: by $SLURM_JOB_END_TIME, or else (Slurm before 23.02) by `scontrol show
 * job`, which is waited for. INFINITY: no job, no limit, or nobody knows. */
double abl_slurm_seconds_left(void);
/* "EndTime=2026-11-30T07:00:00" in what scontrol has printed, as seconds since 1970; INFINITY: it
 * names none. */
double abl_slurm_read_end(const char *printed);

#endif
