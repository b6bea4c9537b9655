/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#include "vocab_train.h"

static int count_words(void *data, const struct abl_paragraph *p, struct abl_err *err)
{
	return abl_vocab_trainer_add(data, p->text, p->length, err);
}

int abl_corpus_learn_vocab(struct abl_vocab **out, const char *const *texts, size_t size,
			   bool cased, const struct abl_text_events *events, struct abl_err *err)
{
	struct abl_vocab_trainer *trainer = abl_vocab_trainer_create(cased);
	int rc = abl_documents_each(texts, events, count_words, trainer, err);

	if (!rc)
		rc = abl_vocab_trainer_train(trainer, size, out, NULL, err);
	abl_vocab_trainer_destroy(trainer);
	return rc;
}
