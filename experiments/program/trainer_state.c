/* SPDX-License-Identifier: Apache-2.0 */
/* trainer_state.c - what transformers' Trainer leaves beside its numbers. trainer_state.json names
 * the best checkpoint wherever one was looked for; whether that one was loaded at the end is said
 * by training_args.bin alone, a pickle, of which we look for one truth value (transformers 4.30 to
 * 5.24). Without that file a best checkpoint counts as loaded. */
#include "collected.h"

#include "guarded_file.h"
#include "key_path.h"
#include "loose_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 1000, LARGEST_STATE = 64 << 20, LARGEST_ARGS = 1 << 20, LONGEST_PLACE = 5 };

static const char option[] = "load_best_model_at_end";

static char *read_file(const char *out, const char *path, uint64_t limit, size_t *size)
{
	struct abl_guarded g;
	char *text;
	ssize_t n;

	*size = 0;
	if (abl_guarded_open(&g, out, path, limit, NULL))
		return NULL;
	text = abl_malloc((size_t)g.size + 1);
	while (*size < (size_t)g.size &&
	       ((n = read(g.fd, text + *size, (size_t)g.size - *size)) > 0 ||
		(n < 0 && errno == EINTR)))
		*size += n > 0 ? (size_t)n : 0;
	close(g.fd);
	return text;
}

/* Pickle: the key's text, BINPUT or LONG_BINPUT with its place, then NEWTRUE or NEWFALSE. */
static bool args_say_no(const char *out, const char *folder)
{
	struct abl_str path = {0};
	size_t size, rest, n = strlen(option);
	const char *at = NULL;
	char *text;
	bool no = false;

	abl_str_printf(&path, "%straining_args.bin", folder);
	text = read_file(out, path.text, LARGEST_ARGS, &size);
	if (text)
		at = memmem(text, size, option, n);
	rest = at ? size - (size_t)(at - text) - n : 0;
	if (rest > LONGEST_PLACE) {
		at += n;
		no = at[*at == 'q' ? 2 : *at == 'r' ? LONGEST_PLACE : 0] == '\x89';
	}
	free(text);
	abl_str_finish(&path);
	return no;
}

/* The best checkpoint that the state names; the caller's; NULL: none. */
static char *best_of(const char *out, const char *path, double *step)
{
	size_t size;
	char *text = read_file(out, path, LARGEST_STATE, &size), *best = NULL;
	json_t *root = text ? abl_loose_json(text, size, NULL) : NULL;
	const char *named = json_string_value(json_object_get(root, "best_model_checkpoint"));
	struct abl_printed number = {0};

	if (!abl_key_number(json_object_get(root, "global_step"), &number))
		number.value = -1;
	*step = number.value;
	if (named && *named)
		best = abl_strdup(strrchr(named, '/') && strrchr(named, '/')[1]
					  ? strrchr(named, '/') + 1
					  : named);
	json_decref(root);
	free(text);
	return best;
}

bool abl_trainer_selected(const char *out, struct abl_str *text)
{
	struct abl_paths states = {0};
	double highest = -2, step;
	char *chosen = NULL;
	const char *path = NULL;
	bool selected;

	if (abl_glob(&states, out, "**/trainer_state.json", FILES, NULL))
		states.count = states.count < FILES ? states.count : FILES;
	for (size_t i = 0; i < states.count; i++) {
		char *best = best_of(out, states.path[i], &step);

		/* of the same step the one nearest to the top: it was written last */
		if (step > highest || (step == highest && strlen(states.path[i]) < strlen(path))) {
			highest = step;
			path = states.path[i];
			free(chosen);
			chosen = best;
		} else {
			free(best);
		}
	}
	selected = chosen != NULL;
	if (selected) {
		char *folder = abl_there(strndup(path, strlen(path) - strlen("trainer_state.json")),
					 "a folder");

		selected = !args_say_no(out, folder);
		free(folder);
	}
	if (selected)
		abl_str_printf(text,
			       "selected on dev: '%s' says that the best checkpoint, '%s', was "
			       "restored",
			       path, chosen);
	free(chosen);
	abl_paths_finish(&states);
	return selected;
}
