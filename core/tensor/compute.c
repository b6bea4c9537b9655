/* SPDX-License-Identifier: Apache-2.0 */
#include "compute.h"

#include "gemm.h"
#include "str.h"

#include <stdlib.h>

int abl_compute_create(struct abl_compute **out, const char *precision, int threads,
		       struct abl_err *err)
{
	struct abl_compute *c;
	int rc = abl_gemm_precision(precision, err);

	if (rc)
		return rc;
	c = abl_calloc(1, sizeof *c);
	c->team.threads = threads > 1 ? threads : 1;
	abl_team_enter();
	*out = c;
	return 0;
}

void abl_compute_destroy(struct abl_compute *c)
{
	free(c);
}
