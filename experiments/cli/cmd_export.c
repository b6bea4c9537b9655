/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_export.c - a checkpoint as a folder that transformers opens. */
#include "attempt_folder.h"
#include "command.h"
#include "files.h"
#include "hf_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORTEST_KEY 4

/* The artefact whose key begins so; caller frees. NULL: none, or several. */
static char *find_artifact(const char *store, const char *key, struct abl_err *err)
{
	char *folder = abl_store_path(store, "artifacts"), *found = NULL;
	DIR *d = strlen(key) >= SHORTEST_KEY ? opendir(folder) : NULL;
	struct dirent *entry;
	size_t n = 0;

	while (d && (entry = readdir(d)))
		if (!strncmp(entry->d_name, key, strlen(key)) && entry->d_name[0] != '.') {
			free(found);
			found = abl_path_join(folder, entry->d_name);
			n++;
		}
	if (d)
		closedir(d);
	free(folder);
	if (n == 1)
		return found;
	if (n)
		abl_err_set(err, ABL_EINPUT,
			    "'%s' begins the keys of %zu stages in '%s': give more of the key", key,
			    n, store);
	else
		abl_err_set(err, ABL_EINPUT,
			    "no folder and no stage key starts with '%s' in '%s' (at least 4 "
			    "characters; 'ablate plan STUDY --verbose' lists them)",
			    key, store);
	free(found);
	return NULL;
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const char *what = a->word[0];
	char *from =
		abl_is_dir(what) ? abl_strdup(what) : find_artifact(abl_args_store(a), what, err);
	struct abl_str said = {0};

	if (from && !abl_hf_export(from, a->word[1], &said, err))
		printf("%s\n", said.text);
	abl_str_finish(&said);
	free(from);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {ABL_OPTION_STORE, {.name = NULL}};

const struct abl_command abl_cmd_export = {
	.name = "export",
	.usage = "STAGE|CHECKPOINT DIR [--store DIR]",
	.summary = "write a checkpoint as a Hugging Face folder that transformers opens",
	.details = "STAGE is the beginning of a stage's key ('ablate plan STUDY --verbose' lists "
		   "them),\n"
		   "CHECKPOINT a folder. DIR gets config.json, model.safetensors, vocab.txt and\n"
		   "tokenizer_config.json. A variant with a piece that the format cannot say is "
		   "refused.",
	.min_words = 2,
	.max_words = 2,
	.options = options,
	.exec = exec,
};
