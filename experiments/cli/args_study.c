/* SPDX-License-Identifier: Apache-2.0 */
#include "args_study.h"

#include "study_name.h"

int abl_study_arg_open(const struct abl_args *args, const char *word, struct abl_store **store,
		       int64_t *study, struct abl_err *err)
{
	struct abl_str name = {0};
	int code = abl_study_name(word, &name, err);

	code = code ? code : abl_store_open(store, abl_args_store(args), ABL_STORE_READ, err);
	if (!code && abl_store_find_study(*store, name.text, study, err)) {
		abl_store_close(*store);
		code = err->code;
	}
	abl_str_finish(&name);
	return code;
}
