/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_tree.c - a study file with its includes, merged into one tree. */
#include "yaml_tree.h"

#include "files.h"
#include "str.h"
#include "yaml_parse.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES 64

static bool among(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* A node of the tree's own, at the place of `like`; its items belong to others. */
static struct abl_node *merged_node(struct abl_yaml_tree *t, const struct abl_node *like)
{
	struct abl_node *n = abl_malloc(sizeof *n);

	*n = *like;
	n->items = NULL;
	n->count = n->capacity = 0;
	abl_grow(&t->merged, &t->merged_capacity, t->merged_count + 1, sizeof *t->merged);
	return t->merged[t->merged_count++] = n;
}

static struct abl_node *value_of(const struct abl_node *map, const char *key)
{
	for (size_t i = 0; i < map->count; i += 2)
		if (!strcmp(map->items[i]->text, key))
			return map->items[i + 1];
	return NULL;
}

/* `upper` over `lower`. Values of merge_keys that are maps on both sides are merged in turn; with
 * merge_keys NULL all values are replaced whole. */
static struct abl_node *merge(struct abl_yaml_tree *t, const struct abl_node *lower,
			      const struct abl_node *upper, const char *const *merge_keys)
{
	struct abl_node *n = merged_node(t, upper);

	for (size_t i = 0; i < lower->count; i += 2)
		if (!value_of(upper, lower->items[i]->text)) {
			abl_node_add(n, lower->items[i]);
			abl_node_add(n, lower->items[i + 1]);
		}
	for (size_t i = 0; i < upper->count; i += 2) {
		struct abl_node *key = upper->items[i], *value = upper->items[i + 1];
		struct abl_node *under = value_of(lower, key->text);

		if (under && merge_keys && among(merge_keys, key->text) &&
		    under->kind == ABL_NODE_MAP && value->kind == ABL_NODE_MAP)
			value = merge(t, under, value, NULL);
		else if (under)
			value->below = under;
		abl_node_add(n, key);
		abl_node_add(n, value);
	}
	return n;
}

/* Is there a file to include, and none that is being read already? */
static int check_file(const struct abl_yaml_file *from, const char *path, const struct abl_node *at,
		      struct abl_err *err)
{
	struct stat new, old;

	if (!*at->text)
		return abl_node_fail(at, NULL, err, "'include' needs the name of a file");
	if (stat(path, &new))
		return abl_node_fail(at, "the path is relative to the file that includes it", err,
				     "cannot include '%s': there is no such file", path);
	if (S_ISDIR(new.st_mode))
		return abl_node_fail(at, NULL, err,
				     "cannot include '%s': it is a folder, not a file", path);
	for (; from; from = from->from)
		if (!stat(from->path, &old) && old.st_dev == new.st_dev && old.st_ino == new.st_ino)
			return abl_node_fail(at, "remove one of the two 'include' lines", err,
					     "cyclic include: '%s' is being read already", path);
	return 0;
}

static int load_file(struct abl_yaml_tree *t, const char *path, const struct abl_node *at,
		     const char *const *merge_keys, struct abl_node **out, struct abl_err *err);

/* Reads the file that `item` names and puts `*below` (NULL: nothing yet) under it. */
static int include_one(struct abl_yaml_tree *t, const struct abl_node *item,
		       const char *const *merge_keys, struct abl_node **below, struct abl_err *err)
{
	char *path = abl_path_join(item->file->folder, item->text);
	struct abl_node *root = NULL;
	int rc = t->record ? 0 : check_file(item->file, path, item, err);

	if (!rc)
		rc = load_file(t, path, item, merge_keys, &root, err);
	if (!rc)
		*below = *below ? merge(t, *below, root, merge_keys) : root;
	free(path);
	return rc;
}

/* `include:` holds names of files and rules (maps). Reads the files, leaves the rules. */
static int resolve_includes(struct abl_yaml_tree *t, struct abl_node *root,
			    const char *const *merge_keys, struct abl_node **out,
			    struct abl_err *err)
{
	struct abl_node *include = value_of(root, "include"), *below = NULL, *own, *rules;
	struct abl_node *const *items =
		include && include->kind == ABL_NODE_LIST ? include->items : &include;
	size_t count = !include ? 0 : include->kind == ABL_NODE_LIST ? include->count : 1;
	int rc;

	*out = root;
	if (!count)
		return 0;
	own = merged_node(t, root);
	rules = merged_node(t, include);
	rules->kind = ABL_NODE_LIST;
	rules->text = NULL;
	for (size_t i = 0; i < count; i++)
		if (items[i]->kind != ABL_NODE_SCALAR)
			abl_node_add(rules, items[i]);
		else if ((rc = include_one(t, items[i], merge_keys, &below, err)))
			return rc;
	for (size_t i = 0; i < root->count; i += 2)
		if (root->items[i + 1] != include || rules->count) {
			abl_node_add(own, root->items[i]);
			abl_node_add(own,
				     root->items[i + 1] == include ? rules : root->items[i + 1]);
		}
	*out = below ? merge(t, below, own, merge_keys) : own;
	return 0;
}

static int load_file(struct abl_yaml_tree *t, const char *path, const struct abl_node *at,
		     const char *const *merge_keys, struct abl_node **out, struct abl_err *err)
{
	struct abl_yaml_file *f;
	int rc;

	if (t->file_count == FILES)
		return abl_node_fail(at, NULL, err, "more than %d files are included", FILES);
	f = abl_calloc(1, sizeof *f);
	f->path = abl_strdup(path);
	f->folder = strchr(path, '/') ? abl_path_dir(path) : NULL;
	f->from = at ? at->file : NULL;
	f->from_line = at ? at->line : 0;
	abl_grow(&t->files, &t->file_capacity, t->file_count + 1, sizeof *t->files);
	t->files[t->file_count++] = f;
	if (t->record) {
		f->text = t->record->file(t->record->texts, path);
		if (!f->text)
			return abl_err_set(err, ABL_EINPUT, "the record of the study has no '%s'",
					   path);
	}
	rc = abl_yaml_parse(f, err);
	return rc ? rc : resolve_includes(t, f->root, merge_keys, out, err);
}

int abl_yaml_load(struct abl_yaml_tree *t, const char *path, const struct abl_yaml_record *record,
		  const char *const *merge_keys, struct abl_err *err)
{
	int rc;

	*t = (struct abl_yaml_tree){.record = record};
	rc = load_file(t, path, NULL, merge_keys, &t->root, err);
	t->record = NULL;
	return rc;
}

void abl_yaml_finish(struct abl_yaml_tree *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->merged_count; i++) {
		free(t->merged[i]->items); /* the items are their files' */
		free(t->merged[i]);
	}
	for (size_t i = 0; i < t->file_count; i++) {
		abl_node_destroy(t->files[i]->root);
		free(t->files[i]->path);
		free(t->files[i]->folder);
		free(t->files[i]->text);
		free(t->files[i]);
	}
	free(t->merged);
	free(t->files);
	*t = (struct abl_yaml_tree){0};
}

const struct abl_node *abl_node_get(const struct abl_node *map, const char *key)
{
	return value_of(map, key);
}
