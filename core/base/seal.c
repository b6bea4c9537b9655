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

#define SEAL_MOST ((size_t)64 << 20) /* bytes */

/* The name of a listed file in the folder, or NULL: it lies elsewhere. */
static const char *name_in(const struct abl_made_file *file, const char *folder)
{
	const size_t n = strlen(folder);

	return !strncmp(file->path, folder, n) && file->path[n] == '/' ? file->path + n + 1 : NULL;
}

/* The files of a list that lie in the folder, by their names there, sorted. */
struct inside {
	const struct abl_made_file **file;
	size_t count, skip; /* skip: length of what stands before the names */
};

static int by_path(const void *a, const void *b)
{
	return strcmp((*(const struct abl_made_file *const *)a)->path,
		      (*(const struct abl_made_file *const *)b)->path);
}

static struct inside inside_of(const struct abl_made *m, const char *folder)
{
	struct inside in = {.file = abl_calloc(m->count + 1, sizeof(*in.file)),
			    .skip = strlen(folder) + 1};

	for (size_t i = 0; i < m->count; i++)
		if (name_in(&m->files[i], folder))
			in.file[in.count++] = &m->files[i];
	qsort(in.file, in.count, sizeof(*in.file), by_path);
	return in;
}

static const char *name_of(const struct inside *in, size_t i)
{
	return in->file[i]->path + in->skip;
}

