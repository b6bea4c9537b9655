/* SPDX-License-Identifier: Apache-2.0 */
#include "code_copy.h"

#include "code_found.h"
#include "code_record.h"
#include "files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST ((size_t)1 << 30)

/* ---- names ---- */

const char *abl_code_copy_name(const struct abl_code_set *c, char out[ABL_HASH_TEXT])
{
	struct abl_hash *h = abl_hash_create();
	struct abl_str text = {0};

	abl_str_printf(&text, "%s\n", c->code.hash);
	for (size_t i = 0; i < c->link_count; i++)
		abl_str_printf(&text, "%zu:%s:%zu:%s\n", strlen(c->link[i].path), c->link[i].path,
			       strlen(c->link[i].target), c->link[i].target);
	abl_hash_add(h, text.text, text.length);
	abl_hash_text(h, out);
	abl_hash_destroy(h);
	abl_str_finish(&text);
	return out;
}

static char *path_of(const char *store, const char *name, const char *end)
{
	struct abl_str path = {0};

	abl_str_printf(&path, "%s/code/%s%s", store, name, end);
	return path.text;
}

char *abl_code_copy_path(const char *store, const char *name)
{
	return path_of(store, name, "");
}

/* ---- making ---- */

static int make_parent(const char *path, struct abl_err *err)
{
	char *folder = abl_path_dir(path);
	int rc = abl_mkdir_all(folder, err);

	free(folder);
	return rc;
}

static int sync_parent(const char *path, struct abl_err *err)
{
	char *folder = abl_path_dir(path);
	int rc = abl_sync_path(folder, err);

	free(folder);
	return rc;
}

static int has_changed(const char *path, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "'%s' has changed since the plan was made: run again",
			   path);
}

/* What is written is what was hashed: the bytes in memory. The owner's and the others' right to
 * read and to execute stays; nobody may write. */
static int copy_file(const struct abl_code_file *f, const char *from, const char *to,
		     struct abl_err *err)
{
	struct abl_str bytes = {0};
	struct abl_content now;
	struct stat st;
	int rc = make_parent(to, err);

	rc = rc ? rc : abl_content_read(from, LARGEST, &bytes, &now, err);
	if (!rc && (strcmp(now.hash, f->content.hash) != 0 ||
		    now.executable != f->content.executable || stat(from, &st)))
		rc = has_changed(from, err);
	rc = rc ? rc : abl_file_write_passing(to, bytes.text, bytes.length, err);
	if (!rc && chmod(to, (st.st_mode & 0555) | 0400))
		rc = abl_err_set(err, ABL_EIO, "cannot set the mode of '%s': %s", to,
				 strerror(errno));
	abl_str_finish(&bytes);
	return rc ? rc : abl_sync_path(to, err);
}

static int make_link(const struct abl_code_link *l, const char *to, struct abl_err *err)
{
	int rc = make_parent(to, err);

	if (!rc && symlink(l->target, to))
		rc = abl_err_set(err, ABL_EIO, "cannot make the link '%s': %s", to,
				 strerror(errno));
	return rc;
}

/* The folders on the way to each have a new entry. Neighbours have the same way. */
static int sync_way(const char *folder, const char *path, const char *before, struct abl_err *err)
{
	const char *slash = strrchr(path, '/');
	const size_t n = slash ? (size_t)(slash - path) + 1 : 0;
	char *to;
	int rc = 0;

	if (before && !strncmp(before, path, n) && !strchr(before + n, '/'))
		return 0;
	to = abl_code_join(folder, path);
	for (size_t length = strlen(folder);
	     !rc && (slash = strrchr(to, '/')) && (size_t)(slash - to) >= length;) {
		to[slash - to] = '\0';
		rc = abl_sync_path(to, err);
	}
	free(to);
	return rc;
}

static int sync_folders(const struct abl_code_set *c, const char *folder, struct abl_err *err)
{
	const char *before = NULL;
	int rc = abl_sync_path(folder, err);

	for (size_t i = 0; i < c->code.count && !rc; i++)
		if (c->code.file[i].path[0] != '/') {
			rc = sync_way(folder, c->code.file[i].path, before, err);
			before = c->code.file[i].path;
		}
	for (size_t i = 0; i < c->link_count && !rc; i++)
		rc = sync_way(folder, c->link[i].path, NULL, err);
	return rc;
}

