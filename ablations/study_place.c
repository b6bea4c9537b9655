/* SPDX-License-Identifier: Apache-2.0 */
/* study_place.c - a place in the study file by its dotted path. */
#include "node_value.h"
#include "study_source.h"

#include <stdlib.h>
#include <string.h>

/* The item of that number at the start of a path, or NULL; *rest gets what is behind it. */
static const struct abl_node *item_at(const struct abl_node *list, const char *path,
				      const char **rest)
{
	char *end;
	const unsigned long i = strtoul(path, &end, 10);

	*rest = *end == '.' ? end + 1 : end;
	return end > path && (!*end || *end == '.') && i < list->count ? list->items[i] : NULL;
}

/* The value of the longest key that the path begins with: keys may hold dots themselves. */
static const struct abl_node *value_at(const struct abl_node *map, const char *path,
				       const char **rest)
{
	const struct abl_node *value = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < map->count; i += 2) {
		const char *key = map->items[i]->text;
		const size_t n = strlen(key);

		if (n < longest || strncmp(key, path, n) || (path[n] && path[n] != '.'))
			continue;
		longest = n;
		value = map->items[i + 1];
		*rest = path[n] ? path + n + 1 : path + n;
	}
	return value;
}

const struct abl_node *abl_study_node(const struct abl_study *s, const char *path, bool whole)
{
	const struct abl_node *n = s->source->tree.root, *next = n;

	while (*path && next) {
		next = n->kind == ABL_NODE_MAP    ? value_at(n, path, &path)
		       : n->kind == ABL_NODE_LIST ? item_at(n, path, &path)
						  : NULL;
		n = next ? next : n;
	}
	return whole && !next ? NULL : n;
}

int abl_study_fail_at(const struct abl_study *s, const char *path, const char *message,
		      struct abl_err *err)
{
	return abl_node_fail(abl_study_node(s, path, false), NULL, err, "%s", message);
}

int abl_study_fail_quoted(const struct abl_study *s, const char *path, const char *message,
			  struct abl_err *err)
{
	const struct abl_node *n = abl_study_node(s, path, true);
	size_t count = 0;
	const struct abl_node *const *items = n ? abl_node_items(&n, &count) : NULL;
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		struct abl_str quoted = {0};

		if (items[i]->kind == ABL_NODE_SCALAR)
			abl_str_printf(&quoted, "'%s'", items[i]->text);
		if (quoted.length && strstr(message, quoted.text))
			rc = abl_node_fail(items[i], NULL, err, "%s", message);
		abl_str_finish(&quoted);
	}
	return rc;
}
