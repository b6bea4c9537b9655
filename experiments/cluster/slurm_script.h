/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_script.h - what Slurm is given: a batch script, and the words of `sbatch` that submit it.
 * Text from text alone; nothing is executed here.
 *
 * Slurm only supplies processes: one array of a few long workers, never a job for each trial. Every
 * option is a word of the command line and none a line of the script, since variables of the user's
 * (SBATCH_SIGNAL) outweigh those; the user's own options come last and so outweigh ours. */
#ifndef ABL_SLURM_SCRIPT_H
#define ABL_SLURM_SCRIPT_H

#include "argv.h"

#include <stdbool.h>
#include <stdint.h>

/* Seconds between the warning and the end of a job, beside the longest that a stage may take to
 * save its state: Slurm looks once in a while only, and may be a minute early or late. */
#define ABL_SLURM_LEAD 90

enum { ABL_SLURM_ARRAY_MOST = 1000 }; /* elements; Slurm's own limit is 1,001 as it comes */

struct abl_slurm_job {
	const char *study;  /* its name */
	const char *folder; /* where scripts and logs go; absolute */
	const char *token;  /* its --comment and the name of its script; nobody else has it */
	int64_t elements;   /* of the array; 0: it is the head */
	/* seconds before its end at which it is warned; half of what --time gives it at most */
	int64_t lead;
	const char *exclude;        /* nodes that it is not to have, "n3,n7"; "" or NULL: none */
	const char *const *options; /* the user's for sbatch, NULL-terminated, or NULL */
	const char *const *words;   /* what is executed, NULL-terminated */
	const char *directory;      /* where it is executed; NULL: where we are */
	bool whole; /* of a head: its workers are steps of its own job, and end with it */
};

/* "ablate-" and 16 hex digits: a name that no other submission has had. `out` holds 32. */
const char *abl_slurm_token(char out[32]);
/* Path of the script of that token; the caller's. */
char *abl_slurm_script_path(const char *folder, const char *token);
/* Path of what an element (or, below 0, a head) of that job prints, as the options name it. */
char *abl_slurm_log_path(const char *folder, const char *job, int64_t element);

/* Appends the script. */
void abl_slurm_script(const struct abl_slurm_job *job, struct abl_str *out);
/* Appends `sbatch` and its words. */
void abl_slurm_submit_words(const struct abl_slurm_job *job, struct abl_argv *out);

/* Seconds of "90", "90:00", "1:30:00", "1-2", "1-2:30" or "1-2:30:00", as --time takes them; 0: it
 * is none of these. */
double abl_slurm_time(const char *text);
/* ABL_EINPUT: an option that would take from ablate what it needs itself, with what to say instead.
 */
int abl_slurm_check_options(const char *const *options, struct abl_err *err) ABL_MUST_USE;

/* What `sbatch --parsable` has printed: "4711", or "4711;cluster", on the last line that is one.
 * Appends it to `out`. False: there is none. */
bool abl_slurm_read_job(const char *printed, struct abl_str *out);
/* Words that ask for all jobs of ours, and the job in the answer that has the token. */
void abl_slurm_search_words(struct abl_argv *out);
bool abl_slurm_find_job(const char *printed, const char *token, struct abl_str *out);
/* Words that cancel the job "4711" or "4712;cluster"; `waiting`: what of it waits in the queue. */
void abl_slurm_cancel_words(const char *job, bool waiting, struct abl_argv *out);

#endif
