/* SPDX-License-Identifier: Apache-2.0 */
/* path_glob.c - one walk over the folders, with the set of places in the pattern that the path so
 * far can stand at: every folder is read once, whatever the number of stars. */
#include "path_glob.h"

#include "files.h"
#include "str.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PARTS = 60, DEEPEST = 100 };

struct part {
	const char *text; /* in the pattern */
	size_t length;
	bool any_folders; /* two stars */
	bool plain;       /* a name as it is */
};

struct walk {
	struct part part[PARTS];
	size_t parts;
	const char *folder, *pattern;
	struct abl_paths *out; /* NULL: one match is enough, and folders count */
	size_t before;         /* in `out` */
	size_t limit;
	bool found;
};

/* The byte behind the character at text. */
static const char *next_character(const char *text)
{
	do
		text++;
	while (((unsigned char)*text & 0xc0) == 0x80);
	return text;
}

/* `[abc]`, `[a-z]`, `[!abc]` at *pattern, which goes behind it. -1: it has no end, and is a
 * bracket.
 */
static int match_set(const char **pattern, const char *end, unsigned char c)
{
	const char *p = *pattern + 1, *first;
	bool negated = p < end && (*p == '!' || *p == '^'), in = false;

	first = p += negated;
	for (; p < end && (*p != ']' || p == first); p++) {
		unsigned char low = (unsigned char)*p, high = low;

		if (end - p > 2 && p[1] == '-' && p[2] != ']')
			high = (unsigned char)*(p += 2);
		in = in || (low <= c && c <= high);
	}
	if (p == end)
		return -1;
	*pattern = p + 1;
	return in != negated;
}

/* One character of the pattern against one of the name; both go on. */
static bool match_one(const char **pattern, const char *end, const char **name)
{
	int set;

	if (!**name)
		return false;
	if (**pattern == '?') {
		(*pattern)++;
		*name = next_character(*name);
		return true;
	}
	if (**pattern == '[' && (set = match_set(pattern, end, (unsigned char)**name)) >= 0) {
		(*name)++;
		return set;
	}
	return *(*pattern)++ == *(*name)++;
}

static bool match_name(const struct part *part, const char *name)
{
	const char *p = part->text, *end = p + part->length, *star = NULL, *from = NULL;

	if (*name == '.' && (!part->length || *p != '.'))
		return false;
	while (*name || p < end) {
		if (p < end && *p == '*') {
			star = ++p;
			from = name;
		} else if (p < end && match_one(&p, end, &name)) {
			;
		} else if (star && *from) { /* the last star takes one character more */
			p = star;
			name = from = next_character(from);
		} else {
			return false;
		}
	}
	return true;
}

/* ---- the pattern ---- */

static int split(struct walk *w, const char *pattern, struct abl_err *err)
{
	const char *at = pattern;

	if (*pattern == '/')
		return abl_err_set(err, ABL_EINPUT,
				   "'%s': a pattern is below its folder: leave out the '/' at its "
				   "front",
				   pattern);
	while (*at) {
		size_t length = strcspn(at, "/");
		struct part p = {.text = at, .length = length};

		at += length + (at[length] == '/');
		if (!length || (length == 1 && *p.text == '.'))
			continue;
		if (length == 2 && !memcmp(p.text, "..", 2))
			return abl_err_set(err, ABL_EINPUT,
					   "'%s': a pattern cannot leave its folder by '..'",
					   pattern);
		p.any_folders = length == 2 && !memcmp(p.text, "**", 2);
		if (p.any_folders && w->parts && w->part[w->parts - 1].any_folders)
			continue;
		p.plain = !memchr(p.text, '*', length) && !memchr(p.text, '?', length) &&
			  !memchr(p.text, '[', length);
		if (w->parts == PARTS)
			return abl_err_set(err, ABL_EINPUT, "'%s': more than %d parts", pattern,
					   PARTS);
		w->part[w->parts++] = p;
	}
	return w->parts ? 0
			: abl_err_set(err, ABL_EINPUT, "'%s': a pattern names no file", pattern);
}

/* Two stars stand for no folder, too. */
static uint64_t settle(const struct walk *w, uint64_t places)
{
	for (size_t i = 0; i + 1 < w->parts; i++)
		if (places >> i & 1 && w->part[i].any_folders)
			places |= (uint64_t)2 << i;
	return places;
}

/* Where the path stands once `name` has come; `whole`: is it a match of all? */
static uint64_t step(const struct walk *w, uint64_t places, const char *name, bool *whole)
{
	uint64_t next = 0;

	*whole = false;
	for (size_t i = 0; i < w->parts; i++) {
		bool last = i + 1 == w->parts;

		if (!(places >> i & 1))
			continue;
		if (w->part[i].any_folders && *name != '.') {
			next |= (uint64_t)1 << i;
			*whole = *whole || last;
		} else if (!w->part[i].any_folders && match_name(&w->part[i], name)) {
			next |= last ? 0 : (uint64_t)2 << i;
			*whole = *whole || last;
		}
	}
	return settle(w, next);
}

