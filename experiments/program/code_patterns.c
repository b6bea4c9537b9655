/* SPDX-License-Identifier: Apache-2.0 */
/* code_patterns.c - what the patterns of `files` and `inputs` match. A name that exists is that
 * file, whatever characters it has; links that the pattern itself names are followed. */
#include "code_found.h"
#include "files.h"
#include "hint.h"
#include "path_glob.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_MATCHES = 1000000, DEEPEST = 64 };

/* ---- names for messages ---- */

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_names(struct abl_paths *names, const char *folder)
{
	DIR *dir = opendir(folder);

	for (struct dirent *e; dir && (e = readdir(dir));)
		if (e->d_name[0] != '.') {
			abl_grow(&names->path, &names->capacity, names->count + 1,
				 sizeof *names->path);
			names->path[names->count++] = abl_strdup(e->d_name);
		}
	if (dir)
		closedir(dir);
	if (names->count)
		qsort(names->path, names->count, sizeof *names->path, by_bytes);
}

static const char *name_at(size_t i, const void *names)
{
	return ((const struct abl_paths *)names)->path[i];
}

/* ": did you mean 'train.py'?", or what there is. */
static int nothing_there(const char *what, const char *pattern, const char *folder,
			 const char *part, struct abl_err *err)
{
	struct abl_paths names = {0};
	struct abl_str there = {0};
	const char *near;

	read_names(&names, folder);
	near = abl_nearest(part, names.count, name_at, &names);
	if (near) {
		abl_str_printf(&there, ": did you mean '%s'?", near);
	} else if (names.count) {
		abl_str_puts(&there, "; there are ");
		abl_hint_names(&there, names.count, name_at, &names);
	} else {
		abl_str_puts(&there, ", which is empty");
	}
	abl_err_set(err, ABL_EINPUT, "%s: '%s' matches no file in '%s'%s", what, pattern, folder,
		    there.text);
	abl_str_finish(&there);
	abl_paths_finish(&names);
	return ABL_EINPUT;
}

/* The first folder of the path that is missing is the one to be spelt otherwise. */
static int no_folder(const char *what, const char *pattern, const char *folder, struct abl_err *err)
{
	char *in = abl_path_dir(folder), *up;
	int rc;

	while (!abl_is_dir(in)) {
		up = abl_path_dir(in);
		free(in);
		in = up;
	}
	folder += strlen(in) + (in[1] != '\0');
	up = strndup(folder, strcspn(folder, "/"));
	rc = nothing_there(what, pattern, in, abl_there(up, "a path"), err);
	free(up);
	free(in);
	return rc;
}

/* ---- folders of inputs ---- */

struct folder { /* one that we are in: a link can lead back */
	dev_t device;
	ino_t inode;
	const struct folder *up;
	int depth;
};

static bool is_within(const struct folder *f, const struct stat *st)
{
	for (; f; f = f->up)
		if (f->device == st->st_dev && f->inode == st->st_ino)
			return true;
	return false;
}

static int add_folder(struct abl_code_search *s, const char *path, const struct folder *up,
		      struct abl_err *err);

static int add_entry(struct abl_code_search *s, const char *path, const struct folder *in,
		     struct abl_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return 0; /* a link to nothing */
	if (S_ISDIR(st.st_mode))
		return is_within(in, &st) ? 0 : add_folder(s, path, in, err);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (s->out->inputs.count == MOST_MATCHES)
		return abl_err_set(err, ABL_EINPUT,
				   "inputs: more than %d files, with '%s': name one that changes "
				   "when they do",
				   MOST_MATCHES, path);
	abl_code_add(&s->out->inputs, abl_code_name(s, path));
	return 0;
}

/* Everything in it, hidden or linked: whatever the program may read. */
static int add_folder(struct abl_code_search *s, const char *path, const struct folder *up,
		      struct abl_err *err)
{
	DIR *dir = opendir(path);
	struct stat st;
	int rc = 0;

	if (!dir || fstat(dirfd(dir), &st)) {
		rc = abl_err_set(err, ABL_EINPUT, "inputs: cannot read the folder '%s': %s", path,
				 strerror(errno));
		if (dir)
			closedir(dir);
		return rc;
	}
	if (up && up->depth == DEEPEST)
		rc = abl_err_set(err, ABL_EINPUT, "inputs: '%s' is more than %d folders deep", path,
				 DEEPEST);
	for (struct dirent *e; !rc && (e = readdir(dir));) {
		const struct folder in = {st.st_dev, st.st_ino, up, up ? up->depth + 1 : 0};
		char *inside;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		inside = abl_code_join(path, e->d_name);
		rc = add_entry(s, inside, &in, err);
		free(inside);
	}
	closedir(dir);
	return rc;
}

/* The folders above it are not in it, though a link leads there. */
static int add_below(struct abl_code_search *s, const char *path, char *real, struct abl_err *err)
{
	struct folder above[DEEPEST];
	const struct folder *up = NULL;
	struct stat st;

	for (size_t i = 0; i < DEEPEST && strrchr(real, '/'); i++) {
		*strrchr(real, '/') = '\0';
		if (stat(*real ? real : "/", &st))
			break;
		above[i] = (struct folder){st.st_dev, st.st_ino, up, 0};
		up = &above[i];
	}
	return add_folder(s, path, up, err);
}

/* ---- what is nobody's code ---- */

static bool has(const char *folder, const char *name)
{
	char *path = abl_code_join(folder, name);
	bool there = abl_file_exists(path);

	free(path);
	return there;
}

