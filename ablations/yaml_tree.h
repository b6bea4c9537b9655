/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_tree.h - a YAML file as a tree in which every node knows its place, and errors that show it.
 *
 * The subset that studies need: one document of maps, lists and scalars. Anchors, aliases, tags and
 * several documents are refused, as are duplicate keys, invalid UTF-8 and NUL bytes. Bounds: 256
 * KiB a file, 32 levels, 64 included files. */
#ifndef ABL_YAML_TREE_H
#define ABL_YAML_TREE_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_yaml_file {
	char *path;
	char *folder; /* of path; NULL: the current one */
	char *text;
	const struct abl_yaml_file *from; /* the file that includes it, NULL for the first */
	int from_line;
	struct abl_node *root;
};

enum abl_node_kind { ABL_NODE_SCALAR, ABL_NODE_LIST, ABL_NODE_MAP };

struct abl_node {
	enum abl_node_kind kind;
	const struct abl_yaml_file *file;
	int line, column, width; /* from 1; width in characters on its first line */
	bool quoted;             /* scalar: written in quotes or as a block, so it is a text */
	char *text;              /* scalar */
	struct abl_node **items; /* list: items; map: key, value, key, value ... */
	size_t count, capacity;  /* of items */
	const struct abl_node
		*below; /* the value of an included file that this one replaced, or NULL */
};

/* A study file and all that it includes, merged. */
struct abl_yaml_tree {
	struct abl_yaml_file **files; /* [0] is the first; includers before what they include */
	size_t file_count, file_capacity;
	struct abl_node *root; /* a map; nodes belong to their files, merged maps to the tree */
	struct abl_node **merged;
	size_t merged_count, merged_capacity;
	const struct abl_yaml_record *record; /* while it is read; or NULL */
};

/* Texts that stand for those of files. */
struct abl_yaml_record {
	char *(*file)(const char *texts, const char *path); /* the caller's; NULL: there is none */
	const char *texts;
};

/* Reads path and its includes, or (`record` not NULL) what is recorded of them. `merge_keys`
 * (NULL-terminated) are the top-level maps that are merged key by key; any other value replaces the
 * one below it whole. On success and on failure the caller ends the tree. */
int abl_yaml_load(struct abl_yaml_tree *t, const char *path, const struct abl_yaml_record *record,
		  const char *const *merge_keys, struct abl_err *err) ABL_MUST_USE;
void abl_yaml_finish(struct abl_yaml_tree *t); /* null-safe */

/* The value of a map's key, or NULL. */
const struct abl_node *abl_node_get(const struct abl_node *map, const char *key);

/* Fills err with "file:line:column: error: ...", the source line, a caret line and `help` (may be
 * NULL). Returns ABL_EINPUT. */
int abl_node_fail(const struct abl_node *n, const char *help, struct abl_err *err, const char *fmt,
		  ...) ABL_PRINTF(4, 5);

/* "study.yaml:14" in a buffer of the caller. */
const char *abl_node_place(const struct abl_node *n, char *out, size_t size);

#endif