/* ---- the walk ---- */

static int add(struct walk *w, const char *path, struct abl_err *err)
{
	struct abl_paths *out = w->out;

	w->found = true;
	if (!out)
		return 0;
	if (out->count - w->before == w->limit)
		return abl_err_set(err, ABL_EINPUT, "'%s': more than %zu files in '%s' match it",
				   w->pattern, w->limit, w->folder);
	abl_grow(&out->path, &out->capacity, out->count + 1, sizeof *out->path);
	out->path[out->count++] = abl_strdup(path);
	return 0;
}

static int walk(struct walk *w, const char *inside, uint64_t places, int depth,
		struct abl_err *err);

/* `type`: as the folder says (DT_REG and so on). A file that cannot match needs no look at it. */
static int visit(struct walk *w, const char *inside, const char *name, unsigned char type,
		 uint64_t places, int depth, struct abl_err *err)
{
	struct abl_str path = {0}, full = {0};
	struct stat st;
	bool whole;
	uint64_t next = step(w, places, name, &whole);
	int rc = 0;

	if (!whole && (!next || type == DT_REG))
		return 0;
	abl_str_printf(&path, "%s%s%s", inside, *inside ? "/" : "", name);
	abl_str_printf(&full, "%s/%s", w->folder, path.text);
	if (!lstat(full.text, &st)) {
		bool folder = S_ISDIR(st.st_mode);

		if (whole && (folder ? !w->out : abl_is_regular(full.text)))
			rc = add(w, path.text, err);
		if (!rc && folder && next && depth < DEEPEST)
			rc = walk(w, path.text, next, depth + 1, err);
	}
	abl_str_finish(&full);
	abl_str_finish(&path);
	return rc;
}

/* The one name that can go on from here, when the pattern says it; NULL. */
static char *only_name(const struct walk *w, uint64_t places)
{
	for (size_t i = 0; i < w->parts; i++)
		if (places == (uint64_t)1 << i && w->part[i].plain)
			return strndup(w->part[i].text, w->part[i].length);
	return NULL;
}

struct names {
	struct abl_paths list;
	unsigned char *type; /* [list.count] */
	size_t type_capacity;
};

static void read_names(struct names *names, const char *folder, const char *inside)
{
	struct abl_str path = {0};
	DIR *dir;
	int fd;

	abl_str_printf(&path, "%s%s%s", folder, *inside ? "/" : "", inside);
	fd = open(path.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (*inside ? O_NOFOLLOW : 0));
	dir = fd < 0 ? NULL : fdopendir(fd);
	for (struct dirent *e; dir && (e = readdir(dir));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
			struct abl_paths *l = &names->list;

			abl_grow(&l->path, &l->capacity, l->count + 1, sizeof *l->path);
			abl_grow(&names->type, &names->type_capacity, l->count + 1, 1);
			names->type[l->count] = e->d_type;
			l->path[l->count++] = abl_strdup(e->d_name);
		}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	abl_str_finish(&path);
}

static int walk(struct walk *w, const char *inside, uint64_t places, int depth, struct abl_err *err)
{
	struct names names = {0};
	char *only = only_name(w, places);
	int rc = 0;

	if (only)
		rc = visit(w, inside, only, DT_UNKNOWN, places, depth, err);
	else
		read_names(&names, w->folder, inside);
	for (size_t i = 0; !rc && i < names.list.count && (w->out || !w->found); i++)
		rc = visit(w, inside, names.list.path[i], names.type[i], places, depth, err);
	abl_paths_finish(&names.list);
	free(names.type);
	free(only);
	return rc;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int abl_glob(struct abl_paths *out, const char *folder, const char *pattern, size_t limit,
	     struct abl_err *err)
{
	struct walk w = {.folder = folder,
			 .pattern = pattern,
			 .out = out,
			 .before = out->count,
			 .limit = limit};
	int rc = split(&w, pattern, err);

	rc = rc ? rc : walk(&w, "", settle(&w, 1), 0, err);
	if (out->count > w.before)
		qsort(out->path + w.before, out->count - w.before, sizeof *out->path, by_bytes);
	return rc;
}

bool abl_glob_any(const char *folder, const char *pattern)
{
	struct walk w = {.folder = folder, .pattern = pattern};

	return !split(&w, pattern, NULL) && !walk(&w, "", settle(&w, 1), 0, NULL) && w.found;
}

int abl_glob_check(const char *pattern, struct abl_err *err)
{
	return split(&(struct walk){0}, pattern, err);
}

void abl_paths_finish(struct abl_paths *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		free(p->path[i]);
	free(p->path);
	*p = (struct abl_paths){0};
}