static int fill(const struct abl_code_set *c, const char *folder, struct abl_err *err)
{
	int rc = abl_mkdir_all(folder, err);

	for (size_t i = 0; i < c->code.count && !rc; i++) {
		const struct abl_code_file *f = &c->code.file[i];
		char *from, *to;

		if (*f->path == '/')
			continue;
		from = abl_code_join(c->directory, f->path);
		to = abl_code_join(folder, f->path);
		rc = copy_file(f, from, to, err);
		free(from);
		free(to);
	}
	for (size_t i = 0; i < c->link_count && !rc; i++) {
		char *to = abl_code_join(folder, c->link[i].path);

		rc = make_link(&c->link[i], to, err);
		free(to);
	}
	return rc ? rc : sync_folders(c, folder, err);
}

/* One that is damaged makes way; programs that still run in it keep it until it is removed. */
static int publish(const char *made, const char *folder, const char *old, struct abl_err *err)
{
	char *in = abl_path_dir(folder);
	int rc = abl_remove_tree(old, err);

	if (!rc && rename(folder, old) && errno != ENOENT)
		rc = abl_err_set(err, ABL_EIO, "cannot move '%s' away: %s", folder,
				 strerror(errno));
	if (!rc && rename(made, folder))
		rc = abl_err_set(err, ABL_EIO, "cannot rename '%s' to '%s': %s", made, folder,
				 strerror(errno));
	rc = rc ? rc : abl_sync_path(in, err);
	rc = rc ? rc : abl_remove_tree(old, err);
	free(in);
	return rc;
}

static int make(const struct abl_code_set *c, const char *store, const char *name,
		struct abl_err *err)
{
	char *folder = path_of(store, name, ""), *list = path_of(store, name, ".list");
	char *made = path_of(store, name, ".new"), *old = path_of(store, name, ".old");
	int rc = abl_remove_tree(made, err); /* of a run that was killed */

	rc = rc ? rc : fill(c, made, err);
	rc = rc ? rc : publish(made, folder, old, err);
	rc = rc ? rc : abl_code_record_write(c, folder, list, err);
	if (rc)
		(void)!abl_remove_tree(made, NULL);
	free(folder);
	free(list);
	free(made);
	free(old);
	return rc;
}

/* ---- looking ---- */

static int is_damaged(const char *path, struct abl_err *err)
{
	return abl_err_set(err, ABL_EDAMAGED,
			   "'%s', a copy of code, is not what it was: somebody has changed it",
			   path);
}

/* Its times say that nobody did; otherwise, or without `then`, it is read. */
static int check_file(const struct abl_code_file *f, const struct abl_code_stamp *then,
		      const char *path, struct abl_err *err)
{
	struct abl_code_stamp now;
	struct abl_content content;

	if (!abl_code_stamp(path, &f->content, &now))
		return is_damaged(path, err);
	if (then && !memcmp(&now, then, sizeof now))
		return 0;
	if (abl_hash_cache_file(NULL, path, &content, NULL) ||
	    strcmp(content.hash, f->content.hash) != 0)
		return is_damaged(path, err);
	return 0;
}

static int check_link(const struct abl_code_link *l, const char *path, struct abl_err *err)
{
	char target[PATH_MAX + 1];
	ssize_t n = readlink(path, target, sizeof target - 1);

	if (n < 0)
		return is_damaged(path, err);
	target[n] = '\0';
	return strcmp(target, l->target) != 0 ? is_damaged(path, err) : 0;
}

static int check_all(const struct abl_code_record *r, const char *folder, bool read,
		     struct abl_err *err)
{
	int rc = abl_is_dir(folder) ? 0 : is_damaged(folder, err);

	for (size_t i = 0; i < r->code.count && !rc; i++) {
		char *path;

		if (r->code.file[i].path[0] == '/')
			continue;
		path = abl_code_join(folder, r->code.file[i].path);
		rc = check_file(&r->code.file[i], read ? NULL : &r->stamp[i], path, err);
		free(path);
	}
	for (size_t i = 0; i < r->link_count && !rc; i++) {
		char *path = abl_code_join(folder, r->link[i].path);

		rc = check_link(&r->link[i], path, err);
		free(path);
	}
	return rc;
}

