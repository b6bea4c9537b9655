/* SPDX-License-Identifier: Apache-2.0 */
/* rerun_stages.h - the stages of a trial as a store has them; inside rerun. */
#ifndef ABL_RERUN_STAGES_H
#define ABL_RERUN_STAGES_H

#include "again.h"

#include <stddef.h>

struct abl_again_stages {
	struct abl_again_stage *stage; /* texts are their own */
	size_t count, capacity;
};

int abl_again_stages_read(struct abl_again_stages *out, struct abl_store *store, int64_t trial,
			  struct abl_err *err) ABL_MUST_USE;
void abl_again_stages_finish(struct abl_again_stages *s); /* null-safe */
const struct abl_again_stage *abl_again_stages_role(const struct abl_again_stages *s,
						    const char *role);

struct abl_again_numbers {
	struct abl_again_number *number; /* names are interned */
	size_t count, capacity;
};
int abl_again_numbers_read(struct abl_again_numbers *out, struct abl_store *store, const char *key,
			   struct abl_err *err) ABL_MUST_USE;

#endif
