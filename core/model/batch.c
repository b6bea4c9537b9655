/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include "hooks.h"
#include "str.h"
#include "vocab.h"

#include <assert.h>
#include <stdlib.h>

int abl_batch_init(struct abl_batch *b, size_t tokens, size_t sequences, struct abl_err *err)
{
	(void)err;
	*b = (struct abl_batch){.token_capacity = tokens, .sequence_capacity = sequences};
	b->piece = abl_calloc(tokens, sizeof *b->piece);
	b->segment = abl_calloc(tokens, sizeof *b->segment);
	b->position = abl_calloc(tokens, sizeof *b->position);
	b->example = abl_calloc(tokens, sizeof *b->example);
	b->offset = abl_calloc(sequences + 1, sizeof *b->offset);
	b->read = abl_calloc(sequences, sizeof *b->read);
	b->label = abl_calloc(sequences, sizeof *b->label);
	b->answer_end = abl_calloc(sequences, sizeof *b->answer_end);
	b->value = abl_calloc(sequences, sizeof *b->value);
	b->joined = abl_calloc(sequences, sizeof *b->joined);
	b->target_row = abl_calloc(tokens, sizeof *b->target_row);
	b->target_piece = abl_calloc(tokens, sizeof *b->target_piece);
	return 0;
}

void abl_batch_finish(struct abl_batch *b)
{
	if (!b)
		return;
	free(b->piece), free(b->segment), free(b->position), free(b->example), free(b->offset);
	free(b->read), free(b->label), free(b->target_row), free(b->target_piece);
	free(b->answer_end), free(b->value), free(b->joined);
	*b = (struct abl_batch){0};
}

void abl_batch_clear(struct abl_batch *b)
{
	b->sequences = b->tokens = b->targets = 0;
}

void abl_batch_add_target(struct abl_batch *b, size_t token, int32_t what)
{
	b->target_row[b->targets] = (int32_t)token;
	b->target_piece[b->targets++] = what;
}

static int special(int32_t *id, int kind, const struct abl_vocab *v, struct abl_err *err)
{
	*id = kind < 0 ? -1 : abl_vocab_special(v, (enum abl_special)kind);
	if (kind >= 0 && *id < 0)
		return abl_err_set(err, ABL_EINPUT,
				   "the vocabulary has no token '%s', which 'special_tokens' "
				   "needs: add it, or learn a vocabulary",
				   abl_special_text((enum abl_special)kind));
	return 0;
}

int abl_layout_init(struct abl_layout *l, const struct abl_config *c, const struct abl_vocab *v,
		    bool pretraining, struct abl_err *err)
{
	const struct abl_special_tokens_hooks *h =
		ABL_HOOKS(c, ABL_SLOT_SPECIAL_TOKENS, special_tokens);
	static const struct abl_special_tokens_hooks nothing = {
		.first = -1, .between = -1, .last = -1};

	if (pretraining &&
	    !ABL_HOOKS(c, ABL_SLOT_SPECIAL_TOKENS_FROM, special_tokens_from)->in_pretraining)
		h = &nothing;
	*l = (struct abl_layout){.max_length = (size_t)c->max_length};
	/* what a causal model has at its first token it has seen nothing for */
	l->read_first = h->read_first && !ABL_HOOKS(c, ABL_SLOT_ATTENTION, attention)->causal;
	if (special(&l->first, h->first, v, err) || special(&l->between, h->between, v, err) ||
	    special(&l->last, h->last, v, err))
		return ABL_EINPUT;
	return 0;
}

size_t abl_layout_specials(const struct abl_layout *l, bool pair)
{
	return (size_t)((l->first >= 0) + (pair && l->between >= 0) + (l->last >= 0));
}

static void put(struct abl_batch *b, int32_t piece, uint8_t segment, uint64_t example, size_t start)
{
	assert(b->tokens < b->token_capacity);
	b->piece[b->tokens] = piece;
	b->segment[b->tokens] = segment;
	b->position[b->tokens] = (uint32_t)(b->tokens - start);
	b->example[b->tokens] = example;
	b->tokens++;
}

struct abl_sequence_place abl_batch_add(struct abl_batch *b, const struct abl_layout *l,
					const struct abl_sequence *s)
{
	size_t room = l->max_length - abl_layout_specials(l, s->pair);
	size_t a_length = s->a_length, b_length = s->b_length;
	struct abl_sequence_place at = {.start = b->tokens};

	assert(b->sequences < b->sequence_capacity);
	while (a_length + b_length > room) {
		if (a_length > b_length)
			a_length--;
		else
			b_length--;
	}
	if (l->first >= 0)
		put(b, l->first, 0, s->example, at.start);
	at.a = b->tokens;
	for (size_t i = 0; i < a_length; i++)
		put(b, s->a[i], 0, s->example, at.start);
	if (s->pair && l->between >= 0)
		put(b, l->between, 0, s->example, at.start);
	at.b = b->tokens;
	for (size_t i = 0; i < b_length; i++)
		put(b, s->b[i], 1, s->example, at.start);
	if (l->last >= 0 ||
	    b->tokens == at.start) /* an empty text without specials still has to be read */
		put(b, l->last >= 0 ? l->last : 0, s->pair, s->example, at.start);
	b->read[b->sequences] = (int32_t)(l->read_first ? at.start : b->tokens - 1);
	b->label[b->sequences] = s->label;
	b->answer_end[b->sequences] = -1;
	b->value[b->sequences] = 0;
	b->joined[b->sequences] = 0;
	b->offset[++b->sequences] = (int32_t)b->tokens;
	return at;
}