int abl_code_copy_check(const char *store, const char *name, struct abl_err *err)
{
	char *folder = path_of(store, name, ""), *list = path_of(store, name, ".list");
	struct abl_code_record r;
	int rc = abl_code_record_read(&r, list, err);

	rc = rc ? rc : check_all(&r, folder, false, err);
	abl_code_record_finish(&r);
	free(folder);
	free(list);
	return rc;
}

static bool was_copied(const struct abl_code_record *r)
{
	for (size_t i = 0; i < r->code.count; i++)
		if (r->stamp[i].inode)
			return true;
	return r->link_count > 0;
}

int abl_code_copy_verify(const char *store, const char *name, int64_t *bytes, struct abl_err *err)
{
	char *folder = path_of(store, name, ""), *list = path_of(store, name, ".list");
	struct abl_code_record r;
	int rc = abl_code_record_read(&r, list, err);

	*bytes = 0;
	for (size_t i = 0; i < r.code.count; i++)
		*bytes += r.code.file[i].content.size;
	if (!rc && (was_copied(&r) || abl_is_dir(folder)))
		rc = check_all(&r, folder, true, err);
	abl_code_record_finish(&r);
	free(folder);
	free(list);
	return rc;
}

/* ---- mending ---- */

/* Does no link stand on the way to it? */
static bool is_inside(const char *folder, const char *name)
{
	char *part = abl_strdup(name), *slash;
	bool inside = true;

	while (inside && (slash = strrchr(part, '/'))) {
		struct stat st;
		char *path;

		*slash = '\0';
		path = abl_code_join(folder, part);
		inside = !lstat(path, &st) && S_ISDIR(st.st_mode);
		free(path);
	}
	free(part);
	return inside;
}

static int mend_file(const struct abl_code_set *c, const struct abl_code_file *f,
		     const char *folder, const char *part, struct abl_err *err)
{
	char *path = abl_code_join(folder, f->path), *from;
	int rc = 0;

	if (check_file(f, NULL, path, NULL)) {
		from = abl_code_join(c->directory, f->path);
		rc = is_inside(folder, f->path) ? abl_remove_tree(part, err)
						: is_damaged(path, err);
		rc = rc ? rc : copy_file(f, from, part, err);
		if (!rc && rename(part, path))
			rc = is_damaged(path, err);
		rc = rc ? rc : sync_parent(path, err);
		free(from);
	}
	free(path);
	return rc;
}

static int mend_link(const struct abl_code_link *l, const char *folder, struct abl_err *err)
{
	char *path = abl_code_join(folder, l->path);
	int rc = 0;

	if (check_link(l, path, NULL)) {
		rc = is_inside(folder, l->path) ? abl_remove_tree(path, err)
						: is_damaged(path, err);
		rc = rc ? rc : make_link(l, path, err);
	}
	free(path);
	return rc;
}

/* File by file: programs may be running in it. What cannot be mended so is made anew. */
static int mend(const struct abl_code_set *c, const char *store, const char *name)
{
	char *folder = path_of(store, name, ""), *part = path_of(store, name, ".part");
	char *list = path_of(store, name, ".list");
	int rc = abl_is_dir(folder) ? 0 : ABL_EDAMAGED;

	for (size_t i = 0; i < c->code.count && !rc; i++)
		if (c->code.file[i].path[0] != '/')
			rc = mend_file(c, &c->code.file[i], folder, part, NULL);
	for (size_t i = 0; i < c->link_count && !rc; i++)
		rc = mend_link(&c->link[i], folder, NULL);
	if (!rc)
		rc = abl_code_record_write(c, folder, list, NULL);
	free(folder);
	free(part);
	free(list);
	return rc;
}

int abl_code_copy(const struct abl_code_set *c, const char *store, bool in_place,
		  struct abl_err *err)
{
	char name[ABL_HASH_TEXT], *list, *folder = path_of(store, "", "");
	const bool is_new = !abl_is_dir(folder);
	int rc;

	list = path_of(store, abl_code_copy_name(c, name), ".list");
	rc = make_parent(list, err);
	if (!rc && is_new)
		rc = abl_sync_path(store, err);
	if (!rc && in_place && !abl_is_regular(list))
		rc = abl_code_record_write(c, NULL, list, err);
	else if (!rc && !in_place && abl_code_copy_check(store, name, NULL)) {
		rc = mend(c, store, name);
		if (rc)
			rc = make(c, store, name, err);
	}
	free(folder);
	free(list);
	return rc;
}
