/* SPDX-License-Identifier: Apache-2.0 */
/* standing.h - how a study stands: what runs, what failed, how far it is. */
#ifndef ABL_STANDING_H
#define ABL_STANDING_H

#include "errors.h"

#include <stdint.h>

struct abl_store;
struct abl_str;

/* Running, paused or failed, with the first of the trials that it serves. What is run to choose a
 * value of `tune` serves none yet: it has neither variant nor task. */
struct abl_standing_stage {
	int64_t trial;           /* its number; 0: none */
	const char *key, *cause; /* cause: of a failure, or NULL */
	int64_t attempt;         /* its last one's number */
	const char *task, *variant, *stage, *state, *reason;
	const char *log; /* below the store */
	int64_t seed;
	int64_t trials;     /* that need it */
	int64_t step;       /* the last one told; -1: none */
	double started;     /* seconds since 1970 */
	const char *worker; /* that runs it; NULL: this machine, or it does not run */
};
typedef void abl_hear_stage(void *data, const struct abl_standing_stage *stage);

/* "rte, baseline, seed 1", as a stage is called where people read. */
#define ABL_STANDING_TRIED "choosing a value of 'tune'" /* in place of a variant */
void abl_standing_name(const struct abl_standing_stage *s, struct abl_str *out);
/* "logs 7": the words that show the log of a stage, by its trial or, where that is 0, its key.
 * Appends. */
void abl_standing_logs(int64_t trial, const char *key, struct abl_str *out);

/* The one that began first comes first. Their reason and trials are not asked for. */
int abl_read_running(struct abl_store *store, int64_t study, abl_hear_stage *hear, void *data,
		     struct abl_err *err) ABL_MUST_USE;
/* Waiting, with a beginning that they go on from: their state is "paused", "stopped" or
 * "interrupted". In the order of their attempts. */
int abl_read_paused(struct abl_store *store, int64_t study, abl_hear_stage *hear, void *data,
		    struct abl_err *err) ABL_MUST_USE;
/* Failed, timed out, stopped, each once, in the order of their attempts. */
int abl_read_failures(struct abl_store *store, int64_t study, abl_hear_stage *hear, void *data,
		      struct abl_err *err) ABL_MUST_USE;

/* How many trials failed of each cause, the most frequent first; NULL: nobody knows. */
int abl_read_causes(struct abl_store *store, int64_t study,
		    void (*hear)(void *data, const char *cause, int64_t trials), void *data,
		    struct abl_err *err) ABL_MUST_USE;

struct abl_standing {
	const char *path, *text; /* of the study file; path may be NULL */
	const char *about;       /* may be NULL */
	const char *typed;       /* the command line of the last start; NULL: never started */
	const char *trials;      /* "3 done, 1 failed"; NULL: none */
	int64_t variants, tasks, seeds;
	double seconds; /* of computing, for tuned values too; NaN: none */
};
int abl_read_standing(struct abl_store *store, int64_t study,
		      void (*hear)(void *data, const struct abl_standing *standing), void *data,
		      struct abl_err *err) ABL_MUST_USE;

/* The study file as it was when it was last run. */
struct abl_file_record {
	char *path, *text; /* or NULL */
};
int abl_read_file_record(struct abl_store *store, int64_t study, struct abl_file_record *out,
			 struct abl_err *err) ABL_MUST_USE;
void abl_file_record_finish(struct abl_file_record *r);

#endif
