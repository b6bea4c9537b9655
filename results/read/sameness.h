/* SPDX-License-Identifier: Apache-2.0 */
/* sameness.h - results that are equal to the last bit where they should not be. */
#ifndef ABL_SAMENESS_H
#define ABL_SAMENESS_H

#include "errors.h"

#include <stddef.h>
#include <stdint.h>

struct abl_store;

/* Tells each variant whose done trials on the task, of two seeds or more, have the same values in
 * every metric: its label and the number of seeds. */
int abl_read_same_over_seeds(struct abl_store *store, int64_t study, const char *task,
			     void (*hear)(void *data, const char *variant, int64_t seeds),
			     void *data, struct abl_err *err) ABL_MUST_USE;
/* Tells each variant but placebos that has, seed by seed, the values of the baseline in every
 * metric. */
int abl_read_same_as_baseline(struct abl_store *store, int64_t study, const char *task,
			      void (*hear)(void *data, const char *variant, int64_t seeds),
			      void *data, struct abl_err *err) ABL_MUST_USE;
/* The difference in the metric between a trial of the baseline and its repetition with the same
 * seed. 1 = there are both, 0 = not. */
int abl_read_repeat(struct abl_store *store, int64_t study, const char *task, const char *metric,
		    double *difference, struct abl_err *err) ABL_MUST_USE;

#endif
