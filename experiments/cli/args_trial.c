/* SPDX-License-Identifier: Apache-2.0 */
#include "args_trial.h"

#include "attempts.h"
#include "study_name.h"
#include "trial_name.h"

/* A trial's number can look like the beginning of a key: the trial comes first. */
static int find(struct abl_store *store, const char *word, struct abl_trial_arg *out,
		struct abl_err *err)
{
	struct abl_err why = {0};
	int rc = abl_trial_find(store, word, &out->trial, &why);

	if (!rc)
		return 0;
	out->trial = 0;
	rc = abl_read_stage_key(store, word, out->key, err);
	if (rc)
		return rc > 0 ? 0 : rc;
	return abl_err_set(err, why.code, "%s", why.text);
}

int abl_trial_arg_open(const struct abl_args *args, const char *word, struct abl_store **store,
		       struct abl_trial_arg *out, struct abl_err *err)
{
	int rc = abl_store_open(store, abl_args_store(args), ABL_STORE_READ, err);

	*out = (struct abl_trial_arg){.trial = 0};
	if (rc)
		return rc;
	rc = find(*store, abl_nfc(word), out, err);
	if (rc)
		abl_store_close(*store), *store = NULL;
	return rc;
}
