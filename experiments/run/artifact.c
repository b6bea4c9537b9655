/* SPDX-License-Identifier: Apache-2.0 */
#include "artifact.h"

#include "attempt_folder.h"
#include "files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define SHORTEST_KEY 4

static bool is_checkpoint(const char *folder)
{
	char *path = abl_path_join(folder, "config.json");
	bool there = abl_file_exists(path);

	free(path);
	return there;
}

char *abl_artifact_find(const char *store, const char *key, struct abl_err *err)
{
	char *folder = abl_store_path(store, "artifacts"), *found = NULL;
	DIR *d = strlen(key) >= SHORTEST_KEY ? opendir(folder) : NULL;
	struct dirent *entry;
	size_t n = 0, others = 0;

	while (d && (entry = readdir(d))) {
		char *path;

		if (strncmp(entry->d_name, key, strlen(key)) != 0 || entry->d_name[0] == '.')
			continue;
		path = abl_path_join(folder, entry->d_name);
		if (!is_checkpoint(path)) {
			others++;
			free(path);
			continue;
		}
		free(found);
		found = path;
		n++;
	}
	if (d)
		closedir(d);
	free(folder);
	if (n == 1)
		return found;
	if (n)
		abl_err_set(err, ABL_EINPUT,
			    "'%s' starts %zu keys of checkpoints in '%s': give more of the key",
			    key, n, store);
	else if (others)
		abl_err_set(err, ABL_EINPUT,
			    "the stage '%s' in '%s' left no checkpoint: it is neither a "
			    "pre-training nor a fine-tuning",
			    key, store);
	else
		abl_err_set(err, ABL_EINPUT,
			    "no folder and no stage key starts with '%s' in '%s' (at least 4 "
			    "characters; 'ablate plan STUDY --verbose' lists them)",
			    key, store);
	free(found);
	return NULL;
}
