/* SPDX-License-Identifier: Apache-2.0 */
/* study_paths.c - where a study's files lie: the data folder, texts, the vocabulary. */
#include "files.h"
#include "node_value.h"
#include "str.h"
#include "study_source.h"
#include "vocab.h"

#include <stdlib.h>
#include <string.h>

#define WORLD "world"

/* --data, then $ABLATE_DATA; the built-in world needs no folder, so only --data comes before it. */
int abl_study_read_data(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const char *text, *given = s->source->options.data, *env = getenv("ABLATE_DATA");

	if (n && abl_node_text(n, "data", &text, err))
		return ABL_EINPUT;
	free(s->data);
	s->data = NULL;
	if (given)
		s->data = abl_strdup(given);
	else if (n && !strcmp(text, WORLD))
		s->data = abl_strdup(WORLD);
	else if (env && *env)
		s->data = abl_strdup(env);
	else if (n)
		s->data = abl_path_join(n->file->folder, text);
	if (!s->data || !strcmp(s->data, WORLD) || s->source->options.no_files ||
	    abl_is_dir(s->data))
		return 0;
	return abl_node_fail(n ? n : s->source->tree.root,
			     "give the data folder: --data DIR, or $ABLATE_DATA", err,
			     "the data folder '%s' %s", s->data,
			     abl_file_exists(s->data) ? "is a file" : "does not exist");
}

/* A file that the study names: under the data folder, or beside the study file in the world. */
static int find_file(const struct abl_study *s, const struct abl_node *n, const char *what,
		     char **out, struct abl_err *err)
{
	const char *text;
	bool world;

	if (abl_node_text(n, what, &text, err))
		return ABL_EINPUT;
	if (!s->data && !s->source->options.no_files)
		return abl_node_fail(n, "add 'data: FOLDER', or give --data DIR or $ABLATE_DATA",
				     err, "'%s' is in the data folder, and none is given", text);
	world = s->data && !strcmp(s->data, WORLD);
	*out = abl_path_join(world                                  ? n->file->folder
			     : s->data && strcmp(s->data, ".") != 0 ? s->data
								    : NULL,
			     text);
	if (s->source->options.no_files || (abl_file_exists(*out) && !abl_is_dir(*out)))
		return 0;
	abl_node_fail(n,
		      world ? "it is searched for relative to the study file"
			    : "it is searched for in the data folder",
		      err,
		      abl_is_dir(*out) ? "'%s' is a folder, not a file" : "there is no file '%s'",
		      *out);
	free(*out);
	*out = NULL;
	return ABL_EINPUT;
}

int abl_study_read_texts(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	size_t count, capacity = 1;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	if (!count)
		return abl_node_fail(n, NULL, err, "'texts' needs at least one file");
	abl_grow(&s->texts, &capacity, count + 1, sizeof *s->texts);
	for (size_t i = 0; i < count; i++) {
		char *path = NULL;
		bool world = items[i]->kind == ABL_NODE_SCALAR && !strcmp(items[i]->text, WORLD);

		if (world && count > 1)
			return abl_node_fail(items[i], "give files or 'world', not both", err,
					     "the built-in texts cannot be mixed with files");
		if (world)
			path = abl_strdup(WORLD);
		else if (find_file(s, items[i], "texts", &path, err))
			return ABL_EINPUT;
		s->texts[s->text_count++] = path;
		s->texts[s->text_count] = NULL;
	}
	return 0;
}

int abl_study_read_groups(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (n->kind == ABL_NODE_SCALAR && !strcmp(n->text, "none"))
		return 0;
	if (s->text_count && !strcmp(s->texts[0], WORLD))
		return abl_node_fail(n, "remove it, or set 'groups: none'", err,
				     "the built-in texts have no groups");
	return find_file(s, n, "groups", &s->groups, err);
}

int abl_study_read_held_out(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (n->kind == ABL_NODE_SCALAR && !strcmp(n->text, "none"))
		return 0;
	if (s->groups)
		return abl_node_fail(n, "remove one of them, or set it to none", err,
				     "'groups' says what is held out of 'texts', and 'dev' is held "
				     "out in its place");
	if (s->text_count && !strcmp(s->texts[0], WORLD))
		return abl_node_fail(n, "remove it, or set 'dev: none'", err,
				     "the built-in texts hold out a part of their own");
	return find_file(s, n, "dev", &s->held_out, err);
}

/* A file that is no vocabulary is found here, not when the first stage reads it. */
static int check_vocab(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_err inner = {0};
	struct abl_vocab *v;

	if (abl_vocab_load(&v, s->vocab_file, &inner))
		return abl_node_fail(n, "'vocab' takes a number, or a vocab.txt: a token a line",
				     err, "%s", inner.text);
	if (*abl_vocab_notes(v))
		s->vocab_notes = abl_strdup(abl_vocab_notes(v));
	abl_vocab_destroy(v);
	return 0;
}

int abl_study_read_vocab(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_placed p = {
		.key = n, .value = n, .setting.key = abl_space_role(s->space, ABL_KEY_VOCAB_SIZE)};
	int64_t size;

	if (n->kind != ABL_NODE_SCALAR || abl_node_is_null(n) ||
	    (!n->quoted && abl_parse_int(n->text, &size))) {
		if (abl_node_value(n, p.setting.key, &p.setting.value, err))
			return ABL_EINPUT;
		abl_placed_add(&s->source->baseline, &p);
		return 0;
	}
	if (find_file(s, n, "vocab", &s->vocab_file, err))
		return ABL_EINPUT;
	return s->source->options.no_files ? 0 : check_vocab(s, n, err);
}

/* A vocabulary is learned from the texts of pre-training, the world's, or those that the tasks
 * train on. */
void abl_study_default_texts(struct abl_study *s)
{
	if (!s->text_count && !s->vocab_file && s->data && !strcmp(s->data, WORLD))
		s->texts[s->text_count++] = abl_strdup(WORLD);
}
