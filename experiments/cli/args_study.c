/* SPDX-License-Identifier: Apache-2.0 */
#include "args_study.h"

#include "study_name.h"

int abl_study_arg_open(const struct abl_args *args, const char *word, struct abl_store **store,
		       int64_t *study, struct abl_err *err)
{
	struct abl_str name = {0};
	int rc = abl_study_name(word, &name, err);

	rc = rc ? rc : abl_store_open(store, abl_args_store(args), ABL_STORE_READ, err);
	if (!rc && (rc = abl_store_find_study(*store, name.text, study, err)))
		abl_store_close(*store);
	abl_str_finish(&name);
	return rc;
}

int abl_study_arg_plan(const struct abl_args *args, struct abl_study_run *r, struct abl_err *err)
{
	const int64_t workers = abl_args_int(args, "workers", 0);

	if (workers < 0 || workers > 4096 || (abl_args_text(args, "workers") && !workers))
		return abl_err_set(err, ABL_EINPUT,
				   "--workers is out of range: %lld; it must be from 1 to 4096",
				   (long long)workers);
	return abl_study_run_plan(r, args->word[0], abl_args_text(args, "data"), workers, err);
}
