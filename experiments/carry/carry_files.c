/* SPDX-License-Identifier: Apache-2.0 */
#include "carry_files.h"

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void abl_carry_files_finish(struct abl_carry_files *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++) {
		free(l->file[i].name);
		free(l->file[i].path);
	}
	free(l->file);
	*l = (struct abl_carry_files){0};
}

void abl_carry_files_add(struct abl_carry_files *l, char *name, char *path)
{
	abl_grow(&l->file, &l->capacity, l->count + 1, sizeof *l->file);
	l->file[l->count++] = (struct abl_carry_file){.name = name, .path = path};
}

char *abl_carry_join(const char *folder, const char *name)
{
	struct abl_str out = {0};

	abl_str_printf(&out, "%s%s%s", folder, *folder && *name ? "/" : "", name);
	return out.text;
}

const char *abl_carry_below(const char *path, const char *folder)
{
	const size_t n = strlen(folder);

	if (!strcmp(folder, "/"))
		return *path == '/' ? path + 1 : NULL;
	return !strncmp(path, folder, n) && path[n] == '/' ? path + n + 1 : NULL;
}

struct walk {
	struct abl_carry_files *list;
	const char *folder, *name;
	bool (*wants)(const char *below, void *data);
	void *data;
};

static void walk(const struct walk *w, const char *below)
{
	char *folder = abl_carry_join(w->folder, below);
	DIR *d = opendir(folder);

	for (struct dirent *e; d && (e = readdir(d));) {
		char *its = abl_carry_join(below, e->d_name), *path;
		struct stat st;

		path = abl_carry_join(w->folder, its);
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || lstat(path, &st))
			st.st_mode = 0;
		if (S_ISDIR(st.st_mode))
			walk(w, its);
		if (S_ISREG(st.st_mode) && (!w->wants || w->wants(its, w->data))) {
			abl_carry_files_add(w->list, abl_carry_join(w->name, its), path);
			path = NULL;
		}
		free(path), free(its);
	}
	if (d)
		closedir(d);
	free(folder);
}

void abl_carry_files_walk(struct abl_carry_files *l, const char *folder, const char *name,
			  bool (*wants)(const char *below, void *data), void *data)
{
	const struct walk w = {l, folder, name, wants, data};
	struct stat st;

	if (!lstat(folder, &st) && S_ISDIR(st.st_mode))
		walk(&w, "");
}

/* ---- order ---- */

struct placed {
	struct abl_carry_file file;
	size_t at;
};

static int by_name(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	const int order = strcmp(x->file.name, y->file.name);

	return order ? order : x->at < y->at ? -1 : x->at > y->at;
}

void abl_carry_files_sort(struct abl_carry_files *l)
{
	struct placed *all = abl_calloc(l->count + 1, sizeof *all);
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		all[i] = (struct placed){l->file[i], i};
	qsort(all, l->count, sizeof *all, by_name);
	for (size_t i = 0; i < l->count; i++)
		if (n && !strcmp(l->file[n - 1].name, all[i].file.name))
			free(all[i].file.name), free(all[i].file.path);
		else
			l->file[n++] = all[i].file;
	l->count = n;
	free(all);
}

static int is_before(const void *name, const void *file)
{
	return strcmp(name, ((const struct abl_carry_file *)file)->name);
}

struct abl_carry_file *abl_carry_files_find(const struct abl_carry_files *l, const char *name)
{
	return l->count ? bsearch(name, l->file, l->count, sizeof *l->file, is_before) : NULL;
}

/* ---- content ---- */

int abl_carry_file_look(struct abl_carry_file *f, struct abl_err *err)
{
	const int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct abl_hash *h = abl_hash_create();
	char *block = abl_malloc(1 << 18);
	struct stat st;
	ssize_t n = 0;
	int rc = 0;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		rc = abl_err_set(err, ABL_EIO, "cannot read '%s': %s", f->path,
				 fd < 0 ? strerror(errno) : "it is no regular file");
	f->bytes = 0;
	while (!rc && ((n = read(fd, block, 1 << 18)) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0) {
			abl_hash_add(h, block, (size_t)n);
			f->bytes += (uint64_t)n;
		}
	if (!rc && n < 0)
		rc = abl_err_set(err, ABL_EIO, "cannot read '%s': %s", f->path, strerror(errno));
	if (!rc)
		f->executable = (st.st_mode & 0100) != 0;
	abl_hash_text(h, f->hash);
	abl_hash_destroy(h);
	if (fd >= 0)
		close(fd);
	free(block);
	return rc;
}

int abl_carry_copy(const char *from, const char *to, struct abl_err *err)
{
	struct abl_str bytes = {0};
	struct stat st;
	char *folder = abl_path_dir(to);
	int rc = abl_mkdir_all(folder, err);

	rc = rc ? rc : abl_file_read(from, &bytes, SIZE_MAX / 2, err);
	rc = rc ? rc : abl_file_write_passing(to, bytes.text ? bytes.text : "", bytes.length, err);
	if (!rc && !stat(from, &st) && chmod(to, st.st_mode & 0777))
		rc = abl_err_set(err, ABL_EIO, "cannot set the mode of '%s': %s", to,
				 strerror(errno));
	abl_str_finish(&bytes);
	free(folder);
	return rc;
}

void abl_carry_files_cut(struct abl_carry_files *l, size_t count)
{
	while (l->count > count) {
		l->count--;
		free(l->file[l->count].name);
		free(l->file[l->count].path);
	}
}
