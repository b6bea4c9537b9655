/* SPDX-License-Identifier: Apache-2.0 */
#include "study_name.h"

#include "node_value.h"
#include "study_source.h"

#include <string.h>

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && !strcmp(text + n - m, end);
}

static int read_file(const char *path, struct abl_str *name, struct abl_str *text,
		     struct abl_err *err)
{
	struct abl_yaml_tree tree;
	const struct abl_node *node;
	int rc = abl_study_files(&tree, path, err);

	if (!rc) {
		node = abl_node_get(tree.root, "study");
		if (node && node->kind == ABL_NODE_SCALAR && *node->text)
			abl_str_puts(name, abl_nfc(node->text));
		else
			rc = abl_err_set(err, ABL_EINPUT, "'%s' has no line 'study: NAME'", path);
	}
	if (!rc)
		abl_study_files_text(&tree, text);
	abl_yaml_finish(&tree);
	return rc;
}

bool abl_is_study_file(const char *word)
{
	return ends_with(word, ".yaml") || ends_with(word, ".yml");
}

int abl_study_name(const char *word, struct abl_str *name, struct abl_str *text,
		   struct abl_err *err)
{
	if (abl_is_study_file(word))
		return read_file(word, name, text, err);
	abl_str_puts(name, abl_nfc(word));
	return 0;
}

/* The end of what a line says: a comment begins at its start or behind a blank. One behind a quote
 * stays, for the quote may not have ended. */
static const char *end_of(const char *line, const char *end)
{
	bool quoted = false;

	for (const char *p = line; p < end && !quoted; p++) {
		quoted = *p == '"' || *p == '\'';
		if (*p == '#' && (p == line || p[-1] == ' ' || p[-1] == '\t'))
			end = p;
	}
	while (end > line && strchr(" \t\r", end[-1]))
		end--;
	return end;
}

/* The next line that says something, without its end; false: there is none. */
static bool next_line(const char **text, const char **line, size_t *length)
{
	while (**text) {
		const char *from = *text, *end = from + strcspn(from, "\n"),
			   *to = end_of(from, end);

		*text = end + (*end == '\n');
		*line = from;
		*length = (size_t)(to - from);
		if (*length)
			return true;
	}
	return false;
}

bool abl_study_text_same(const char *a, const char *b)
{
	const char *line, *other;
	size_t length, its;

	for (;;) {
		const bool more = next_line(&a, &line, &length);

		if (next_line(&b, &other, &its) != more)
			return false;
		if (!more)
			return true;
		if (length != its || memcmp(line, other, length))
			return false;
	}
}
