/* SPDX-License-Identifier: Apache-2.0 */
#include "order_keep.h"

#include "files.h"
#include "path_glob.h"
#include "seal.h"
#include "utf8.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 1000000, DEEPEST = 64 };

struct kept {
	struct abl_paths paths;
	size_t links, strange; /* that do not stay: links, and names that are no text or ours */
	size_t others;         /* pipes, sockets, devices */
};

static void add(struct kept *k, const char *path)
{
	struct abl_paths *p = &k->paths;

	abl_grow(&p->path, &p->capacity, p->count + 1, sizeof *p->path);
	p->path[p->count++] = abl_strdup(path);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, each once. */
static void sort(struct abl_paths *p)
{
	size_t kept = 0;

	if (p->count)
		qsort(p->path, p->count, sizeof *p->path, by_bytes);
	for (size_t i = 0; i < p->count; i++)
		if (kept && !strcmp(p->path[kept - 1], p->path[i]))
			free(p->path[i]);
		else
			p->path[kept++] = p->path[i];
	p->count = kept;
}

/* Everything below `folder`/`below` ("" or "name/"). */
static int add_all(struct kept *k, const char *folder, const char *below, int depth,
		   struct abl_err *err)
{
	char *here = abl_path_join(folder, below);
	DIR *d = opendir(here);
	int rc = d ? 0 : abl_err_set(err, ABL_EIO, "cannot list '%s': %s", here, strerror(errno));

	if (depth > DEEPEST)
		rc = abl_err_set(err, ABL_EINPUT, "'%s' has more than %d folders in each other",
				 folder, DEEPEST);
	for (struct dirent *e; d && !rc && (e = readdir(d));) {
		struct abl_str name = {0};
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		abl_str_printf(&name, "%s%s", below, e->d_name);
		if (S_ISDIR(st.st_mode)) {
			abl_str_puts(&name, "/");
			rc = add_all(k, folder, name.text, depth + 1, err);
		} else if (S_ISREG(st.st_mode)) {
			add(k, name.text);
		} else {
			k->links += S_ISLNK(st.st_mode);
			k->others += !S_ISLNK(st.st_mode);
		}
		abl_str_finish(&name);
	}
	if (d)
		closedir(d);
	free(here);
	return rc;
}

/* Patterns are of {out}, whether they say so or not. */
static int add_matching(struct kept *k, const struct abl_order *o, const char *pattern,
			struct abl_err *err)
{
	static const char *const starts[] = {"{out}/", "{state}/", "./"};
	struct abl_paths found = {0};
	int rc;

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (!strncmp(pattern, starts[i], strlen(starts[i])))
			pattern += strlen(starts[i]);
	rc = abl_glob(&found, o->out, pattern, MOST, err);
	for (size_t i = 0; i < found.count && !rc; i++)
		add(k, found.path[i]);
	abl_paths_finish(&found);
	return rc ? abl_err_prefix(err, rc, "'keep': '%s'", pattern) : 0;
}

/* The folders above a file, in `output`: its own, for nothing else writes there. */
static int make_folders(const char *output, const char *path, struct abl_err *err)
{
	const char *slash = strrchr(path, '/');
	struct abl_str folder = {0};
	int rc = 0;

	if (slash) {
		abl_str_printf(&folder, "%s/%.*s", output, (int)(slash - path), path);
		rc = abl_mkdir_all(folder.text, err);
	}
	abl_str_finish(&folder);
	return rc;
}

/* Is a part of the path a link? Then the file lies elsewhere. */
static bool is_linked(const char *folder, const char *path)
{
	struct abl_str part = {0};
	struct stat st;
	bool linked = false;

	for (const char *slash = path; slash && !linked;) {
		slash = strchr(slash, '/');
		abl_str_clear(&part);
		abl_str_printf(&part, "%s/%.*s", folder,
			       slash ? (int)(slash - path) : (int)strlen(path), path);
		linked = lstat(part.text, &st) || S_ISLNK(st.st_mode) ||
			 (!slash && !S_ISREG(st.st_mode));
		slash = slash ? slash + 1 : NULL;
	}
	abl_str_finish(&part);
	return linked;
}

/* The seal is ours, and so is the table of predictions. */
static bool is_strange(const struct abl_order *o, const char *path)
{
	return abl_utf8_bad(path, strlen(path)) >= 0 || !strcmp(path, ABL_SEAL) ||
	       (o->predictions && !strcmp(path, "predictions.tsv"));
}

static int move(const char *out, const char *output, const char *path, struct abl_err *err)
{
	char *from = abl_path_join(out, path), *to = abl_path_join(output, path);
	int rc = make_folders(output, path, err);

	if (!rc && link(from, to) && rename(from, to))
		rc = abl_err_set(err, errno == ENOSPC ? ABL_EFULL : ABL_EIO,
				 "cannot keep '%s' as '%s': %s", from, to, strerror(errno));
	rc = rc ? rc : abl_made_take_file(to, err);
	free(from);
	free(to);
	return rc;
}

static void say(const struct abl_events *events, size_t n, const char *one, const char *many)
{
	struct abl_str text = {0};

	if (n && events->message) {
		abl_str_printf(&text, "not kept of {out}: %zu %s", n, n == 1 ? one : many);
		events->message(events->data, text.text);
	}
	abl_str_finish(&text);
}

int abl_order_keep(const struct abl_order *o, const char *output, const char *const *used,
		   size_t count, const struct abl_events *events, struct abl_err *err)
{
	struct kept k = {0};
	int rc = o->keep_all ? add_all(&k, o->out, "", 0, err) : 0;

	for (size_t i = 0; i < count && !rc; i++)
		add(&k, used[i]);
	for (size_t i = 0; o->keep[i] && !o->keep_all && !rc; i++)
		rc = add_matching(&k, o, o->keep[i], err);
	sort(&k.paths);
	for (size_t i = 0; i < k.paths.count && !rc; i++) {
		if (is_strange(o, k.paths.path[i]))
			k.strange++;
		else if (is_linked(o->out, k.paths.path[i]))
			k.links++;
		else
			rc = move(o->out, output, k.paths.path[i], err);
	}
	say(events, k.links, "link", "links");
	say(events, k.others, "pipe, socket or device", "pipes, sockets or devices");
	say(events, k.strange, "file whose name is not UTF-8, or one of ours",
	    "files whose names are not UTF-8, or ours");
	abl_paths_finish(&k.paths);
	return rc;
}
