/* SPDX-License-Identifier: Apache-2.0 */
#include "store_arg.h"

int abl_store_arg_change(const struct abl_args *args, struct abl_store **store, struct abl_err *err)
{
	const char *folder = abl_args_store(args);
	int rc = abl_store_open(store, folder, ABL_STORE_READ, err);

	if (rc)
		return rc;
	abl_store_close(*store); /* it is there: so none is made */
	*store = NULL;
	return abl_store_open(store, folder, ABL_STORE_WRITE, err);
}
