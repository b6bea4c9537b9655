/* SPDX-License-Identifier: Apache-2.0 */
/* run_workers.h - where the stages of a run are executed: on this machine, and by the workers of
 * `--on`. */
#ifndef ABL_RUN_WORKERS_H
#define ABL_RUN_WORKERS_H

#include "args.h"
#include "places.h"
#include "study_run.h"

#define ABL_OPTION_ON                                                                              \
	{                                                                                          \
		.name = "on", .type = ABL_ARG_TEXT, .value = "WHERE", .many = true,                \
		.help = "where stages run: local, ssh:HOST,HOST, FILE.hosts, slurm, calls, or "    \
			"'command:WORDS' that start ablate somewhere; may be given several times " \
			"(docs/clusters.md)"                                                       \
	}

/* What `--on` says; none: this machine alone. */
int abl_run_places(const struct abl_args *args, struct abl_places *out,
		   struct abl_err *err) ABL_MUST_USE;
/* Tells the run, once it is planned and before it is opened, what it may count on: workers, with
 * what the site file says of them, or this machine alone. */
int abl_run_places_tell(const struct abl_places *places, struct abl_study_run *r,
			struct abl_err *err) ABL_MUST_USE;

struct abl_run_workers;

/* Makes the executors of a run, and gives them to its supervisor. `grace`: seconds that a stage may
 * take to save its state. */
int abl_run_workers_open(struct abl_run_workers **out, struct abl_study_run *r,
			 const struct abl_places *places, double grace,
			 struct abl_err *err) ABL_MUST_USE;
/* Starts workers that are due; several times a second. */
void abl_run_workers_tick(struct abl_run_workers *w, int stops);
/* Says goodbye to workers, and takes the executors from the supervisor. ABL_EFAIL: there is work
 * left that no worker will come for; `rc` is what the run has ended with, and comes first. */
int abl_run_workers_close(struct abl_run_workers *w, int rc, struct abl_err *err) ABL_MUST_USE;

#endif