/* Packages of a Python environment are recorded elsewhere. A store has copies of the code: they
 * would make it another one with every run. */
static bool is_apart(const char *folder)
{
	return has(folder, "pyvenv.cfg") || has(folder, "conda-meta") ||
	       (has(folder, "results.db") && has(folder, "artifacts"));
}

struct apart { /* the folder asked for last, and what it was */
	char *folder;
	bool is;
};

/* Is the file below such a folder, which is below `top`? */
static bool lies_apart(struct apart *last, const char *top, const char *path)
{
	const size_t length = strlen(top);
	char *folder = abl_path_dir(path), *slash;

	if (last->folder && !strcmp(last->folder, folder)) {
		free(folder);
		return last->is;
	}
	free(last->folder);
	*last = (struct apart){.folder = abl_strdup(folder)};
	while (strlen(folder) > length && !(last->is = is_apart(folder)) &&
	       (slash = strrchr(folder, '/')))
		*slash = '\0';
	free(folder);
	return last->is;
}

/* ---- one pattern ---- */

static void add_found(struct abl_code_search *s, const char *path, bool input)
{
	char *name = abl_code_name(s, path);

	if (input)
		abl_code_add_link(s->out, name);
	abl_code_add(input ? &s->out->inputs : &s->out->code, name);
}

static int add_input_folder(struct abl_code_search *s, const char *pattern, const char *path,
			    struct abl_err *err)
{
	char *name = abl_code_name(s, path), *real = realpath(path, NULL);
	const size_t length = real ? strlen(real) : 0;
	int rc;

	if (real && !strncmp(s->real, real, length) &&
	    (s->real[length] == '/' || !s->real[length] || length == 1)) {
		rc = abl_err_set(err, ABL_EINPUT,
				 "inputs: '%s' is where the program's code is: name the folders "
				 "of data in it",
				 pattern);
	} else if (!real) {
		rc = abl_err_set(err, ABL_EINPUT, "inputs: cannot read '%s': %s", pattern,
				 strerror(errno));
	} else {
		rc = add_below(s, path, real, err);
		abl_code_add_link(s->out, name);
	}
	free(real);
	free(name);
	return rc;
}

/* Of a name that exists. */
static int add_named(struct abl_code_search *s, const char *pattern, const char *path,
		     const struct stat *st, bool inputs, struct abl_err *err)
{
	if (S_ISREG(st->st_mode)) {
		add_found(s, path, inputs);
		return 0;
	}
	if (S_ISDIR(st->st_mode) && inputs)
		return add_input_folder(s, pattern, path, err);
	if (S_ISDIR(st->st_mode))
		return abl_err_set(err, ABL_EINPUT,
				   "files: '%s' is a folder: write '%s%s**/*.py', or what its code "
				   "is called; data goes under 'inputs:'",
				   pattern, pattern,
				   pattern[strlen(pattern) - 1] == '/' ? "" : "/");
	return abl_err_set(err, ABL_EINPUT, "%s: '%s' is not a regular file",
			   inputs ? "inputs" : "files", pattern);
}

/* The length of the folder that the pattern begins with, without a character that stands for
 * others. */
static size_t plain_head(const char *path)
{
	size_t length = strcspn(path, "*?[");

	while (length && path[length - 1] != '/')
		length--;
	return length;
}

static int add_matches(struct abl_code_search *s, const char *pattern, const char *path,
		       bool inputs, struct abl_err *err)
{
	const char *what = inputs ? "inputs" : "files", *slash = strrchr(path, '/');
	size_t head = path[strcspn(path, "*?[")] ? plain_head(path) : (size_t)(slash + 1 - path);
	char *folder = strndup(path, head > 1 ? head - 1 : 1);
	struct abl_paths found = {0};
	struct apart last = {0};
	size_t count = 0;
	int rc = 0;

	abl_there(folder, "a path");
	if (!abl_is_dir(folder))
		rc = no_folder(what, pattern, folder, err);
	else if (path[strcspn(path, "*?[")])
		rc = abl_glob(&found, folder, path + head, MOST_MATCHES, err);
	for (size_t i = 0; !rc && i < found.count; i++) {
		char *file = abl_code_join(folder, found.path[i]);

		if (!lies_apart(&last, folder, file)) {
			add_found(s, file, inputs);
			count++;
		}
		free(file);
	}
	if (!rc && !count)
		rc = nothing_there(what, pattern, folder, slash + 1, err);
	free(last.folder);
	abl_paths_finish(&found);
	free(folder);
	return rc;
}

/* Absolute, with the home folder for "~/"; the end of a folder's name says nothing. */
static char *whole_pattern(const struct abl_code_set *c, const char *pattern)
{
	char *path = abl_path_join(strcmp(c->directory, "/") != 0 ? c->directory : "/.", pattern);
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	return path;
}

int abl_code_add_patterns(struct abl_code_search *s, const char *const *patterns, bool inputs,
			  struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; patterns[i] && !rc; i++) {
		char *path = whole_pattern(s->out, patterns[i]);
		struct stat st;

		if (!*patterns[i])
			rc = abl_err_set(err, ABL_EINPUT, "%s: a pattern is empty",
					 inputs ? "inputs" : "files");
		else if (!stat(path, &st))
			rc = add_named(s, patterns[i], path, &st, inputs, err);
		else
			rc = add_matches(s, patterns[i], path, inputs, err);
		free(path);
	}
	return rc;
}
