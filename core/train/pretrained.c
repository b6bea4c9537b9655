/* SPDX-License-Identifier: Apache-2.0 */
#include "fill.h"

#include "checkpoint.h"

#include <stdlib.h>
#include <string.h>

/* The texts as one sequence, each [MASK] a target. */
static int put_texts(struct abl_batch *b, const struct abl_task_tools *tools,
		     const char *const *texts, size_t count, struct abl_err *err)
{
	int32_t mask = abl_vocab_special(abl_tokenizer_vocab(tools->tokenizer), ABL_MASK);
	struct abl_ids ids[2] = {0};
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++)
		rc = abl_tokenizer_encode(tools->tokenizer, texts[i], strlen(texts[i]), &ids[i],
					  err);
	if (!rc) {
		abl_batch_add(b, tools->layout, ids[0].items, ids[0].count,
			      count > 1 ? ids[1].items : NULL, ids[1].count, 0, -1, NULL, NULL);
		for (size_t i = 0; i < b->tokens; i++)
			if (b->piece[i] == mask)
				abl_batch_add_target(b, i, mask);
		if (!b->targets)
			rc = abl_err_set(err, ABL_EINPUT,
					 "no [MASK] in the first %zu pieces of the text: the model "
					 "was pre-trained only, it fills in [MASK]",
					 tools->layout->max_length);
	}
	abl_ids_finish(&ids[0]);
	abl_ids_finish(&ids[1]);
	return rc;
}

/* said [vocabulary]; the likeliest are taken out of it one by one. */
static void tell(const struct abl_vocab *v, real *said, size_t number, struct abl_str *out)
{
	abl_str_printf(out, "[MASK] %zu\n", number);
	for (int k = 0; k < ABL_FILL_BEST && (size_t)k < abl_vocab_size(v); k++) {
		size_t best = 0;

		for (size_t i = 1; i < abl_vocab_size(v); i++)
			if (said[i] > said[best])
				best = i;
		abl_str_printf(out, "  %.3f  %s\n", (double)said[best],
			       abl_vocab_piece(v, (int32_t)best));
		said[best] = -1;
	}
}

int abl_fill_masks(const struct abl_saved *saved, const struct abl_task_tools *tools,
		   const char *const *texts, size_t count, struct abl_str *out, struct abl_err *err)
{
	size_t longest = (size_t)saved->config.max_length, vocab = abl_vocab_size(saved->vocab);
	struct abl_model_request r = {.config = &saved->config,
				      .vocab_size = vocab,
				      .heads = {{"mlm", 0}},
				      .head_count = 1,
				      .pretraining = true,
				      .max_tokens = longest,
				      .max_sequences = 1};
	struct abl_pass pass = {.train = false};
	struct abl_model *m = NULL;
	struct abl_batch b = {0};
	int rc;

	if (count != 1 && count != 2)
		return abl_err_set(err, ABL_EINPUT, "%zu texts: give one, or two", count);
	rc = abl_batch_init(&b, longest, 1, err);
	if (!rc)
		rc = put_texts(&b, tools, texts, count, err);
	if (!rc)
		rc = abl_checkpoint_open(&m, &r, saved->folder, err);
	if (!rc) {
		pass.scores = abl_calloc(b.targets * vocab, sizeof *pass.scores);
		abl_model_pass(m, &b, &pass);
		for (size_t i = 0; i < b.targets; i++)
			tell(saved->vocab, pass.scores + i * vocab, i + 1, out);
	}
	free(pass.scores);
	abl_model_destroy(m);
	abl_batch_finish(&b);
	return rc;
}
