/* SPDX-License-Identifier: Apache-2.0 */
/* test_compute.h - what tests compute with, or they fail. */
#ifndef ABL_TEST_COMPUTE_H
#define ABL_TEST_COMPUTE_H

#include "compute.h"

#include <check.h>

/* Ends with abl_compute_destroy(). */
static inline struct abl_compute *compute_by(const char *precision, int threads,
					     const char *kernels, const char *backend)
{
	struct abl_compute *c = NULL;
	struct abl_err err = {0};

	ck_assert_msg(!abl_compute_create_by(&c, precision, threads, kernels, backend, &err), "%s",
		      err.text);
	return c;
}

static inline struct abl_compute *compute_of(const char *precision, int threads)
{
	return compute_by(precision, threads, NULL, NULL);
}

#endif
