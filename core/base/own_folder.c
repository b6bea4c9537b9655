/* SPDX-License-Identifier: Apache-2.0 */
#include "own_folder.h"

#include "file_system.h"
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool abl_is_orphan(const char *name)
{
	const char *mark = strstr(name, ".tmp-");
	int64_t pid;

	return mark && abl_parse_int(mark + 5, &pid) && pid > 0 && kill((pid_t)pid, 0) &&
	       errno == ESRCH;
}

void abl_orphans_remove(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *folder = abl_path_dir(path), network[ABL_FILE_SYSTEM_NAME];
	const size_t n = strlen(base);
	DIR *d = abl_file_system_network(folder, network) ? NULL : opendir(folder);

	for (struct dirent *e; d && (e = readdir(d));)
		if (!strncmp(e->d_name, base, n) && !strncmp(e->d_name + n, ".tmp-", 5) &&
		    abl_is_orphan(e->d_name + n)) {
			char *left = abl_path_join(folder, e->d_name);

			(void)!abl_remove_tree(left, NULL);
			free(left);
		}
	if (d)
		closedir(d);
	free(folder);
}

int abl_own_folder(const char *path, char **out, struct abl_err *err)
{
	struct abl_str own = {0};
	int rc;

	abl_orphans_remove(path);
	abl_str_printf(&own, "%s.tmp-%ld", path, (long)getpid());
	/* of an earlier process with this number */
	(void)!abl_remove_tree(own.text, NULL);
	if (!mkdir(own.text, 0700)) {
		*out = own.text;
		return 0;
	}
	rc = abl_err_set(err, errno == ENOSPC || errno == EDQUOT ? ABL_EFULL : ABL_EINPUT,
			 "cannot make the folder '%s': %s", own.text, strerror(errno));
	abl_str_finish(&own);
	return rc;
}
