/* SPDX-License-Identifier: Apache-2.0 */
/* program_parts.h - what a plan keeps of a user's program: its code and inputs as they are now,
 * step by step, and how its steps are called in a trial. */
#ifndef ABL_PROGRAM_PARTS_H
#define ABL_PROGRAM_PARTS_H

#include "code_files.h"
#include "program.h"

/* The roles of steps before the last one begin so: views show their metrics beside those of
 * `evaluate`. Those of a repetition are no result of a trial. */
#define ABL_STEP_ROLE "step "
#define ABL_REPEAT_ROLE "repeat"

struct abl_program_part { /* of a step */
	char *role, *repeat;
	struct abl_code_set code;
	const char **command,
		**wrap; /* words as they are run, with {placeholders}; NULL ends them */
};

struct abl_plan_program {
	struct abl_program_part *part; /* [count] */
	size_t count;
};

/* Finds and hashes files. `store`: a folder that may know hashes, or NULL. */
int abl_program_parts_create(struct abl_plan_program **out, const struct abl_program *program,
			     const char *store, struct abl_err *err) ABL_MUST_USE;
void abl_program_parts_destroy(struct abl_plan_program *p); /* null-safe */

#endif
