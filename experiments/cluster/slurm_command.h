/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_command.h - Slurm's programs, executed without waiting for them: one at a time, with what
 * it prints, and an end to its time. A busy controller lets them hang for minutes.
 *
 * What the environment says of the job that we may be in ourselves is kept from them: it would
 * become options of the new one. */
#ifndef ABL_SLURM_COMMAND_H
#define ABL_SLURM_COMMAND_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pollfd; /* <poll.h> */

struct abl_slurm_command { /* zero-initialise */
	pid_t pid;         /* 0: none runs */
	int pipe[2];       /* what it prints, and what it complains of */
	double until;      /* when it is killed, by abl_clock_now() */
	bool killed;
	struct abl_str printed, complained;
	int exit_code; /* of the last; -1: a signal, or too late */
};

/* Begins to execute the words; nothing of an earlier one is kept. */
int abl_slurm_command_start(struct abl_slurm_command *c, char *const *words, double seconds,
			    struct abl_err *err) ABL_MUST_USE;
/* For poll(); at most 2. */
size_t abl_slurm_command_descriptors(const struct abl_slurm_command *c, struct pollfd *out,
				     size_t most);
/* Takes what there is. True: it has ended now. */
bool abl_slurm_command_advance(struct abl_slurm_command *c);
/* When advance() is to be called at the latest; INFINITY. */
double abl_slurm_command_deadline(const struct abl_slurm_command *c);
/* Waits for it: for those who have nothing else to do. */
void abl_slurm_command_wait(struct abl_slurm_command *c);
/* Appends in one line why it has failed: the last that it complained of, or how it ended. */
void abl_slurm_command_why(const struct abl_slurm_command *c, struct abl_str *out);
void abl_slurm_command_finish(struct abl_slurm_command *c); /* null-safe; kills it */

/* Whether such a complaint is one that goes by itself: the controller is busy or away, or a limit
 * of jobs is reached. */
bool abl_slurm_passes(const char *complaint);

#endif
