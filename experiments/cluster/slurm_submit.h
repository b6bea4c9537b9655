/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_submit.h - one submission after another: `sbatch`, at most once a minute, and again with
 * growing pauses where it fails. A controller that is busy may take a job and still answer with an
 * error, so before another try the queue is searched for the token of the first; where the queue
 * does not answer either, that has to be waited for. */
#ifndef ABL_SLURM_SUBMIT_H
#define ABL_SLURM_SUBMIT_H

#include "slurm_command.h"
#include "slurm_script.h"

enum abl_slurm_news {
	ABL_SLURM_NOTHING,
	ABL_SLURM_SUBMITTED, /* `job` is its id */
	ABL_SLURM_FAILED,    /* `why`; it is tried again at `again` */
};

enum abl_slurm_step { ABL_SLURM_RESTS, ABL_SLURM_WAITS, ABL_SLURM_SUBMITS, ABL_SLURM_SEARCHES };

struct abl_slurm_submit { /* zero-initialise */
	enum abl_slurm_step step;
	double (*now)(void); /* a clock for tests; NULL: abl_clock_now() */
	double pause;        /* from one sbatch to the next at least; 0: a minute */
	double last;         /* when sbatch was begun */
	bool any;            /* it was, once */
	double again;        /* when the next step is due */
	int failures;        /* in a row */
	bool passes;         /* the last is one that goes by itself */
	char token[32];
	struct abl_argv words;
	struct abl_slurm_command command;
	struct abl_str job, why;
};

/* Writes the script, with a token of its own in place of the job's, and submits it when that may
 * be. Only while it rests. */
int abl_slurm_submit_begin(struct abl_slurm_submit *s, const struct abl_slurm_job *job,
			   struct abl_err *err) ABL_MUST_USE;
static inline bool abl_slurm_submit_rests(const struct abl_slurm_submit *s)
{
	return s->step == ABL_SLURM_RESTS;
}
enum abl_slurm_news abl_slurm_submit_advance(struct abl_slurm_submit *s);
double abl_slurm_submit_deadline(const struct abl_slurm_submit *s); /* INFINITY: none */
/* No more of this one: the command is killed, and what it may have submitted all the same stays
 * unknown. */
void abl_slurm_submit_drop(struct abl_slurm_submit *s);
void abl_slurm_submit_finish(struct abl_slurm_submit *s); /* null-safe */

#endif
