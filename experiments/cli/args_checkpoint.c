/* SPDX-License-Identifier: Apache-2.0 */
#include "args_checkpoint.h"

#include "artifact.h"
#include "checkpoints.h"
#include "class_labels.h"
#include "files.h"
#include "study_name.h"
#include "stage_uses.h"
#include "store.h"
#include "str.h"
#include "table.h"
#include "hint.h"

#include <stdlib.h>
#include <string.h>

#define PRETRAINING "pretraining"

/* STUDY/VARIANT/TASK/SEED in its parts; a variant's label may have a '/' itself. */
struct name {
	char *text; /* what the parts point into */
	const char *study, *variant, *task;
	int64_t seed;
};

static bool split(struct name *n, const char *word)
{
	char *at, *parts[2];

	*n = (struct name){.text = abl_strdup(abl_nfc(word))};
	n->study = n->text;
	for (int i = 1; i >= 0; i--) { /* the seed, then the task */
		at = strrchr(n->text, '/');
		if (!at || at == n->text)
			return false;
		*at = '\0';
		parts[i] = at + 1;
	}
	at = strchr(n->text, '/');
	if (!at || at == n->text)
		return false;
	*at = '\0';
	n->variant = at + 1;
	n->task = parts[0];
	return *n->variant && *n->task && abl_parse_seed(parts[1], &n->seed);
}

/* What the store has of it: the one that is meant, and what there is beside where there is none. */
struct search {
	const struct name *name;
	struct abl_class_labels variants, tasks, seeds; /* the last two: of what is named before */
	bool found;
	char *state, *artifact;
};

static void note(struct abl_class_labels *c, const char *text)
{
	if (abl_class_labels_find(c, text) < 0)
		abl_class_labels_add(c, text);
}

static void hear(void *data, const struct abl_read_checkpoint *c)
{
	struct search *s = data;
	const struct name *n = s->name;
	const char *task = c->pretraining ? PRETRAINING : c->task;
	char seed[32];

	note(&s->variants, c->variant);
	if (strcmp(c->variant, n->variant) != 0)
		return;
	note(&s->tasks, task);
	if (strcmp(task, n->task) != 0)
		return;
	abl_format_seed(c->seed, seed);
	note(&s->seeds, seed);
	if (c->seed != n->seed || s->found)
		return;
	s->found = true;
	s->state = abl_strdup(c->state);
	s->artifact = c->artifact ? abl_strdup(c->artifact) : NULL;
}

static const char *name_at(size_t i, const void *data)
{
	return ((const struct abl_class_labels *)data)->name[i];
}

/* "study 's' has no variant 'no segmens'; did you mean 'no segments'?" */
static int none_such(const struct name *n, const char *what, const char *wanted,
		     const struct abl_class_labels *there, struct abl_err *err)
{
	const bool number = !wanted[strspn(wanted, "0123456789.")]; /* of which none is near */
	const char *near = number ? NULL : abl_nearest(wanted, there->count, name_at, there);
	struct abl_str list = {0};

	abl_hint_names(&list, there->count, name_at, there);
	if (near)
		abl_err_set(err, ABL_EINPUT, "study '%s' has no %s '%s' there; did you mean '%s'?",
			    n->study, what, wanted, near);
	else
		abl_err_set(err, ABL_EINPUT, "study '%s' has no %s '%s' there, only %s", n->study,
			    what, wanted, list.text);
	abl_str_finish(&list);
	return ABL_EINPUT;
}

static int judge(const struct search *s, const char *word, struct abl_err *err)
{
	const struct name *n = s->name;
	char seed[32];

	abl_format_seed(n->seed, seed);
	if (!s->variants.count)
		return abl_err_set(err, ABL_EINPUT,
				   "study '%s' has no checkpoints of the built-in engine; what a "
				   "program has kept is in the folder 'artifacts' of the store",
				   n->study);
	if (abl_class_labels_find(&s->variants, n->variant) < 0)
		return none_such(n, "variant", n->variant, &s->variants, err);
	if (abl_class_labels_find(&s->tasks, n->task) < 0)
		return none_such(n, "task", n->task, &s->tasks, err);
	if (!s->found)
		return none_such(n, "seed", seed, &s->seeds, err);
	if (!strcmp(s->state, "done") && !s->artifact)
		return abl_err_set(err, ABL_EINPUT,
				   "the weights of '%s' were not kept ('keep:' in its file, or "
				   "'ablate gc'): 'ablate run STUDY.yaml --restore' of that file "
				   "makes them again; its numbers stand",
				   word);
	if (strcmp(s->state, "done") != 0 || !s->artifact)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' is not trained (%s): 'ablate run' of its study goes on",
				   word, s->state);
	return 0;
}

static char *find_named(const struct abl_args *args, const struct name *n, const char *word,
			struct abl_err *err)
{
	struct search s = {.name = n};
	struct abl_store *store;
	int64_t study;
	char *folder = NULL;
	int rc = abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err);

	if (rc)
		return NULL;
	rc = abl_store_find_study(store, n->study, &study, err);
	rc = rc ? rc : abl_read_checkpoints(store, study, hear, &s, err);
	rc = rc ? rc : judge(&s, word, err);
	abl_store_close(store);
	if (!rc)
		folder = abl_path_join(abl_args_store(args), s.artifact);
	if (folder && !abl_is_dir(folder)) {
		abl_err_set(err, ABL_EINPUT,
			    "'%s' was trained, but its checkpoint is not kept: there is no folder "
			    "'%s'",
			    word, folder);
		free(folder);
		folder = NULL;
	}
	abl_class_labels_finish(&s.variants);
	abl_class_labels_finish(&s.tasks);
	abl_class_labels_finish(&s.seeds);
	free(s.state), free(s.artifact);
	return folder;
}

/* One that is known by its key, though it is there no more: then that is what is wrong. */
static char *find_key(const struct abl_args *args, const char *key, struct abl_err *err)
{
	struct abl_str whole = {0}, study = {0};
	struct abl_store *store = NULL;
	struct abl_err first = {0};
	char *folder = abl_artifact_find(abl_args_store(args), key, &first);

	if (folder)
		return folder;
	if (strlen(key) >= 4 &&
	    !abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, NULL) &&
	    abl_read_removed(store, key, &whole, &study, NULL) == 1)
		abl_err_set(err, ABL_EINPUT,
			    "what the stage %.12s of study '%s' made was not kept ('keep:' in its "
			    "file, or 'ablate gc'): 'ablate run STUDY.yaml --restore' of that file "
			    "makes it again; its numbers stand",
			    whole.text, study.text ? study.text : "");
	else
		abl_err_set(err, ABL_EINPUT, "%s", first.text);
	abl_store_close(store);
	abl_str_finish(&whole), abl_str_finish(&study);
	return NULL;
}

char *abl_checkpoint_arg(const struct abl_args *args, const char *word, struct abl_err *err)
{
	struct name n;
	char *folder = NULL;

	if (abl_file_exists(word)) /* a file is refused where it is opened */
		return abl_strdup(word);
	if (*word && !word[strspn(word, "0123456789abcdef")])
		return find_key(args, word, err);
	if (split(&n, word))
		folder = find_named(args, &n, word, err);
	else
		abl_err_set(err, ABL_EINPUT,
			    "there is no folder '%s'; a checkpoint of a study is "
			    "STUDY/VARIANT/TASK/SEED, or the first letters of its key",
			    word);
	free(n.text);
	return folder;
}
