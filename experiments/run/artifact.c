/* SPDX-License-Identifier: Apache-2.0 */
#include "artifact.h"

#include "attempt_folder.h"
#include "files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define SHORTEST_KEY 4

char *abl_artifact_find(const char *store, const char *key, struct abl_err *err)
{
	char *folder = abl_store_path(store, "artifacts"), *found = NULL;
	DIR *d = strlen(key) >= SHORTEST_KEY ? opendir(folder) : NULL;
	struct dirent *entry;
	size_t n = 0;

	while (d && (entry = readdir(d)))
		if (!strncmp(entry->d_name, key, strlen(key)) && entry->d_name[0] != '.') {
			free(found);
			found = abl_path_join(folder, entry->d_name);
			n++;
		}
	if (d)
		closedir(d);
	free(folder);
	if (n == 1)
		return found;
	if (n)
		abl_err_set(err, ABL_EINPUT,
			    "'%s' starts %zu stage keys in '%s': give more of the key", key, n,
			    store);
	else
		abl_err_set(err, ABL_EINPUT,
			    "no folder and no stage key starts with '%s' in '%s' (at least 4 "
			    "characters; 'ablate plan STUDY --verbose' lists them)",
			    key, store);
	free(found);
	return NULL;
}
