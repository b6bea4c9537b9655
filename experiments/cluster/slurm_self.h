/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_self.h - a run that submits itself: login nodes end what runs for long, and whoever starts
 * a run there wants to go home. The job has the run's own head, which asks for workers as it needs
 * them; it is begun anew after a failure of its node, and shortly before its own time is up. */
#ifndef ABL_SLURM_SELF_H
#define ABL_SLURM_SELF_H

#include "errors.h"
#include "str.h"

struct abl_slurm_self {
	const char *study;
	const char *folder;              /* for the script and the log; absolute */
	const char *const *options;      /* of workers, NULL-terminated, or NULL */
	const char *const *head_options; /* of the head alone; the same */
	const char *const *words;        /* that run it, NULL-terminated */
	const char *directory;           /* where; absolute */
	bool whole;   /* its workers are steps of the same job: it gets all options of workers */
	double grace; /* the longest that a stage may take to save its state */
	double pause; /* seconds; 0: a minute */
	void *data;
	void (*says)(void *data, const char *text); /* what has failed and is tried again */
};

/* Submits it, and waits until that is done. Appends the job, "4711", and the path of its log. */
int abl_slurm_self_submit(const struct abl_slurm_self *self, struct abl_str *job,
			  struct abl_str *log, struct abl_err *err) ABL_MUST_USE;

#endif
