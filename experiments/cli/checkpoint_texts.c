/* SPDX-License-Identifier: Apache-2.0 */
#include "checkpoint_texts.h"

#include "held_out.h"
#include "scratch_corpus.h"
#include "wordpiece.h"

#include <stdio.h>

int abl_checkpoint_texts(struct abl_corpus *c, const struct abl_saved *saved,
			 const char *const *texts, const char *groups, struct abl_err *err)
{
	struct abl_tokenizer *tokenizer = abl_tokenizer_create(saved->vocab, saved->config.cased);
	const struct abl_text_events quiet = {0};
	int rc = abl_scratch_corpus(c,
				    &(struct abl_corpus_request){.texts = texts,
								 .groups = groups,
								 .tokenizer = tokenizer,
								 .rule = abl_sentence_rule_find(
									 saved->config.sentences)},
				    &quiet, err);

	abl_tokenizer_destroy(tokenizer);
	return rc;
}

int abl_checkpoint_split(struct abl_corpus *c, const struct abl_saved *saved, const char *text,
			 const char *groups, bool held_out, struct abl_err *err)
{
	uint64_t count = 0;
	bool there;
	int rc = abl_held_out_read(c, saved->folder, &there, err);

	if (rc)
		return rc;
	if (!there) {
		fprintf(stderr,
			"%s does not say what it was trained on: documents are held out as 'ablate "
			"run' would hold them out of '%s'%s\n",
			saved->folder, text, groups ? "" : ", one by one");
		return 0;
	}
	for (uint64_t d = 0; d < c->documents; d++)
		count += abl_corpus_held_out(c, d);
	if (held_out ? count > 0 : count < c->documents)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   held_out ? "'%s': none of its documents was held out of the training of "
				      "%s: give the texts of its pre-training"
				    : "'%s': all of its documents were held out of the training of "
				      "%s: use --split dev",
			   text, saved->folder);
}
