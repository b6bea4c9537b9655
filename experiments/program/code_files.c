/* SPDX-License-Identifier: Apache-2.0 */
#include "code_files.h"

#include "code_found.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_FILES = 20000 };
#define MOST_CODE ((int64_t)512 << 20)

/* ---- paths ---- */

/* Lexically; ".." goes up from where the name before it stands, not from where a link leads. */
static char *without_dots(const char *path)
{
	struct abl_str out = {0};

	abl_str_add(&out, "", 0);
	while (*path) {
		size_t length = strcspn(path, "/");

		if (length == 2 && !memcmp(path, "..", 2)) {
			char *slash = strrchr(out.text, '/');

			if (slash)
				out.text[out.length = (size_t)(slash - out.text)] = '\0';
		} else if (length && !(length == 1 && *path == '.')) {
			abl_str_printf(&out, "/%.*s", (int)length, path);
		}
		path += length + (path[length] == '/');
	}
	if (!out.length)
		abl_str_puts(&out, "/");
	return out.text;
}

/* "/a/link/../b" is beside the link's target: the system knows. */
char *abl_code_plain(const char *path)
{
	const char *up = NULL;
	struct abl_str out = {0};
	char *head, *real, *plain;

	for (const char *p = path; (p = strstr(p, "/..")); p += 3)
		if (p[3] == '/' || !p[3])
			up = p + 3;
	if (!up)
		return without_dots(path);
	head = strndup(path, (size_t)(up - path));
	real = realpath(abl_there(head, "a path"), NULL);
	abl_str_printf(&out, "%s%s", real ? real : head, up);
	plain = without_dots(out.text);
	abl_str_finish(&out);
	free(head);
	free(real);
	return plain;
}

/* The part of path below folder, or NULL. */
static const char *below(const char *folder, const char *path)
{
	size_t length = strcmp(folder, "/") != 0 ? strlen(folder) : 0;

	return !strncmp(path, folder, length) && path[length] == '/' && path[length + 1]
		       ? path + length + 1
		       : NULL;
}

char *abl_code_name(const struct abl_code_search *s, const char *path)
{
	char *plain = abl_code_plain(path), *name;
	const char *inside = below(s->out->directory, plain);

	if (!inside)
		inside = below(s->real, plain);
	if (!inside)
		return plain;
	name = abl_strdup(inside);
	free(plain);
	return name;
}

char *abl_code_join(const char *folder, const char *name)
{
	struct abl_str path = {0};

	abl_str_printf(&path, "%s/%s", strcmp(folder, "/") != 0 ? folder : "", name);
	return path.text;
}

static char *full_path(const struct abl_code_set *c, const char *name)
{
	return *name == '/' ? abl_strdup(name) : abl_code_join(c->directory, name);
}

/* ---- lists ---- */

void abl_code_add(struct abl_code_list *list, char *name)
{
	abl_grow(&list->file, &list->capacity, list->count + 1, sizeof *list->file);
	list->file[list->count++] = (struct abl_code_file){.path = name};
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct abl_code_file *)a)->path,
		      ((const struct abl_code_file *)b)->path);
}

static void sort_list(struct abl_code_list *list)
{
	size_t kept = 0;

	if (list->count)
		qsort(list->file, list->count, sizeof *list->file, by_path);
	for (size_t i = 0; i < list->count; i++)
		if (kept && !strcmp(list->file[kept - 1].path, list->file[i].path))
			free(list->file[i].path);
		else
			list->file[kept++] = list->file[i];
	list->count = kept;
}

static int by_link(const void *a, const void *b)
{
	return strcmp(((const struct abl_code_link *)a)->path,
		      ((const struct abl_code_link *)b)->path);
}

/* Is it, or a folder that it is in, among the first `count` links, which are sorted? */
static bool is_linked(const struct abl_code_set *c, size_t count, const char *name)
{
	char *part = abl_strdup(name), *slash;
	const struct abl_code_link key = {.path = part};
	bool found = false;

	while (count && !found) {
		found = bsearch(&key, c->link, count, sizeof key, by_link);
		slash = strrchr(part, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	free(part);
	return found;
}

bool abl_code_is_input(const struct abl_code_set *c, const char *name)
{
	const struct abl_code_file key = {.path = (char *)name};

	return (c->inputs.count &&
		bsearch(&key, c->inputs.file, c->inputs.count, sizeof key, by_path)) ||
	       is_linked(c, c->link_count, name);
}

static void finish_list(struct abl_code_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->file[i].path);
	free(list->file);
}

/* An input is where it is: its link stands in the copy, and the code is not copied there. */
static void drop_inputs(struct abl_code_set *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->code.count; i++)
		if (abl_code_is_input(c, c->code.file[i].path))
			free(c->code.file[i].path);
		else
			c->code.file[kept++] = c->code.file[i];
	c->code.count = kept;
}

/* ---- links ---- */

void abl_code_add_link(struct abl_code_set *c, const char *name)
{
	if (*name == '/')
		return;
	abl_grow(&c->link, &c->link_capacity, c->link_count + 1, sizeof *c->link);
	c->link[c->link_count++] = (struct abl_code_link){
		.path = abl_strdup(name),
		.target = full_path(c, name),
	};
}

