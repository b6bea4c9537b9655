/* SPDX-License-Identifier: Apache-2.0 */
/* run_stages.h - what `run` and `test` do alike: a start of the program on a study, and the stages
 * that are to be run, with their progress. */
#ifndef ABL_RUN_STAGES_H
#define ABL_RUN_STAGES_H

#include "places.h"
#include "study_run.h"

/* Puts this start of the program into the store. `command`, `word` and `more`, which ends with NULL
 * or is NULL: what was typed. */
int abl_run_start(struct abl_study_run *r, int64_t study, const char *command, const char *word,
		  const char *const *more, struct abl_err *err) ABL_MUST_USE;
/* The longest that a stage of the study may take to save its state. */
double abl_run_grace(const struct abl_study *study);
/* Runs what is to be run, at these places; NULL or none: on this machine. ABL_ESTOP: stopped
 * half-way. */
int abl_run_stages(struct abl_study_run *r, const struct abl_places *places, bool quiet,
		   struct abl_err *err) ABL_MUST_USE;
/* Appends "took     42 s of 40 s expected (+5 %), ..."; nothing where nothing was expected. */
void abl_run_took_text(const struct abl_study_run *r, struct abl_str *out);

#endif
