/* SPDX-License-Identifier: Apache-2.0 */
/* stage_text.c - the stages `vocab` and `tokenize`. */
#include "corpus.h"
#include "documents.h"
#include "files.h"
#include "sentences.h"
#include "stage_run.h"

#include <stdlib.h>

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

int stage_vocab(const struct abl_stage_request *r, const struct abl_events *e, struct abl_err *err)
{
	struct abl_text_events events = text_events(e);
	char *path = abl_path_join(r->output, "vocab.txt");
	struct abl_vocab *v = NULL;
	int rc = abl_corpus_learn_vocab(&v, r->texts, (size_t)r->config->vocab_size,
					r->config->cased, &events, err);

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

int stage_tokenize(const struct abl_stage_request *r, const struct abl_events *e,
		   struct abl_err *err)
{
	struct abl_text_events events = text_events(e);
	char *path = abl_path_join(r->output, "corpus.bin");
	struct abl_tokenizer *t = NULL;
	struct abl_vocab *v = NULL;
	int rc = abl_vocab_load(&v, r->vocab, err);

	if (!rc) {
		t = abl_tokenizer_create(v, r->config->cased);
		rc = abl_corpus_build(path,
				      &(struct abl_corpus_request){
					      .texts = r->texts,
					      .groups = r->groups,
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
