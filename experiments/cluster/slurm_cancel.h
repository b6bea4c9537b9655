/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_cancel.h - the end of jobs. A number that a file has told is not believed alone: a digit of
 * it may have flipped, or Slurm have begun to count anew, and then it is another job of the user's.
 */
#ifndef ABL_SLURM_CANCEL_H
#define ABL_SLURM_CANCEL_H

#include <stdbool.h>

struct abl_slurm_array;

/* Asks squeue (some seconds at most) for a job of ours with the array's comment and number, where
 * an earlier head has asked for it; true for those that we have asked for ourselves. */
bool abl_slurm_is_ours(const struct abl_slurm_array *a);
/* Cancels the job; `waiting`: what of it waits in the queue. */
void abl_slurm_cancel(const char *job, bool waiting);

#endif
