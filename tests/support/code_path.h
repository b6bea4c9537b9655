/* SPDX-License-Identifier: Apache-2.0 */
/* code_path.h - for tests that meson runs once for each code path ($ABLATE_KERNELS, $ABLATE_GEMM):
 * what is forced but missing here is named, never quietly replaced by another path. */
#ifndef ABL_TEST_CODE_PATH_H
#define ABL_TEST_CODE_PATH_H

#include "compute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Did the environment force a path that this CPU has not? Then it has said so: the test ends. */
static inline bool code_path_missing(void)
{
	const char *set = getenv("ABLATE_KERNELS"), *backend = getenv("ABLATE_GEMM");

	if ((!set || !strcmp(set, abl_kernels_choose()->name)) &&
	    (!backend || !strcmp(backend, abl_compute_backend("fp32")) ||
	     !strcmp(backend, abl_compute_backend("bf16"))))
		return false;
	printf("1..0 # SKIP this CPU has no kernels '%s' with products '%s'\n", set ? set : "any",
	       backend ? backend : "any");
	return true;
}

#endif
