/* SPDX-License-Identifier: Apache-2.0 */
/* run_slurm.h - where `ablate run --on slurm` is typed: on a login node the run submits itself. */
#ifndef ABL_RUN_SLURM_H
#define ABL_RUN_SLURM_H

#include "args.h"
#include "places.h"

#define ABL_OPTION_HERE                                                                 \
	{                                                                               \
		.name = "here", .type = ABL_ARG_FLAG,                                   \
		.help = "with --on slurm: keep the head here, and submit workers alone" \
	}

/* Where --on names Slurm and --here does not keep the head where it is typed: outside of its jobs
 * the run is submitted, once its first study is planned: what is wrong with it is said at once.
 * True: that was done, or it failed; *code is the exit code. Within a job its nodes become the
 * places. */
bool abl_run_is_elsewhere(const struct abl_args *args, struct abl_places *places, int *code,
			  struct abl_err *err);

#endif