/* One for each input of the directory's own, but for what a folder's link already shows. */
static void settle_links(struct abl_code_set *c)
{
	size_t kept = 0;

	if (c->link_count)
		qsort(c->link, c->link_count, sizeof *c->link, by_link);
	for (size_t i = 0; i < c->link_count; i++) {
		struct abl_code_link l = c->link[i];

		if (is_linked(c, kept, l.path)) {
			free(l.path);
			free(l.target);
		} else {
			c->link[kept++] = l;
		}
	}
	c->link_count = kept;
}

/* ---- hashes ---- */

/* Lengths are hashed, too: a name can contain anything. */
static void hash_list(struct abl_code_list *list, bool code)
{
	struct abl_hash *h = abl_hash_create();

	for (size_t i = 0; i < list->count; i++) {
		const struct abl_code_file *f = &list->file[i];
		struct abl_str head = {0};

		abl_str_printf(&head, "%zu:%s:%s%s\n", strlen(f->path), f->path, f->content.hash,
			       code && f->content.executable ? ":x" : "");
		abl_hash_add(h, head.text, head.length);
		abl_str_finish(&head);
	}
	abl_hash_text(h, list->hash);
	abl_hash_destroy(h);
}

static int read_list(struct abl_code_set *c, struct abl_code_list *list,
		     struct abl_hash_cache *cache, const char *what, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < list->count && !rc; i++) {
		char *full = full_path(c, list->file[i].path);

		rc = abl_hash_cache_file(cache, full, &list->file[i].content, err);
		free(full);
	}
	hash_list(list, list == &c->code);
	return abl_err_prefix(err, rc, "%s", what);
}

/* Before anything is read: nobody waits for the hash of a data set that was taken for code. */
static int check_size(const struct abl_code_set *c, struct abl_err *err)
{
	int64_t total = 0, most = 0;
	const char *largest = "";
	char a[32], b[32];

	if (c->code.count > MOST_FILES)
		return abl_err_set(err, ABL_EINPUT,
				   "files: %zu files in '%s' are more than code has (%d): name "
				   "what the program reads under 'inputs:'",
				   c->code.count, c->directory, MOST_FILES);
	for (size_t i = 0; i < c->code.count; i++) {
		char *full = full_path(c, c->code.file[i].path);
		struct stat st;

		if (c->code.file[i].path[0] != '/' && !stat(full, &st)) {
			total += st.st_size;
			if (st.st_size > most)
				largest = c->code.file[i].path;
			most = st.st_size > most ? st.st_size : most;
		}
		free(full);
	}
	if (total <= MOST_CODE)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "files: %s in '%s' are more than code has (%s), '%s' above all: name "
			   "what the program reads under 'inputs:'",
			   abl_format_bytes((double)total, a), c->directory,
			   abl_format_bytes((double)MOST_CODE, b), largest);
}

static int find_names(struct abl_code_search *s, struct abl_err *err)
{
	const struct abl_code_spec *spec = s->spec;
	struct abl_code_set *c = s->out;
	int rc = 0;

	for (int i = 0; i < 2 && !rc; i++)
		if (spec->inputs[i])
			rc = abl_code_add_patterns(s, spec->inputs[i], true, err);
	sort_list(&c->inputs);
	settle_links(c);
	for (int i = 0; i < 2 && !rc; i++)
		if (spec->files[i])
			rc = abl_code_add_patterns(s, spec->files[i], false, err);
	if (!rc)
		abl_code_add_words(s);
	sort_list(&c->code);
	settle_links(c); /* images */
	drop_inputs(c);
	return rc;
}

int abl_code_find(struct abl_code_set *out, const struct abl_code_spec *spec, struct abl_err *err)
{
	struct abl_code_search s = {.spec = spec, .out = out};
	int rc;

	*out = (struct abl_code_set){.directory = abl_code_plain(spec->directory)};
	if (!abl_is_dir(out->directory))
		return abl_err_set(err, ABL_EINPUT, "directory: there is no folder '%s'",
				   out->directory);
	s.real = realpath(out->directory, NULL);
	if (!s.real)
		s.real = abl_strdup(out->directory);
	rc = find_names(&s, err);
	free(s.real);
	rc = rc ? rc : check_size(out, err);
	rc = rc ? rc : read_list(out, &out->code, spec->cache, "files", err);
	return rc ? rc : read_list(out, &out->inputs, spec->cache, "inputs", err);
}

void abl_code_finish(struct abl_code_set *c)
{
	if (!c)
		return;
	finish_list(&c->code);
	finish_list(&c->inputs);
	for (size_t i = 0; i < c->link_count; i++) {
		free(c->link[i].path);
		free(c->link[i].target);
	}
	for (size_t i = 0; i < c->word_count; i++)
		free(c->word[i].text);
	free(c->link);
	free(c->word);
	free(c->directory);
	abl_str_finish(&c->notes);
	*c = (struct abl_code_set){0};
}

const char *abl_code_word(const struct abl_code_set *c, bool of_wrap, size_t at, const char *word)
{
	for (size_t i = 0; i < c->word_count; i++)
		if (c->word[i].of_wrap == of_wrap && c->word[i].at == at)
			return c->word[i].text;
	return word;
}