/* The first file whose name is not before `name`. */
static size_t place_of(const struct inside *in, const char *name)
{
	size_t low = 0, high = in->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(name_of(in, middle), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_made(const struct inside *in, const char *name)
{
	const size_t at = place_of(in, name);

	return at < in->count && !strcmp(name_of(in, at), name);
}

/* Does one of them lie below `name`? */
static bool holds_made(const struct inside *in, const char *name)
{
	struct abl_str below = {0};
	size_t at;
	bool found;

	abl_str_printf(&below, "%s/", name);
	at = place_of(in, below.text);
	found = at < in->count && !strncmp(name_of(in, at), below.text, below.length);
	abl_str_finish(&below);
	return found;
}

static bool is_own_folder(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

/* What nobody has made goes: it may be of whoever was here before, or a link to anywhere. `below`:
 * "" or "name/". */
static int remove_others(const struct inside *in, const char *folder, const char *below,
			 struct abl_err *err)
{
	char *here = abl_path_join(folder, below);
	DIR *d = opendir(here);
	int rc = d ? 0 : abl_err_set(err, ABL_EIO, "cannot list '%s': %s", here, strerror(errno));

	for (struct dirent *e; d && !rc && (e = readdir(d));) {
		struct abl_str name = {0};
		char *path;

		abl_str_printf(&name, "%s%s", below, e->d_name);
		path = abl_path_join(folder, name.text);
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) {
			/* is no entry of its own */
		} else if (is_own_folder(path) && holds_made(in, name.text)) {
			abl_str_puts(&name, "/");
			rc = remove_others(in, folder, name.text, err);
			rc = rc ? rc : abl_sync_path(path, err);
		} else if (!is_made(in, name.text) && strcmp(name.text, ABL_SEAL) != 0) {
			rc = abl_remove_tree(path, err);
		}
		free(path);
		abl_str_finish(&name);
	}
	if (d)
		closedir(d);
	free(here);
	return rc;
}

/* openat() below a folder that it closes; errno stays that of openat(). */
static int step_into(int at, const char *name, int flags)
{
	const int fd = at < 0 ? -1 : openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC);
	const int why = errno;

	if (at >= 0)
		close(at);
	errno = why;
	return fd;
}

/* A file of that name in the folder, and never through a link. */
static int open_in(const char *folder, const char *name, struct stat *st, char **path)
{
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct abl_str part = {0};

	*path = abl_path_join(folder, name);
	for (const char *slash; (slash = strchr(name, '/')); name = slash + 1) {
		abl_str_clear(&part);
		abl_str_add(&part, name, (size_t)(slash - name));
		fd = step_into(fd, part.text, O_PATH | O_DIRECTORY);
	}
	abl_str_finish(&part);
	fd = step_into(fd, name, O_RDONLY | O_NONBLOCK);
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

static int sync_files(const struct inside *in, const char *folder, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < in->count && !rc; i++) {
		rc = abl_sync_path(in->file[i]->path, err);
		rc = rc ? rc : check_file(folder, name_of(in, i), in->file[i]->bytes, NULL, err);
	}
	return rc;
}

int abl_made_take_file(const char *path, struct abl_err *err)
{
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	char hash[ABL_HASH_TEXT];
	int rc = 0;

	if (fd < 0 || fstat(fd, &st))
		rc = abl_err_set(err, ABL_EIO, "cannot read '%s': %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = abl_err_set(err, ABL_EIO, "'%s' is no regular file", path);
	rc = rc ? rc : hash_of(fd, path, hash, err);
	if (!rc)
		abl_made_take(path, (uint64_t)st.st_size, hash);
	if (fd >= 0)
		close(fd);
	return rc;
}

int abl_made_write_seal(const struct abl_made *m, const char *folder, char hash[ABL_HASH_TEXT],
			struct abl_err *err)
{
	char *path = abl_path_join(folder, ABL_SEAL);
	struct abl_str text = {0};
	struct abl_json j;
	json_t *files;
	struct inside in = inside_of(m, folder);
	int rc = sync_files(&in, folder, err);

	abl_json_begin(&j);
	files = abl_json_object(&j, j.root, "files");
	for (size_t i = 0; i < in.count; i++) {
		json_t *row = abl_json_object(&j, files, name_of(&in, i));

		abl_json_int(&j, row, "bytes", (int64_t)in.file[i]->bytes);
		abl_json_text(&j, row, "xxh3", in.file[i]->hash);
	}
	rc = rc ? rc : abl_json_end(&j, JSON_INDENT(1) | JSON_SORT_KEYS, path, &text, err);
	abl_json_finish(&j);
	abl_hash_bytes(text.text, text.length, hash);
	rc = rc ? rc : abl_file_write(path, text.text, text.length, err);
	rc = rc ? rc : abl_sync_path(path, err);
	rc = rc ? rc : abl_sync_path(folder, err);
	abl_str_finish(&text);
	free(in.file);
	free(path);
	return rc;
}

int abl_made_seal(const struct abl_made *m, const char *folder, char hash[ABL_HASH_TEXT],
		  struct abl_err *err)
{
	const int rc = abl_made_write_seal(m, folder, hash, err);

	return rc ? rc : abl_made_remove_others(folder, err);
}

/* Of a seal that somebody has changed: a way out of the folder. */
static bool leads_out(const char *name)
{
	return *name == '/' || !strcmp(name, "..") || !strncmp(name, "../", 3) ||
	       strstr(name, "/../") ||
	       (strlen(name) > 2 && !strcmp(name + strlen(name) - 3, "/.."));
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

int abl_made_remove_others(const char *folder, struct abl_err *err)
{
	static const char unknown[ABL_HASH_TEXT]; /* the names are enough */
	struct abl_made listed = {0}, *open = abl_made_begin(&listed);
	struct abl_str seal = {0};
	struct inside in;
	const char *name;
	json_t *root, *row, *files;
	int rc = read_seal(folder, &seal, err);

	root = rc == 1 ? json_loadb(seal.text, seal.length, JSON_REJECT_DUPLICATES, NULL) : NULL;
	files = json_object_get(root, "files");
	if (rc == 1)
		rc = json_is_object(files) ? 0 : damaged(folder, "has a damaged " ABL_SEAL, err);
	else if (!rc)
		rc = damaged(folder, "has no " ABL_SEAL, err);
	json_object_foreach(files, name, row)
	{
		char *path = abl_path_join(folder, name);

		abl_made_take(path, 0, unknown);
		free(path);
	}
	abl_made_begin(open);
	in = inside_of(&listed, folder);
	rc = rc ? rc : remove_others(&in, folder, "", err);
	rc = rc ? rc : abl_sync_path(folder, err);
	free(in.file);
	json_decref(root);
	abl_made_finish(&listed);
	abl_str_finish(&seal);
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

		if (leads_out(name) || !hash)
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
