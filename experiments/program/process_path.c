/* SPDX-License-Identifier: Apache-2.0 */
#include "process_path.h"

#include "files.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *path_of_environment(const struct abl_process_spec *spec)
{
	for (const char *const *e = spec->environment; *e; e++)
		if (!strncmp(*e, "PATH=", 5))
			return *e + 5;
	return "/usr/local/bin:/usr/bin:/bin";
}

static bool is_program(const char *path)
{
	return abl_is_regular(path) && !access(path, X_OK);
}

static int with_slash(const struct abl_process_spec *spec, char **out, struct abl_err *err)
{
	const char *name = spec->argv[0];
	char *path = abl_path_join(spec->directory, name);
	int rc = 0;

	if (abl_is_dir(path))
		rc = abl_err_set(err, ABL_EINPUT, "cannot start '%s': it is a folder", name);
	else if (!abl_file_exists(path))
		rc = abl_err_set(err, ABL_EINPUT, "cannot start '%s': no such file in '%s'", name,
				 spec->directory);
	else if (!is_program(path))
		rc = abl_err_set(err, ABL_EINPUT,
				 "cannot start '%s': it is not executable; 'chmod +x' it, or write "
				 "what runs it before: [python, %s]",
				 name, name);
	if (rc)
		free(path);
	else
		*out = path;
	return rc;
}

/* An empty folder of PATH is the current one, as for every shell. */
static char *look_for(const char *path, const struct abl_process_spec *spec)
{
	while (*path) {
		const size_t length = strcspn(path, ":");
		struct abl_str folder = {0}, name = {0};
		char *whole;

		abl_str_add(&folder, length ? path : ".", length ? length : 1);
		abl_str_printf(&name, "%s/%s", folder.text, spec->argv[0]);
		whole = abl_path_join(spec->directory, name.text);
		abl_str_finish(&folder);
		abl_str_finish(&name);
		if (is_program(whole))
			return whole;
		free(whole);
		path += length + (path[length] == ':');
	}
	return NULL;
}

int abl_process_path(const struct abl_process_spec *spec, char **out, struct abl_err *err)
{
	const char *path = path_of_environment(spec), *name = spec->argv[0];
	char *here;
	int rc;

	if (!abl_is_dir(spec->directory))
		return abl_err_set(err, ABL_EINPUT, "cannot start '%s': no folder '%s'", name,
				   spec->directory);
	if (strchr(name, '/'))
		return with_slash(spec, out, err);
	*out = *name ? look_for(path, spec) : NULL;
	if (*out)
		return 0;
	here = abl_path_join(spec->directory, name);
	if (*name && abl_is_regular(here))
		rc = abl_err_set(err, ABL_EINPUT,
				 "cannot start '%s': it is not in PATH (%s); a file of the "
				 "study's directory is './%s', or [python, %s]",
				 name, path, name, name);
	else
		rc = abl_err_set(err, ABL_EINPUT, "cannot start '%s': it is not in PATH (%s)", name,
				 path);
	free(here);
	return rc;
}

/* What a script says that runs it: the rest of its first line; "" where there is none. */
static void interpreter(const char *path, char *out, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (strncmp(out, "#!", 2))
		*out = '\0';
}

int abl_process_path_failed(const struct abl_process_spec *spec, const char *path, bool no_folder,
			    int why, struct abl_err *err)
{
	const char *name = spec->argv[0];
	char first[128];

	interpreter(path, first, sizeof first);
	if (no_folder)
		return abl_err_set(err, ABL_EINPUT, "cannot start '%s': cannot enter '%s': %s",
				   name, spec->directory, strerror(why));
	if (why == ENOENT && *first)
		return abl_err_set(err, ABL_EINPUT,
				   "cannot start '%s': what its first line names does not exist: "
				   "%s%s",
				   name, first,
				   strchr(first, '\r') ? " (line ends of Windows)" : "");
	if (why == ENOEXEC)
		return abl_err_set(
			err, ABL_EINPUT,
			"cannot start '%s': it is no program of this machine, and its "
			"first line does not say what runs it ('#!'); write that before: "
			"[sh, %s]",
			name, name);
	if (why == E2BIG)
		return abl_err_set(err, ABL_EINPUT,
				   "cannot start '%s': its words and its environment are too long; "
				   "'flags: json' passes options in a file",
				   name);
	return abl_err_set(err, why == EAGAIN || why == ENOMEM ? ABL_EIO : ABL_EINPUT,
			   "cannot start '%s': %s", name, strerror(why));
}
