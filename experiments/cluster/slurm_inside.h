/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_inside.h - a run within an allocation that it has already: one worker on each of its nodes,
 * by srun, whose standard streams are the link. Nothing is submitted and no port is needed. */
#ifndef ABL_SLURM_INSIDE_H
#define ABL_SLURM_INSIDE_H

#include "places.h"

#include <stdbool.h>

/* Whether we are a process of a job of Slurm's. */
bool abl_slurm_is_inside(void);
/* Puts places with words for srun, one for each node of the allocation, in place of the one that
 * is Slurm. `program` is ours: an absolute path. Waits for `scontrol`. */
int abl_slurm_inside_places(struct abl_places *p, const char *program,
			    struct abl_err *err) ABL_MUST_USE;

#endif
