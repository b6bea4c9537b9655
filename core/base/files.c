/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

int abl_sync_dir(const char *path, struct abl_err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd))
		rc = abl_err_set(err, ABL_EIO, "cannot sync folder '%s': %s", path,
				 strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

static int cannot_write(const char *path, struct abl_err *err)
{
	return abl_err_set(err, ABL_EIO, "cannot write '%s': %s", path, strerror(errno));
}

int abl_writer_open(struct abl_writer *w, const char *path, struct abl_err *err)
{
	bool replaced = abl_is_regular(path) || !abl_file_exists(path);

	*w = (struct abl_writer){.path = abl_strdup(path)};
	if (replaced)
		abl_str_printf(&w->beside, "%s.tmp-%ld", path, (long)getpid());
	w->file = fopen(replaced ? w->beside.text : path, "wbe");
	if (w->file)
		return 0;
	cannot_write(path, err);
	abl_writer_drop(w);
	return ABL_EIO;
}

void abl_writer_drop(struct abl_writer *w)
{
	if (w->file)
		fclose(w->file);
	if (w->beside.length)
		unlink(w->beside.text);
	free(w->path);
	abl_str_finish(&w->beside);
	*w = (struct abl_writer){0};
}

int abl_writer_commit(struct abl_writer *w, struct abl_err *err)
{
	bool replaces = w->beside.length;
	char *dir = abl_path_dir(w->path);
	int rc = 0;

	if (fflush(w->file) || ferror(w->file) || (replaces && fsync(fileno(w->file))))
		rc = cannot_write(w->path, err);
	if (fclose(w->file) && !rc)
		rc = cannot_write(w->path, err);
	w->file = NULL;
	if (!rc && replaces) {
		if (rename(w->beside.text, w->path))
			rc = cannot_write(w->path, err);
		else
			abl_str_clear(&w->beside);
	}
	if (!rc && replaces)
		rc = abl_sync_dir(dir, err);
	abl_writer_drop(w);
	free(dir);
	return rc;
}

int abl_file_write(const char *path, const void *bytes, size_t length, struct abl_err *err)
{
	struct abl_writer w;
	int rc = abl_writer_open(&w, path, err);

	if (rc)
		return rc;
	fwrite(bytes, 1, length, w.file); /* abl_writer_commit() looks for errors */
	return abl_writer_commit(&w, err);
}

/* Shortened afterwards: ext4 writes a file at once to the disk that was emptied first. */
int abl_file_write_passing(const char *path, const void *bytes, size_t length, struct abl_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666), rc = 0;
	size_t done = 0;

	while (fd >= 0 && done < length) {
		ssize_t n = write(fd, (const char *)bytes + done, length - done);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || done < length || ftruncate(fd, (off_t)length))
		rc = cannot_write(path, err);
	if (fd >= 0 && close(fd) && !rc)
		rc = cannot_write(path, err);
	return rc;
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

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int abl_remove_tree(const char *path, struct abl_err *err)
{
	struct stat st;

	assert(path[0] && strcmp(path, "/"));
	if (lstat(path, &st))
		return 0;
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT))
		return abl_err_set(err, ABL_EIO, "cannot remove '%s': %s", path, strerror(errno));
	return 0;
}
