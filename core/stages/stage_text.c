/* SPDX-License-Identifier: Apache-2.0 */
/* stage_text.c - the stages `vocab` and `tokenize`. */
#include "corpus.h"
#include "documents.h"
#include "files.h"
#include "sentences.h"
#include "stage_run.h"
#include "vocab_train.h"

#include <stdlib.h>
#include <string.h>

static void progress(void *data, double share)
{
	const struct abl_events *e = data;

	if (e->progress)
		e->progress(e->data, share, 0, 0);
}

static bool stopping(void *data)
{
	const struct abl_events *e = data;

	return e->stopping && e->stopping(e->data);
}

static struct abl_text_events text_events(const struct abl_events *e)
{
	return (struct abl_text_events){
		.data = (void *)(uintptr_t)e, .progress = progress, .stopping = stopping};
}

static int count_words(void *trainer, const char *text, size_t length, struct abl_err *err)
{
	return abl_vocab_trainer_add(trainer, text, length, err);
}

/* What a task trains on, never what it is scored on: each text that its type cuts into tokens. */
static int read_task(const struct abl_task_spec *spec, const struct abl_task_tools *tools,
		     struct abl_err *err)
{
	const struct abl_task_type *type = abl_task_type_find(spec->type);
	struct abl_task *task = NULL;
	int rc;

	if (!type)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has unknown type '%s'", spec->name,
				   spec->type);
	rc = type->load(&task, spec, abl_task_spec_holds_back(spec) ? "train-rest" : "train", NULL,
			tools, err);
	type->destroy(task);
	return rc;
}

/* Only the special tokens: enough to read a task by. */
static int make_specials(struct abl_vocab **out, struct abl_err *err)
{
	int rc = 0;

	*out = abl_vocab_create();
	for (int i = 0; i < ABL_SPECIALS && !rc; i++) {
		const char *piece = abl_special_text((enum abl_special)i);

		rc = abl_vocab_add(*out, piece, strlen(piece), err);
	}
	return rc ? rc : abl_vocab_complete(*out, err);
}

static int learn_from_tasks(struct abl_vocab **out, const struct abl_stage_request *r,
			    const struct abl_events *e, struct abl_err *err)
{
	struct abl_vocab_trainer *trainer = abl_vocab_trainer_create(r->config->cased);
	struct abl_tokenizer *tokenizer = NULL;
	struct abl_vocab *specials = NULL;
	struct abl_layout layout;
	int rc = make_specials(&specials, err);

	if (!rc)
		rc = abl_layout_init(&layout, r->config, specials, false, err);
	if (!rc) {
		tokenizer = abl_tokenizer_create(specials, r->config->cased);
		abl_tokenizer_listen(tokenizer, count_words, trainer);
	}
	for (size_t i = 0; i < r->task_count && !rc; i++) {
		rc = read_task(r->tasks[i], &(struct abl_task_tools){tokenizer, &layout}, err);
		progress((void *)(uintptr_t)e, (double)(i + 1) / (double)r->task_count);
	}
	if (!rc)
		rc = abl_vocab_trainer_train(trainer, (size_t)r->config->vocab_size, out, NULL,
					     err);
	abl_tokenizer_destroy(tokenizer);
	abl_vocab_destroy(specials);
	abl_vocab_trainer_destroy(trainer);
	return rc;
}

int stage_vocab(const struct abl_stage_request *r, const struct abl_compute *compute,
		const struct abl_events *e, struct abl_err *err)
{
	struct abl_text_events events = text_events(e);
	char *path = abl_path_join(r->output, "vocab.txt");
	struct abl_vocab *v = NULL;
	int rc = r->texts && r->texts[0]
			 ? abl_corpus_learn_vocab(&v, r->texts, (size_t)r->config->vocab_size,
						  r->config->cased, &events, err)
			 : learn_from_tasks(&v, r, e, err);

	(void)compute;
	if (!rc)
		rc = abl_vocab_save(v, path, err);
	if (!rc)
		stage_result(e, "pieces", (double)abl_vocab_size(v));
	abl_vocab_destroy(v);
	free(path);
	return rc;
}

/* What cannot be read back has not been made. */
static int tell_corpus(const char *path, const struct abl_events *e, struct abl_err *err)
{
	struct abl_corpus c;
	uint64_t words = 0;
	int rc = abl_corpus_open(&c, path, err);

	if (rc)
		return rc;
	for (uint64_t d = 0; d < c.documents; d++)
		words += c.details[d].words;
	stage_result(e, "documents", (double)c.documents);
	stage_result(e, "sentences", (double)c.sentences);
	stage_result(e, "words", (double)words);
	stage_result(e, "pieces", (double)c.pieces);
	abl_corpus_close(&c);
	return 0;
}

int stage_tokenize(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err)
{
	struct abl_text_events events = text_events(e);
	char *path = abl_path_join(r->output, "corpus.bin");
	struct abl_tokenizer *t = NULL;
	struct abl_vocab *v = NULL;
	int rc = abl_vocab_load(&v, r->vocab, err);

	(void)compute;
	if (!rc) {
		t = abl_tokenizer_create(v, r->config->cased);
		rc = abl_corpus_build(path,
				      &(struct abl_corpus_request){
					      .texts = r->texts,
					      .groups = r->groups,
					      .held_out = r->held_out,
					      .tokenizer = t,
					      .rule = abl_sentence_rule_find(r->config->sentences)},
				      &events, err);
	}
	if (!rc)
		rc = tell_corpus(path, e, err);
	abl_tokenizer_destroy(t);
	abl_vocab_destroy(v);
	free(path);
	return rc;
}
