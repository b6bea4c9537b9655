/* SPDX-License-Identifier: Apache-2.0 */
#include "data_check.h"

#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void abl_data_facts_add(struct abl_data_facts *out, const char *path, const char *hash)
{
	struct abl_data_fact *f;

	for (size_t i = 0; i < out->count; i++)
		if (!strcmp(out->fact[i].path, path))
			return;
	abl_grow(&out->fact, &out->capacity, out->count + 1, sizeof *out->fact);
	f = &out->fact[out->count++];
	f->path = abl_strdup(path);
	snprintf(f->hash, sizeof f->hash, "%s", hash);
}

void abl_data_facts_finish(struct abl_data_facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		free(f->fact[i].path);
	free(f->fact);
	*f = (struct abl_data_facts){0};
}

int abl_data_check(const struct abl_data_facts *facts, const struct abl_roots *from,
		   const struct abl_roots *to, struct abl_hash_cache *cache, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < facts->count && !rc; i++) {
		struct abl_str path = {0};
		struct abl_content content;

		abl_roots_move(&path, facts->fact[i].path, from, to);
		rc = abl_hash_cache_file(cache, path.text, &content, err);
		if (!rc && strcmp(content.hash, facts->fact[i].hash))
			rc = abl_err_set(err, ABL_EINPUT,
					 "'%s' is not the file that the run was planned with",
					 path.text);
		abl_str_finish(&path);
	}
	return rc;
}
