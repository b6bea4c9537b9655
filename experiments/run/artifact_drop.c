/* SPDX-License-Identifier: Apache-2.0 */
#include "artifact_drop.h"

#include "attempt_folder.h"
#include "disk_use.h"
#include "files.h"
#include "seal.h"
#include "stage_uses.h"
#include "store_drop.h"
#include "str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_own_file(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISREG(st.st_mode);
}

static int copy(const char *from, const char *to, struct abl_err *err)
{
	struct abl_str bytes = {0};
	int rc = abl_file_read(from, &bytes, SIZE_MAX / 2, err);

	rc = rc ? rc : abl_file_write(to, bytes.text, bytes.length, err);
	abl_str_finish(&bytes);
	return rc;
}

/* Puts the file into a sealed folder of its own. */
static int set_apart(const char *from, const char *name, const char *folder,
		     char seal[ABL_HASH_TEXT], struct abl_err *err)
{
	struct abl_made made = {0};
	char *source = abl_path_join(from, name), *to = abl_path_join(folder, name);
	char *above = abl_path_dir(to);
	int rc = abl_remove_tree(folder, err);

	rc = rc ? rc : abl_mkdir_all(above, err);
	if (!rc && link(source, to)) /* the file system has no such links */
		rc = copy(source, to, err);
	abl_made_begin(&made);
	rc = rc ? rc : abl_made_take_file(to, err);
	abl_made_begin(NULL);
	rc = rc ? rc : abl_made_seal(&made, folder, seal, err);
	abl_made_finish(&made);
	if (rc)
		(void)!abl_remove_tree(folder, NULL);
	free(source), free(to), free(above);
	return rc;
}

int abl_artifact_forget(struct abl_store *store, const char *artifact, struct abl_err *err)
{
	char *folder = abl_path_join(abl_store_folder(store), artifact), *file = NULL;
	struct abl_str left = {0}, apart = {0};
	char seal[ABL_HASH_TEXT];
	struct abl_stage_drop drop = {.artifact = artifact, .what = "all"};
	int rc = abl_read_predictions_of(store, artifact, &file, err);
	char *path = abl_path_join(folder, file ? file : "");

	if (!rc && file && is_own_file(path)) {
		abl_str_printf(&left, "%s.kept", artifact);
		abl_str_printf(&apart, "%s.kept", folder);
		rc = set_apart(folder, file, apart.text, seal, err);
		drop = (struct abl_stage_drop){.artifact = artifact,
					       .what = "weights",
					       .left = left.text,
					       .seal = seal,
					       .bytes = abl_disk_use(apart.text)};
	}
	rc = rc ? rc : abl_store_stage_dropped(store, &drop, err);
	abl_str_finish(&left), abl_str_finish(&apart);
	free(folder), free(file), free(path);
	return rc;
}

int abl_artifact_drop(struct abl_store *store, const char *artifact, struct abl_err *err)
{
	char *folder = abl_path_join(abl_store_folder(store), artifact);
	int rc = abl_artifact_forget(store, artifact, err);

	rc = rc ? rc : abl_store_sync(store, true, err);
	rc = rc ? rc : abl_remove_tree(folder, err);
	free(folder);
	return rc;
}
