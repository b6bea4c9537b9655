/* SPDX-License-Identifier: Apache-2.0 */
#include "record_file.h"

#include "hash.h"
#include "str.h"

#include <string.h>
#include <sys/stat.h>

int abl_record_file(struct abl_store *store, int64_t study, const char *name, const char *part,
		    const char *path, struct abl_err *err)
{
	char hash[ABL_HASH_TEXT] = "";
	struct abl_str role = {0};
	struct stat st = {0};
	int rc;

	if (!path || !strcmp(path, "world"))
		return 0;
	abl_str_printf(&role, "%s/%s", name, part);
	rc = stat(path, &st) ? abl_err_set(err, ABL_EINPUT, "cannot read '%s'", path)
			     : abl_hash_file(path, hash, err);
	if (!rc)
		rc = abl_store_put_data(store, study, role.text, path, hash, (int64_t)st.st_size,
					err);
	abl_str_finish(&role);
	return rc;
}
