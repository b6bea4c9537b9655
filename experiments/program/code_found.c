/* SPDX-License-Identifier: Apache-2.0 */
#include "code_found.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>

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
	real = abl_real_path(abl_there(head, "a path"));
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

char *abl_code_full(const struct abl_code_set *c, const char *name)
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

void abl_code_sort(struct abl_code_list *list)
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

/* An input is where it is: its link stands in the copy, and the code is not copied there. */
void abl_code_drop_inputs(struct abl_code_set *c)
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
		.target = abl_code_full(c, name),
	};
}

/* One for each input of the directory's own, but for what a folder's link already shows. */
void abl_code_settle_links(struct abl_code_set *c)
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
