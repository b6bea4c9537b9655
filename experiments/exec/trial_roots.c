/* SPDX-License-Identifier: Apache-2.0 */
#include "trial_roots.h"

#include "files.h"
#include "json.h"
#include "str.h"
#include "writer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST ((size_t)16 << 20)

struct root {
	const char *from, *to; /* without a '/' at the end; from NULL: there is none */
	size_t length;
};

/* Characters before and behind a path in a word: what an option, a list or a shell puts there. */
static bool ends_path(char c)
{
	return !c || strchr("=:,;\"'()<>|& \t\n", c) != NULL;
}

static size_t length_of(const char *root)
{
	size_t n = root ? strlen(root) : 0;

	while (n > 1 && root[n - 1] == '/')
		n--;
	return n;
}

/* The root that `at` begins with, of those there are; NULL: none. */
static const struct root *root_at(const struct root *roots, size_t count, const char *text,
				  const char *at)
{
	if (at > text && !ends_path(at[-1]))
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (roots[i].length && !strncmp(at, roots[i].from, roots[i].length) &&
		    (at[roots[i].length] == '/' || ends_path(at[roots[i].length])))
			return &roots[i];
	return NULL;
}

void abl_roots_move(struct abl_str *out, const char *text, const struct abl_roots *from,
		    const struct abl_roots *to)
{
	struct root roots[] = {
		{from->store, to->store, to->store ? length_of(from->store) : 0},
		{from->data, to->data, to->data ? length_of(from->data) : 0},
	};

	if (roots[1].length > roots[0].length) {
		const struct root longer = roots[1];

		roots[1] = roots[0];
		roots[0] = longer;
	}
	for (const char *at = text; *at;) {
		const struct root *r = root_at(roots, 2, text, at);

		if (r) {
			abl_str_add(out, r->to, length_of(r->to));
			at += r->length;
		} else
			abl_str_add(out, at++, 1);
	}
	abl_str_puts(out, "");
}

static bool is_same(const char *a, const char *b)
{
	const size_t n = length_of(a);

	return !a || !b || (n == length_of(b) && !strncmp(a, b, n));
}

/* A name is no path: only values are moved. False: one became no text. */
static bool move(json_t *value, const struct abl_roots *from, const struct abl_roots *to)
{
	struct abl_str text = {0};
	bool done = true;
	const char *name;
	json_t *part;
	size_t i;

	if (json_is_string(value)) {
		abl_roots_move(&text, json_string_value(value), from, to);
		done = !json_string_setn(value, text.text, text.length);
		abl_str_finish(&text);
	}
	json_array_foreach(value, i, part)
	{
		done = move(part, from, to) && done;
	}
	json_object_foreach(value, name, part)
	{
		done = move(part, from, to) && done;
	}
	return done;
}

static int write_moved(const char *out, const char *path, json_t *root,
		       const struct abl_roots *from, const struct abl_roots *to,
		       struct abl_err *err)
{
	struct abl_str text = {0};
	struct abl_json j;
	const char *name;
	json_t *part;
	int rc;

	abl_json_begin(&j);
	json_object_foreach(root, name, part)
	{
		abl_json_put(&j, j.root, name, move(part, from, to) ? json_incref(part) : NULL);
	}
	rc = abl_json_end(&j, JSON_INDENT(2) | JSON_ENSURE_ASCII, path, &text, err);
	rc = rc ? rc : abl_file_write_passing(out, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}

int abl_trial_move(char **out, const char *path, const struct abl_roots *from,
		   const struct abl_roots *to, int64_t worker, struct abl_err *err)
{
	struct abl_str text = {0}, name = {0};
	json_error_t where;
	json_t *root;
	int rc;

	if (is_same(from->store, to->store) && is_same(from->data, to->data)) {
		*out = abl_strdup(path);
		return 0;
	}
	rc = abl_file_read(path, &text, LARGEST, err);
	if (rc)
		return rc;
	root = json_loadb(text.text, text.length, JSON_REJECT_DUPLICATES, &where);
	abl_str_printf(&name, "%s.w%lld", path, (long long)worker);
	rc = json_is_object(root)
		     ? write_moved(name.text, path, root, from, to, err)
		     : abl_err_set(err, ABL_EINPUT, "%s:%d:%d: error: not a trial file: %s", path,
				   where.line, where.column, where.text);
	json_decref(root);
	abl_str_finish(&text);
	if (rc)
		abl_str_finish(&name);
	else
		*out = name.text;
	return rc;
}
