/* SPDX-License-Identifier: Apache-2.0 */
/* data_check.h - is the data of a worker that of the head? Asked before a stage starts there: two
 * machines can have different files at the same path. */
#ifndef ABL_DATA_CHECK_H
#define ABL_DATA_CHECK_H

#include "executor.h"
#include "input_hash.h"
#include "trial_roots.h"

/* `files` as in struct abl_attempt_spec, with hashes of their bytes (input_hash.h); paths are the
 * head's. ABL_EINPUT: one that is missing here, or another one; says which. */
int abl_data_check(const struct abl_needed_file *files, const struct abl_roots *from,
		   const struct abl_roots *to, struct abl_hash_cache *cache,
		   struct abl_err *err) ABL_MUST_USE;

#endif
