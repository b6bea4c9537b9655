/* SPDX-License-Identifier: Apache-2.0 */
/* study_init.c - `init:` under `baseline:`: a checkpoint folder that every variant starts from. Its
 * model keys become the baseline's, its vocabulary the study's. */
#include "files.h"
#include "node_value.h"
#include "saved_values.h"
#include "str.h"
#include "study_source.h"

#include <string.h>

#define INIT "init" /* the component of `pretraining` */

/* Sizes of tensors and the meaning of pieces: another value than the folder's cannot be had. */
static const char *const bound[] = {"hidden", "heads", "ffn_size", "vocab_size", "cased"};
/* These may be less than the folder's: lower layers alone, shorter sequences. */
static const char *const at_most[] = {"layers", "max_length"};

static bool among(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

bool abl_study_init_key(const struct abl_key *key)
{
	/* how the weights were made, and what they are compared with, are the study's own */
	static const char *const own[] = {"pretraining", "special_tokens_from", "placebo"};

	return key->scope == ABL_SCOPE_MODEL && !among(key->name, own, sizeof own / sizeof *own) &&
	       ((key->stages & ABL_AT_FINETUNE) || key->role == ABL_KEY_VOCAB_SIZE);
}

int abl_study_start(const struct abl_study *s, struct abl_values *out, struct abl_err *err)
{
	const struct abl_key *pretraining = abl_space_role(s->space, ABL_KEY_PRETRAINING);
	const struct abl_value init = {.type = ABL_CHOICE, .choice = INIT};
	int rc;

	if (!s->init)
		return s->has_pretraining || !pretraining
			       ? 0
			       : abl_values_set(out, pretraining, &pretraining->none, err);
	rc = abl_values_set(out, pretraining, &init, err);
	for (size_t i = 0; !rc && i < s->space->key_count; i++) {
		const struct abl_key *key = s->space->keys[i];
		struct abl_value theirs, ours;

		if (!abl_study_init_key(key))
			continue;
		abl_values_get(s->source->init, key, &theirs);
		abl_values_get(out, key, &ours);
		if (!strcmp(key->name, "max_length") && ours.i < theirs.i)
			theirs = ours; /* the default, as long as the folder has the positions */
		rc = abl_values_set(out, key, &theirs, err);
	}
	return rc;
}

/* Is the value one that the folder's tensors allow? */
static int check_size(const struct abl_study *s, const struct abl_placed *p, struct abl_err *err)
{
	const char *name = p->setting.key->name;
	struct abl_str text = {0};
	struct abl_value theirs;
	int rc = 0;

	abl_values_get(s->source->init, p->setting.key, &theirs);
	abl_value_text(&theirs, &text);
	if (among(name, bound, sizeof bound / sizeof *bound) &&
	    !abl_value_equal(&theirs, &p->setting.value))
		rc = abl_node_fail(
			p->value, "remove this or 'init:'", err,
			"'%s' is %s in the 'init:' checkpoint, whose weights fit no other value",
			name, text.text);
	else if (among(name, at_most, sizeof at_most / sizeof *at_most) &&
		 p->setting.value.i > theirs.i)
		rc = abl_node_fail(p->value, "a smaller value is possible", err,
				   "'%s' is %s in the 'init:' checkpoint and cannot be larger",
				   name, text.text);
	abl_str_finish(&text);
	return rc;
}

int abl_study_check_init(const struct abl_study *s, const struct abl_placed *p, struct abl_err *err)
{
	const struct abl_key *key = p->setting.key;
	const bool slot = key->role == ABL_KEY_PRETRAINING;
	const bool init = slot && !strcmp(p->setting.value.choice, INIT);

	if (init && !s->init)
		return abl_node_fail(p->value, "add 'init: FOLDER' under 'baseline:'", err,
				     "there is no 'init:' to name the checkpoint");
	if (!s->init)
		return 0;
	if (slot && !init)
		return abl_node_fail(
			p->value, "remove this or 'init:'", err,
			"this study starts from a checkpoint, whose pre-training cannot be varied");
	return s->source->init_known ? check_size(s, p, err) : 0;
}

/* Opens the folder. */
static int open_folder(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_err inner = {0};
	struct abl_values *config = abl_values_create(s->space);
	int rc =
		abl_saved_values(s->init, &s->source->init, &s->vocab_file, &s->init_notes, &inner);

	if (!rc) {
		s->source->init_known = true;
		rc = abl_study_start(s, config, &inner);
	}
	abl_values_destroy(config);
	return rc ? abl_node_fail(
			    n, "'init' takes a checkpoint of ablate or one in Hugging Face format",
			    err, "%s", inner.text)
		  : 0;
}

int abl_study_read_init(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	static const struct {
		const char *key, *why;
	} others[] = {{"vocab", "the vocabulary is the checkpoint's"},
		      {"pretraining", "continued pre-training from a checkpoint is not supported"}};
	const struct abl_node *root = s->source->tree.root, *other;
	const char *text;

	if (abl_node_text(n, "init", &text, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if ((other = abl_node_get(root, others[i].key)))
			return abl_node_fail(n, "remove one of the two", err,
					     "'init' cannot go with '%s' (line %d): %s",
					     others[i].key, other->line, others[i].why);
	s->init = abl_path_join(n->file->folder, text);
	if (!s->source->options.no_files || abl_is_dir(s->init))
		return open_folder(s, n, err);
	s->source->init = abl_values_create(s->space);
	s->vocab_file = abl_path_join(s->init, "vocab.txt");
	return 0;
}
