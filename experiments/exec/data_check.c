/* SPDX-License-Identifier: Apache-2.0 */
#include "data_check.h"

#include "str.h"

#include <string.h>

int abl_data_check(const struct abl_needed_file *files, const struct abl_roots *from,
		   const struct abl_roots *to, struct abl_hash_cache *cache, struct abl_err *err)
{
	int rc = 0;

	for (; files && files->path && !rc; files++) {
		struct abl_str path = {0};
		struct abl_content content;

		abl_roots_move(&path, files->path, from, to);
		rc = abl_hash_cache_file(cache, path.text, &content, err);
		if (!rc && strcmp(content.hash, files->hash))
			rc = abl_err_set(err, ABL_EINPUT,
					 "'%s' is not the file that the run was planned with",
					 path.text);
		abl_str_finish(&path);
	}
	return rc;
}
