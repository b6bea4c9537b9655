/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_jobs.h - the jobs that a head has asked for, in a file for the next one: after a kill it
 * does not ask for what is there already, and cancels it all in the end. When sbatch was last
 * called stays there, too: the next head, or the next study of the same one, waits its minute. */
#ifndef ABL_SLURM_JOBS_H
#define ABL_SLURM_JOBS_H

#include "errors.h"
#include "slurm_fleet.h"

/* Writes those that may still be there; NULL: none. `ago`: seconds since sbatch was called;
 * INFINITY: it was not. */
int abl_slurm_jobs_write(const struct abl_slurm_fleet *f, const char *folder, double ago,
			 struct abl_err *err) ABL_MUST_USE;
/* Adopts what an earlier head has left. A file that cannot be read is as none. Returns how
 * many seconds ago sbatch was called; INFINITY: nobody knows. */
double abl_slurm_jobs_read(struct abl_slurm_fleet *f, const char *folder, double now);

#endif
