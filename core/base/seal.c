/* SPDX-License-Identifier: Apache-2.0 */
#include "seal.h"

#include "files.h"
#include "json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEAL_MOST ((size_t)1 << 20) /* bytes */

/* The name of a listed file in the folder, or NULL: it lies elsewhere. */
static const char *name_in(const struct abl_made_file *file, const char *folder)
{
	const size_t n = strlen(folder);

	return !strncmp(file->path, folder, n) && file->path[n] == '/' ? file->path + n + 1 : NULL;
}

static bool is_made(const struct abl_made *m, const char *path)
{
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->files[i].path, path))
			return true;
	return false;
}

/* What nobody has made goes: it may be of whoever was here before, or a link to anywhere. */
static int remove_others(const struct abl_made *m, const char *folder, struct abl_err *err)
{
	DIR *d = opendir(folder);
	int rc = d ? 0 : abl_err_set(err, ABL_EIO, "cannot list '%s': %s", folder, strerror(errno));

	for (struct dirent *e; d && !rc && (e = readdir(d));) {
		char *path = abl_path_join(folder, e->d_name);

		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && !is_made(m, path))
			rc = abl_remove_tree(path, err);
		free(path);
	}
	if (d)
		closedir(d);
	return rc;
}

/* A file of that name in the folder, and never through a link. */
static int open_in(const char *folder, const char *name, struct stat *st, char **path)
{
	int fd;

	*path = abl_path_join(folder, name);
	fd = open(*path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, st)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int damaged(const char *path, const char *what, struct abl_err *err)
{
	return abl_err_set(err, ABL_EDAMAGED, "%s %s", path, what);
}

static int hash_of(int fd, const char *path, char out[ABL_HASH_TEXT], struct abl_err *err)
{
	struct abl_hash *h = abl_hash_create();
	char block[1 << 15];
	ssize_t n;
	int rc = 0;

	while ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			abl_hash_add(h, block, (size_t)n);
	if (n < 0)
		rc = abl_err_set(err, ABL_EIO, "cannot read '%s': %s", path, strerror(errno));
	abl_hash_text(h, out);
	abl_hash_destroy(h);
	return rc;
}

static int check_file(const char *folder, const char *name, uint64_t bytes, const char *hash,
		      struct abl_err *err)
{
	struct stat st = {0};
	char *path, found[ABL_HASH_TEXT];
	int fd = open_in(folder, name, &st, &path), rc = 0;

	if (fd < 0)
		rc = errno == ENOENT ? damaged(path, "is missing", err)
				     : damaged(path, strerror(errno), err);
	else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != bytes)
		rc = damaged(path, "has another size than when it was made", err);
	else if (hash && !(rc = hash_of(fd, path, found, err)) && strcmp(found, hash))
		rc = damaged(path, "is damaged: its hash is not that of what was made", err);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

static int sync_files(const struct abl_made *m, const char *folder, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < m->count && !rc; i++) {
		const struct abl_made_file *f = &m->files[i];

		if (!name_in(f, folder))
			continue;
		rc = abl_sync_path(f->path, err);
		rc = rc ? rc : check_file(folder, name_in(f, folder), f->bytes, NULL, err);
	}
	return rc;
}

int abl_made_seal(const struct abl_made *m, const char *folder, char hash[ABL_HASH_TEXT],
		  struct abl_err *err)
{
	char *path = abl_path_join(folder, ABL_SEAL);
	struct abl_str text = {0};
	struct abl_json j;
	json_t *files;
	int rc = remove_others(m, folder, err);

	rc = rc ? rc : sync_files(m, folder, err);
	abl_json_begin(&j);
	files = abl_json_object(&j, j.root, "files");
	for (size_t i = 0; i < m->count; i++) {
		const struct abl_made_file *f = &m->files[i];
		json_t *row;

		if (!name_in(f, folder))
			continue;
		row = abl_json_object(&j, files, name_in(f, folder));
		abl_json_int(&j, row, "bytes", (int64_t)f->bytes);
		abl_json_text(&j, row, "xxh3", f->hash);
	}
	rc = rc ? rc : abl_json_end(&j, JSON_INDENT(1) | JSON_SORT_KEYS, path, &text, err);
	abl_json_finish(&j);
	abl_hash_bytes(text.text, text.length, hash);
	rc = rc ? rc : abl_file_write(path, text.text, text.length, err);
	rc = rc ? rc : abl_sync_path(path, err);
	rc = rc ? rc : abl_sync_path(folder, err);
	abl_str_finish(&text);
	free(path);
	return rc;
}

/* The seal's text. 1 = there is one, 0 = there is none. */
static int read_seal(const char *folder, struct abl_str *text, struct abl_err *err)
{
	struct stat st = {0};
	char *path, block[4096];
	int fd = open_in(folder, ABL_SEAL, &st, &path), rc = 1;
	ssize_t n = 0;

	if (fd < 0)
		rc = errno == ENOENT || errno == ENOTDIR ? 0 : damaged(path, strerror(errno), err);
	else if (!S_ISREG(st.st_mode) || st.st_size > (off_t)SEAL_MOST)
		rc = damaged(path, "is no seal", err);
	while (rc == 1 && ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			abl_str_add(text, block, (size_t)n);
	if (rc == 1 && n < 0)
		rc = abl_err_set(err, ABL_EIO, "cannot read '%s': %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

static int check_files(const char *folder, const struct abl_str *seal, enum abl_look how,
		       struct abl_err *err)
{
	json_t *root = json_loadb(seal->text, seal->length, JSON_REJECT_DUPLICATES, NULL), *row;
	json_t *files = json_object_get(root, "files");
	const char *name;
	int rc = 0;

	if (!json_is_object(files)) {
		json_decref(root);
		return damaged(folder, "has a damaged " ABL_SEAL, err);
	}
	json_object_foreach(files, name, row)
	{
		const char *hash = json_string_value(json_object_get(row, "xxh3"));
		const json_int_t bytes = json_integer_value(json_object_get(row, "bytes"));

		if (strchr(name, '/') || !hash)
			rc = damaged(folder, "has a damaged " ABL_SEAL, err);
		else
			rc = check_file(folder, name, (uint64_t)bytes,
					how == ABL_LOOK_ALL ? hash : NULL, err);
		if (rc)
			break;
	}
	json_decref(root);
	return rc;
}

int abl_made_check(const char *folder, const char *seal, enum abl_look how, struct abl_err *err)
{
	struct abl_str text = {0};
	char hash[ABL_HASH_TEXT];
	int rc = read_seal(folder, &text, err);

	if (!rc && seal)
		rc = damaged(folder, abl_is_dir(folder) ? "has lost its " ABL_SEAL : "is missing",
			     err);
	else if (rc == 1)
		rc = seal && strcmp(seal, abl_hash_bytes(text.text, text.length, hash))
			     ? damaged(folder, "has a damaged " ABL_SEAL, err)
			     : check_files(folder, &text, how, err);
	abl_str_finish(&text);
	return rc;
}
