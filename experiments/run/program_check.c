/* SPDX-License-Identifier: Apache-2.0 */
#include "program_check.h"

#include "code_copy.h"
#include "machine.h"
#include "program_parts.h"

#define SECONDS_A_FILE 1e-3 /* between two looks: some hundred times what one takes */

static int check(struct abl_run *run, size_t stage, bool begins, struct abl_err *err)
{
	const size_t step = run->plan->stages[stage].step;
	const struct abl_code_set *set;
	struct abl_run_code *code;
	int rc = 0;

	if (!run->code || abl_clock_now() < run->code[step].checked_until)
		return 0;
	code = &run->code[step];
	set = &run->plan->program->part[step].code;
	if (!run->hashes)
		run->hashes = abl_hash_cache_open(run->folder);
	if (code->folder && begins)
		rc = abl_code_copy(set, run->folder, false, err);
	rc = rc ? rc : abl_code_check(set, run->hashes, !code->folder, err);
	if (!rc)
		code->checked_until =
			abl_clock_now() +
			SECONDS_A_FILE * (double)(set->code.count + set->inputs.count);
	return rc;
}

int abl_program_check(struct abl_run *run, size_t stage, struct abl_err *err)
{
	return check(run, stage, true, err);
}

int abl_program_check_inputs(struct abl_run *run, size_t stage, struct abl_err *err)
{
	return check(run, stage, false, err);
}
