/* SPDX-License-Identifier: Apache-2.0 */
#include "encode.h"

#include "checkpoint.h"
#include "model.h"
#include "str.h"
#include "task_notes.h"
#include "wordpiece.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS 2048 /* of a batch at most, or one sequence: attention keeps their scores */

struct abl_encoder {
	struct abl_encode_request request;
	struct abl_saved saved;
	struct abl_tokenizer *tokenizer;
	struct abl_layout layout;
	struct abl_model *model;
	struct abl_batch batch;
	struct abl_ids a, b;
	size_t tokens, width;
	size_t texts, cut;
	float *vectors; /* [tokens, width] of a batch, or of its sequences */
	abl_encoding_hook *tell;
	void *data;
};

static int check_request(struct abl_encoder *e, struct abl_err *err)
{
	struct abl_encode_request *r = &e->request;
	struct abl_config *c = &e->saved.config;

	r->max_length = r->max_length ? r->max_length : c->max_length;
	if (r->max_length < 3 || r->max_length > c->max_length)
		return abl_err_set(err, ABL_EINPUT,
				   "a length of %lld is not possible: %s has %lld positions, and "
				   "the special tokens need 3",
				   (long long)r->max_length, r->folder, (long long)c->max_length);
	if (r->batch < 1)
		return abl_err_set(err, ABL_EINPUT, "a batch needs at least one text");
	if (r->layer == ABL_LAYER_LAST)
		r->layer = c->layers;
	if (r->layer > c->layers || r->layer < ABL_LAYER_SUM4)
		return abl_err_set(err, ABL_EINPUT,
				   "%s has no layer %lld; its layers are 1 to %lld, and 0 is the "
				   "embeddings",
				   r->folder, (long long)r->layer, (long long)c->layers);
	if (r->layer == ABL_LAYER_SUM4 && c->layers < 4)
		return abl_err_set(err, ABL_EINPUT,
				   "%s has %lld layers; the sum of the last four needs 4",
				   r->folder, (long long)c->layers);
	c->max_length = r->max_length;
	return 0;
}

static int load_model(struct abl_encoder *e, struct abl_err *err)
{
	struct abl_model_request m = {.compute = e->request.compute,
				      .config = &e->saved.config,
				      .vocab_size = abl_vocab_size(e->saved.vocab),
				      .undrawn = true,
				      .max_tokens = e->tokens,
				      .max_sequences = e->tokens};
	int rc = abl_model_create(&e->model, &m, err);

	return rc ? rc : abl_checkpoint_load_all(e->model, e->request.folder, err);
}

int abl_encoder_open(struct abl_encoder **out, const struct abl_encode_request *r,
		     abl_encoding_hook *tell, void *data, struct abl_err *err)
{
	struct abl_encoder *e = abl_calloc(1, sizeof *e);
	int rc = abl_saved_open(&e->saved, r->folder, err);

	e->request = *r;
	e->tell = tell;
	e->data = data;
	rc = rc ? rc : check_request(e, err);
	if (!rc) {
		size_t longest = (size_t)e->request.max_length;

		e->tokens = longest > TOKENS ? longest : TOKENS;
		e->width = (size_t)e->saved.config.hidden;
		e->vectors = abl_malloc(e->tokens * e->width * sizeof *e->vectors);
		e->tokenizer = abl_tokenizer_create(e->saved.vocab, e->saved.config.cased);
		rc = abl_layout_init(&e->layout, &e->saved.config, e->saved.vocab, false, err);
	}
	rc = rc ? rc : abl_batch_init(&e->batch, e->tokens, e->tokens, err);
	rc = rc ? rc : load_model(e, err);
	if (rc)
		abl_encoder_close(e);
	else
		*out = e;
	return rc;
}

