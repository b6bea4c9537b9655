/* SPDX-License-Identifier: Apache-2.0 */
#include "text_score.h"

#include "checkpoint.h"
#include "files.h"
#include "hooks.h"
#include "loop.h"
#include "pretrain_score.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_LABEL (-100) /* what transformers' losses leave out */

static const struct objective {
	const char *task;
	enum abl_slot slot;
} objectives[] = {{"mlm", ABL_SLOT_MLM}, {"lm", ABL_SLOT_LM}, {"nsp", ABL_SLOT_NSP}};

/* What was trained beside it decides what the model sees: nsp reads masked texts where there are
 * masks. So the configuration stays as it is, and the task has to be one of its objectives. */
static int check_task(const struct abl_text_score_request *r, struct abl_err *err)
{
	for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
		const struct abl_objective_hooks *h;

		if (strcmp(objectives[i].task, r->task))
			continue;
		h = ABL_HOOKS(&r->saved->config, objectives[i].slot, objective);
		return h->head ? 0
			       : abl_err_set(err, ABL_EINPUT,
					     "%s: was pre-trained without '%s': nothing in it "
					     "does that",
					     r->saved->folder, r->task);
	}
	return abl_err_set(err, ABL_EINPUT, "'%s' cannot be scored on a text: mlm, lm or nsp can",
			   r->task);
}

static void put_numbers(struct abl_writer *w, const char *name, const int32_t *x, size_t n)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "\"%s\": [", name);
	for (size_t i = 0; i < n; i++)
		abl_str_printf(&text, "%s%d", i ? ", " : "", (int)x[i]);
	abl_str_puts(&text, "]");
	abl_writer_put(w, text.text, text.length);
	abl_str_finish(&text);
}

static void put_sequence(struct abl_writer *w, const struct abl_batch *b, size_t sequence,
			 const int32_t *labels)
{
	const size_t first = (size_t)b->offset[sequence];
	const size_t n = (size_t)b->offset[sequence + 1] - first;
	int32_t *segments = abl_calloc(n + 1, sizeof *segments);
	char next[64];

	for (size_t i = 0; i < n; i++)
		segments[i] = b->segment[first + i];
	abl_writer_put(w, "{", 1);
	put_numbers(w, "input_ids", b->piece + first, n);
	abl_writer_put(w, ", ", 2);
	put_numbers(w, "token_type_ids", segments, n);
	abl_writer_put(w, ", ", 2);
	put_numbers(w, "labels", labels + first, n);
	if (b->label[sequence] >= 0) {
		snprintf(next, sizeof next, ", \"next_sentence_label\": %d",
			 (int)b->label[sequence]);
		abl_writer_put(w, next, strlen(next));
	}
	abl_writer_put(w, "}\n", 2);
	free(segments);
}

static int write_batch(void *data, const struct abl_batch *b, struct abl_err *err)
{
	int32_t *labels = abl_calloc(b->tokens + 1, sizeof *labels);

	(void)err; /* the writer keeps its failure until the end */
	for (size_t i = 0; i < b->tokens; i++)
		labels[i] = NO_LABEL;
	for (size_t k = 0; k < b->targets; k++)
		labels[b->target_row[k]] = b->target_piece[k];
	for (size_t s = 0; s < b->sequences; s++)
		put_sequence(data, b, s, labels);
	free(labels);
	return 0;
}

static int score(const struct abl_text_score_request *r, struct abl_pretrain_data *d,
		 struct abl_pretrain_scores *out, struct abl_err *err)
{
	const struct abl_config *c = &r->saved->config;
	struct abl_model_request m = {.compute = r->compute,
				      .config = c,
				      .vocab_size = abl_vocab_size(r->saved->vocab),
				      .heads = {{.name = r->task}},
				      .head_count = 1,
				      .pretraining = true};
	struct abl_batch batch = {0};
	struct abl_writer writer = {0};
	struct abl_pretrain_scoring s = {.data = d, .batch = &batch, .vocab = r->saved->vocab};
	int rc;

	m.max_tokens = m.max_sequences = abl_micro_tokens(c);
	s.every = abl_pretrain_every(d->pairs.count, r->most ? r->most : d->pairs.count);
	rc = abl_batch_init(&batch, m.max_tokens, m.max_sequences, err);
	rc = rc ? rc : abl_checkpoint_open(&s.model, &m, r->saved->folder, err);
	if (!rc && r->written) {
		rc = abl_writer_open(&writer, r->written, err);
		s.hear = write_batch;
		s.hear_data = &writer;
	}
	rc = rc ? rc : abl_pretrain_score(&s, out, err);
	if (!rc && r->written)
		rc = abl_writer_commit(&writer, err);
	abl_writer_drop(&writer);
	abl_model_destroy(s.model);
	abl_batch_finish(&batch);
	return rc;
}

int abl_text_score(const struct abl_text_score_request *r,
		   void (*take)(void *data, const char *name, double value), void *data,
		   struct abl_err *err)
{
	struct abl_pretrain_scores t = {.points = 0};
	struct abl_pretrain_data d;
	int rc = check_task(r, err);

	if (rc)
		return rc;
	rc = abl_pretrain_data_init(&d,
				    &(struct abl_pretrain_request){.corpus = r->corpus,
								   .vocab = r->saved->vocab,
								   .config = &r->saved->config,
								   .held_out = true},
				    err);
	if (rc)
		return rc;
	if (!abl_pretrain_begin_epoch(&d, 0))
		rc = abl_err_set(err, ABL_EINPUT,
				 "the text gives no sequence: it needs two tokens at least");
	rc = rc ? rc : score(r, &d, &t, err);
	if (!rc) {
		take(data, "sequences", (double)t.items);
		if (strcmp(r->task, "nsp"))
			take(data, "tokens", (double)t.head[0].targets);
		abl_pretrain_figures(&t, r->task, &t.head[0], take, data);
	}
	abl_pretrain_data_finish(&d);
	return rc;
}
