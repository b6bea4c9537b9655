/* SPDX-License-Identifier: Apache-2.0 */
/* compute.h - what a model computes with. Nothing of it is the process's: models with different
 * precisions and threads work side by side. */
#ifndef ABL_COMPUTE_H
#define ABL_COMPUTE_H

#include "errors.h"
#include "team.h"

/* Its user only reads it, abl_compute_measure() apart. */
struct abl_compute {
	struct abl_team team;
};

/* precision: the number format of dense layers' operands, "fp32" or "bf16"; results and sums are
 * fp32 in both, and so are layers narrower than 32. ABL_EFAIL where the CPU or the build has no
 * bf16. threads: of one model's work, which no result depends on; 1 where fewer are asked for. The
 * calling thread takes denormal numbers as 0 from now on. Ends with abl_compute_destroy(), behind
 * whatever was given it. One thread at a time computes with it. */
int abl_compute_create(struct abl_compute **out, const char *precision, int threads,
		       struct abl_err *err) ABL_MUST_USE;
void abl_compute_destroy(struct abl_compute *c); /* null-safe */

#endif
