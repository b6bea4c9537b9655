/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool abl_file_exists(const char *path)
{
	return !access(path, F_OK);
}

bool abl_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

bool abl_is_regular(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

char *abl_path_join(const char *base, const char *name)
{
	struct abl_str s = {0};

	if (name[0] == '~' && (name[1] == '/' || !name[1]) && getenv("HOME"))
		abl_str_printf(&s, "%s%s", getenv("HOME"), name + 1);
	else if (name[0] == '/' || !base || !*base)
		abl_str_puts(&s, name);
	else
		abl_str_printf(&s, "%s/%s", base, name);
	return s.text;
}

char *abl_path_whole(const struct abl_whole *w, const char *path)
{
	const size_t n = w->data && w->whole_data ? strlen(w->data) : 0;

	if (!n || strncmp(path, w->data, n) != 0 || (path[n] && path[n] != '/'))
		return abl_path_join(w->directory, path);
	return path[n] ? abl_path_join(w->whole_data, path + n + 1) : abl_strdup(w->whole_data);
}

char *abl_path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;

	if (!slash)
		return abl_strdup(".");
	if (slash == path)
		return abl_strdup("/");
	dir = abl_strdup(path);
	dir[slash - path] = '\0';
	return dir;
}

char *abl_real_path(const char *path)
{
	char *real = realpath(path, NULL);

	return errno == ENOMEM && !real ? abl_there(real, "a path") : real;
}

int abl_file_read(const char *path, struct abl_str *out, size_t limit, struct abl_err *err)
{
	struct abl_reader *r;
	char block[1 << 15];
	size_t total = 0;
	long got;
	int rc = abl_reader_open(&r, path, err);

	if (rc)
		return rc;
	abl_str_add(out, "", 0);
	while ((got = abl_reader_read(r, block, sizeof block, err)) > 0) {
		total += (size_t)got;
		if (total > limit) {
			got = abl_err_set(err, ABL_EINPUT, "%s: file is larger than %zu bytes",
					  path, limit);
			break;
		}
		abl_str_add(out, block, (size_t)got);
	}
	abl_reader_close(r);
	return (int)got;
}

int abl_mkdir_all(const char *path, struct abl_err *err)
{
	char *copy;
	int rc = 0;

	if (!mkdir(path, 0777)) /* mostly only the last part is missing */
		return 0;
	copy = abl_strdup(path);
	for (char *p = copy + 1; !rc; p++) {
		char kept = *p;

		if (kept && kept != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			rc = abl_err_set(err, ABL_EIO, "cannot create folder '%s': %s", copy,
					 strerror(errno));
		*p = kept;
		if (!kept)
			break;
	}
	if (!rc && !abl_is_dir(path))
		rc = abl_err_set(err, ABL_EIO,
				 "cannot create folder '%s': a file of that name exists", path);
	free(copy);
	return rc;
}
