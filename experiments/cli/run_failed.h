/* SPDX-License-Identifier: Apache-2.0 */
/* run_failed.h - what of a run has failed, and why, for its end. */
#ifndef ABL_RUN_FAILED_H
#define ABL_RUN_FAILED_H

#include "study_run.h"

/* Prints each reason once, with the first log. Returns the number of failed trials. */
size_t abl_run_print_failures(const struct abl_study_run *r);

#endif
