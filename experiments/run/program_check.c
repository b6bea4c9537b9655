/* SPDX-License-Identifier: Apache-2.0 */
#include "program_check.h"

#include "code_copy.h"
#include "machine.h"
#include "program_parts.h"

#define SECONDS_A_FILE 1e-3 /* between two looks: some hundred times what one takes */
#define FEW 100             /* files: they are looked at every time */

static int check(struct abl_run *run, size_t stage, bool begins, struct abl_err *err)
{
	const size_t step = run->plan->stages[stage].step;
	const struct abl_code_set *set;
	struct abl_run_code *code;
	size_t files;
	int rc = 0;

	if (!run->code)
		return 0;
	code = &run->code[step];
	if (abl_clock_now() < (begins ? code->code_until : code->inputs_until))
		return 0;
	set = &run->plan->program->part[step].code;
	if (!run->hashes)
		run->hashes = abl_hash_cache_open(run->folder);
	if (code->folder && begins)
		rc = abl_code_copy(set, run->folder, false, err);
	rc = rc ? rc : abl_code_check(set, run->hashes, !code->folder, err);
	files = set->code.count + set->inputs.count;
	if (rc || files <= FEW)
		return rc;
	code->inputs_until = abl_clock_now() + SECONDS_A_FILE * (double)files;
	if (begins) /* the copy is not looked at when an attempt ends */
		code->code_until = code->inputs_until;
	return 0;
}

int abl_program_check(struct abl_run *run, size_t stage, struct abl_err *err)
{
	return check(run, stage, true, err);
}

int abl_program_check_inputs(struct abl_run *run, size_t stage, struct abl_err *err)
{
	return check(run, stage, false, err);
}
