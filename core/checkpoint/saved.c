/* SPDX-License-Identifier: Apache-2.0 */
#include "saved.h"

#include "files.h"
#include "hf_config.h"
#include "hf_tokenizer.h"
#include "seal.h"
#include "str.h"
#include "task_types.h"
#include "vocab.h"

#include <stdlib.h>
#include <string.h>

/* What may lie there instead of model.safetensors, and why it cannot be taken. */
static const struct {
	const char *file, *why;
} other_weights[] = {
	{"model.safetensors.index.json",
	 "the weights are in several files, which is not supported: save the model again in one "
	 "(transformers: save_pretrained with a large max_shard_size)"},
	{"pytorch_model.bin",
	 "the weights are a pickle file, which can run any program when it is opened: save the "
	 "model again as safetensors"},
	{"pytorch_model.bin.index.json",
	 "the weights are pickle files, which can run any program when they are opened: save the "
	 "model again as safetensors"},
	{"tf_model.h5", "the weights are TensorFlow's: save the model again as safetensors"},
	{"flax_model.msgpack", "the weights are Flax's: save the model again as safetensors"},
};

static bool has_file(const char *folder, const char *name)
{
	char *path = abl_path_join(folder, name);
	bool there = abl_file_exists(path);

	free(path);
	return there;
}

/* A pipe or a device has no end; a link to a file is a file. */
static int check_regular(const char *folder, struct abl_err *err)
{
	static const char *const names[] = {"config.json",
					    "model.safetensors",
					    "vocab.txt",
					    "tokenizer.json",
					    "added_tokens.json",
					    "tokenizer_config.json",
					    "special_tokens_map.json"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++) {
		char *path = abl_path_join(folder, names[i]);

		if (abl_file_exists(path) && !abl_is_regular(path))
			rc = abl_err_set(err, ABL_EINPUT, "%s: not a regular file", path);
		free(path);
	}
	return rc;
}

static int check_files(const char *folder, struct abl_err *err)
{
	if (!abl_is_dir(folder))
		return abl_err_set(
			err, ABL_EINPUT,
			abl_file_exists(folder)
				? "'%s' is a file; a checkpoint is a folder with config.json, "
				  "model.safetensors and vocab.txt"
				: "there is no folder '%s'",
			folder);
	if (!has_file(folder, "config.json"))
		return abl_err_set(err, ABL_EINPUT, "%s: not a checkpoint: it has no config.json",
				   folder);
	if (has_file(folder, "model.safetensors"))
		return check_regular(folder, err);
	for (size_t i = 0; i < sizeof other_weights / sizeof *other_weights; i++)
		if (has_file(folder, other_weights[i].file))
			return abl_err_set(err, ABL_EINPUT, "%s: has only %s: %s", folder,
					   other_weights[i].file, other_weights[i].why);
	return abl_err_set(err, ABL_EINPUT, "%s: not a checkpoint: it has no model.safetensors",
			   folder);
}

/* Lines too many: blank or doubled ones, which have moved all behind them, or some at the end. */
static int too_many_tokens(const struct abl_saved *s, int64_t tokens, int64_t rows,
			   struct abl_err *err)
{
	const char *notes = abl_vocab_notes(s->vocab), *end;
	const long long more = tokens - rows;

	if (*notes) { /* "FILE: 1 blank line in the middle (line 31): kept as ..." */
		notes += strlen(s->vocab_file) + 2;
		end = strstr(notes, "):");
		return abl_err_set(err, ABL_EINPUT,
				   "%s: the vocabulary has %lld tokens, the model's table %lld "
				   "rows: use the vocabulary it was trained with, or take out what "
				   "was put in later: %.*s",
				   s->vocab_file, (long long)tokens, (long long)rows,
				   (int)(end ? (size_t)(end + 1 - notes) : strcspn(notes, "\n")),
				   notes);
	}
	return abl_err_set(err, ABL_EINPUT,
			   "%s: the vocabulary has %lld tokens, the model's table %lld rows: use "
			   "the vocabulary it was trained with, or remove the last %lld line%s if "
			   "%s added later",
			   s->vocab_file, (long long)tokens, (long long)rows, more,
			   abl_plural(more), more == 1 ? "it was" : "they were");
}

/* The vocabulary, whether case is kept, and what else the tokenizer must be. */
static int read_tokenizer(struct abl_saved *s, const struct abl_hf_config *c, struct abl_err *err)
{
	struct abl_value size = {.type = ABL_INT};
	struct abl_str notes = {0};
	int rc = abl_hf_vocab_find(&s->vocab_file, s->folder, err);

	if (!rc)
		rc = abl_hf_vocab_load(&s->vocab, s->vocab_file, err);
	if (!rc && !c->ours)
		rc = abl_hf_cased(s->folder, &s->config.cased, err);
	if (rc)
		return rc;
	size.i = (int64_t)abl_vocab_size(s->vocab);
	if (size.i > c->vocab_size)
		return too_many_tokens(s, size.i, c->vocab_size, err);
	abl_str_puts(&notes, abl_vocab_notes(s->vocab));
	if (size.i < c->vocab_size)
		abl_str_printf(&notes,
			       "%s: the model's table has %lld rows, the vocabulary %lld tokens: "
			       "the last %lld rows are left out\n",
			       s->folder, (long long)c->vocab_size, (long long)size.i,
			       (long long)(c->vocab_size - size.i));
	free(s->notes);
	s->notes = notes.text ? notes.text : abl_strdup("");
	/* a vocabulary file may be smaller than one that is learned: then the key keeps its value
	 */
	(void)!abl_config_set(&s->config, abl_config_key("vocab_size"), &size, NULL);
	return 0;
}

int abl_saved_open(struct abl_saved *out, const char *folder, struct abl_err *err)
{
	struct abl_hf_config c = {0};
	int rc = check_files(folder, err);

	rc = rc ? rc : abl_made_check(folder, NULL, ABL_LOOK_ALL, err);
	*out = (struct abl_saved){.folder = abl_strdup(folder)};
	if (!rc)
		rc = abl_hf_config_open(&c, folder, err);
	if (!rc) {
		out->config = c.config;
		out->type = c.type ? abl_strdup(c.type) : NULL;
		out->labels = c.labels;
		out->decided = c.decided;
		rc = read_tokenizer(out, &c, err);
	}
	if (rc) {
		abl_err_plain(err);
		abl_saved_finish(out);
	}
	return rc;
}

void abl_saved_finish(struct abl_saved *s)
{
	if (!s)
		return;
	abl_vocab_destroy(s->vocab);
	free(s->folder), free(s->vocab_file), free(s->type), free(s->labels), free(s->notes);
	*s = (struct abl_saved){0};
}

bool abl_saved_is_pretrained(const struct abl_saved *s)
{
	const struct abl_task_facts *type = abl_task_facts_find(s->type);

	return type && type->pretraining;
}