void abl_encoder_close(struct abl_encoder *e)
{
	if (!e)
		return;
	abl_model_destroy(e->model);
	abl_batch_finish(&e->batch);
	abl_tokenizer_destroy(e->tokenizer);
	abl_saved_finish(&e->saved);
	abl_ids_finish(&e->a), abl_ids_finish(&e->b);
	free(e->vectors);
	free(e);
}

/* The chosen layer's vectors of all tokens, into e->vectors. */
static void read_layer(struct abl_encoder *e)
{
	const size_t n = e->batch.tokens * e->width, last = (size_t)e->saved.config.layers;
	const bool sum = e->request.layer == ABL_LAYER_SUM4;
	const size_t first = sum ? last - 3 : (size_t)e->request.layer;

	memcpy(e->vectors, abl_model_layer(e->model, first), n * sizeof *e->vectors);
	for (size_t layer = first + 1; sum && layer <= last; layer++) {
		const real *x = abl_model_layer(e->model, layer);

		for (size_t i = 0; i < n; i++)
			e->vectors[i] += x[i];
	}
}

/* The one vector of tokens [from, to), into the place of the first. */
static void pool(struct abl_encoder *e, size_t from, size_t to, size_t read)
{
	float *out = e->vectors + from * e->width;

	if (e->request.pool == ABL_POOL_CLS) {
		memmove(out, e->vectors + read * e->width, e->width * sizeof *out);
		return;
	}
	for (size_t i = 0; i < e->width; i++) {
		double sum = 0;

		for (size_t t = from; t < to; t++)
			sum += (double)e->vectors[t * e->width + i];
		out[i] = (float)(sum / (double)(to - from));
	}
}

int abl_encoder_flush(struct abl_encoder *e, struct abl_err *err)
{
	const struct abl_batch *b = &e->batch;
	int rc = 0;

	if (!b->sequences)
		return 0;
	abl_model_encode(e->model, b);
	read_layer(e);
	for (size_t s = 0; !rc && s < b->sequences; s++) {
		const size_t from = (size_t)b->offset[s], to = (size_t)b->offset[s + 1];

		if (e->request.pool != ABL_POOL_TOKENS)
			pool(e, from, to, (size_t)b->read[s]);
		rc = e->tell(e->data,
			     &(struct abl_encoding){
				     .vectors = e->vectors + from * e->width,
				     .rows = e->request.pool == ABL_POOL_TOKENS ? to - from : 1,
				     .width = e->width,
				     .pieces = b->piece + from,
				     .length = to - from,
				     .vocab = e->saved.vocab},
			     err);
	}
	abl_batch_clear(&e->batch);
	return rc;
}

int abl_encoder_add(struct abl_encoder *e, const char *a, size_t a_length, const char *b,
		    size_t b_length, struct abl_err *err)
{
	int rc;

	e->a.count = e->b.count = 0;
	rc = abl_tokenizer_encode(e->tokenizer, a, a_length, &e->a, err);
	if (!rc && b)
		rc = abl_tokenizer_encode(e->tokenizer, b, b_length, &e->b, err);
	if (!rc && (e->batch.sequences == (size_t)e->request.batch ||
		    e->batch.tokens + (size_t)e->request.max_length > e->tokens))
		rc = abl_encoder_flush(e, err);
	if (rc)
		return rc;
	e->texts++;
	e->cut += e->a.count + e->b.count >
		  (size_t)e->request.max_length - abl_layout_specials(&e->layout, b != NULL);
	abl_batch_add(&e->batch, &e->layout,
		      &(struct abl_sequence){.a = e->a.items,
					     .a_length = e->a.count,
					     .b = e->b.items,
					     .b_length = e->b.count,
					     .pair = b != NULL,
					     .label = -1});
	return 0;
}

void abl_encoder_note(const struct abl_encoder *e, struct abl_str *notes)
{
	abl_str_puts(notes, e->saved.notes);
	abl_note_cut(notes, (size_t)e->request.max_length, e->cut, e->texts, "texts", "");
}
