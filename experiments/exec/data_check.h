/* SPDX-License-Identifier: Apache-2.0 */
/* data_check.h - is the data of a worker that of the head? Asked before a stage starts there: two
 * machines can have different files at the same path. */
#ifndef ABL_DATA_CHECK_H
#define ABL_DATA_CHECK_H

#include "hash.h"
#include "input_hash.h"
#include "trial_roots.h"

#include <stddef.h>

struct abl_data_fact {
	char *path;               /* absolute, on the head */
	char hash[ABL_HASH_TEXT]; /* of its bytes (input_hash.h) */
};

struct abl_data_facts {
	struct abl_data_fact *fact;
	size_t count, capacity;
};

/* Takes over no text. */
void abl_data_facts_add(struct abl_data_facts *out, const char *path, const char *hash);
void abl_data_facts_finish(struct abl_data_facts *f); /* null-safe */

/* ABL_EINPUT: a file that is missing here, or another one; says which. */
int abl_data_check(const struct abl_data_facts *facts, const struct abl_roots *from,
		   const struct abl_roots *to, struct abl_hash_cache *cache,
		   struct abl_err *err) ABL_MUST_USE;

#endif
