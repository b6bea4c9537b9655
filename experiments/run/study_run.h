/* SPDX-License-Identifier: Apache-2.0 */
/* study_run.h - what `plan` and `run` begin with alike: the study, its plan, the machine. */
#ifndef ABL_STUDY_RUN_H
#define ABL_STUDY_RUN_H

#include "code_change.h"
#include "seeds_look.h"
#include "supervisor.h"

struct abl_run_took { /* what was expected as the stages began to run, and what they took */
	double expected_seconds, expected_cpu, expected_memory; /* 0: not known */
	double seconds;
};

struct abl_study_run {
	struct abl_study *study;
	struct abl_plan *plan;
	const char *folder; /* of the store, there or not; or NULL */
	struct abl_store *store;
	struct abl_record record;
	struct abl_supervisor supervisor;
	struct abl_str leaving;          /* abl_plan_leaving() */
	struct abl_str growth;           /* a line on seeds that grow; empty: they do not */
	const struct abl_places *places; /* of --on, the caller's; NULL: this machine alone */
	struct abl_str where;            /* they in words; empty: this machine alone */
	bool more; /* another study follows: workers that call us may stay for it */
	enum abl_code_choice choice;
	struct abl_code_change change; /* of the code, since what is done */
	struct abl_str difference;     /* what it is, for people; empty: none */
	struct abl_run_took took;
};

/* Loads and plans the study of that file. `data` as in struct abl_study_options; `workers` as in
 * abl_core_sharing(). No store is opened and nothing is written. */
int abl_study_run_plan(struct abl_study_run *r, const char *path, const char *data, int64_t workers,
		       struct abl_err *err) ABL_MUST_USE;
/* The same of a study that is loaded already. */
int abl_study_run_plan_loaded(struct abl_study_run *r, int64_t workers,
			      struct abl_err *err) ABL_MUST_USE;
/* How its stages stand in the store: opened for reading where there is one, or (`write`) made,
 * locked and told of the plan. One that r->store has already is taken. */
int abl_study_run_open(struct abl_study_run *r, const char *folder, bool write,
		       struct abl_err *err) ABL_MUST_USE;
/* The same two where only test files are to be scored: those of the tasks that `tested` marks are
 * (set in r->study, which is loaded), by the trials that the store has of the study. */
int abl_study_run_plan_tests(struct abl_study_run *r, int64_t workers,
			     struct abl_err *err) ABL_MUST_USE;
int abl_study_run_open_tests(struct abl_study_run *r, const char *folder, int64_t *study,
			     struct abl_tests_put *put, struct abl_err *err) ABL_MUST_USE;
/* After a run: whether seeds are to be added (`next` above `planned`). The next plan of the study
 * has them. */
int abl_study_run_look(const struct abl_study_run *r, struct abl_seeds_look *out,
		       struct abl_err *err) ABL_MUST_USE;
void abl_study_run_finish(struct abl_study_run *r); /* null-safe */

#endif
