/* SPDX-License-Identifier: Apache-2.0 */
#include "best.h"

#include "files.h"
#include "gemm.h"
#include "hash.h"
#include "made.h"
#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "best.safetensors"

static void describe(const struct abl_params *p, int64_t step, char text[32],
		     char hash[ABL_HASH_TEXT])
{
	snprintf(text, 32, "%lld", (long long)step);
	abl_hash_bytes(p->w, 4 * p->values, hash);
}

int abl_best_save(struct abl_model *m, const char *folder, int64_t step, struct abl_err *err)
{
	const struct abl_params *p = abl_model_params(m);
	const struct abl_tensor t = {
		.name = "w", .shape = {p->values}, .dims = 1, .count = p->values, .data = p->w};
	char *path = abl_path_join(folder, FILE_NAME), text[32], hash[ABL_HASH_TEXT];
	int rc;

	describe(p, step, text, hash);
	rc = abl_safetensors_write(path, &t, 1,
				   (const char *const[]){"step", text, "xxh3", hash, NULL}, err);
	rc = rc ? rc : abl_sync_path(path, err);
	rc = rc ? rc : abl_sync_path(folder, err);
	free(path);
	return rc;
}

static bool is(const struct abl_safetensors *s, const char *key, const char *wanted)
{
	const char *value = abl_safetensors_metadata(s, key);

	return value && !strcmp(value, wanted);
}

int abl_best_load(struct abl_model *m, const char *folder, int64_t step, struct abl_err *err)
{
	struct abl_params *p = abl_model_params(m);
	char *path = abl_path_join(folder, FILE_NAME), text[32], hash[ABL_HASH_TEXT];
	struct abl_safetensors *s = NULL;
	int rc = abl_safetensors_open(&s, path, err);
	const struct abl_tensor *t = rc ? NULL : abl_safetensors_find(s, "w");

	if (t && t->count == p->values)
		memcpy(p->w, t->data, 4 * p->values);
	abl_gemm_weights_changed();
	describe(p, step, text, hash);
	if (!rc && (!t || t->count != p->values || !is(s, "step", text) || !is(s, "xxh3", hash)))
		rc = abl_err_set(err, ABL_EIO,
				 "'%s' is damaged or not of step %s: the best weights are lost",
				 path, text);
	abl_safetensors_close(s);
	free(path);
	return rc;
}

void abl_best_remove(const char *folder)
{
	char *path = abl_path_join(folder, FILE_NAME);

	abl_made_remove(path);
	free(path);
}
