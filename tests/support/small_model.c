/* SPDX-License-Identifier: Apache-2.0 */
#include "small_model.h"

#include "hooks.h"
#include "vocab.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct abl_vocab *vocab;

void small_vocab_make(void)
{
	static const char *const special[] = {"[PAD]",  "[UNK]",   "[CLS]",   "[SEP]",
					      "[MASK]", "<start>", "<delim>", "<extract>"};
	struct abl_err err = {0};
	char word[16];

	vocab = abl_vocab_create();
	for (int i = 0; i < PIECES && !err.code; i++) {
		snprintf(word, sizeof word, "w%d", i);
		if (abl_vocab_add(vocab, i < 8 ? special[i] : word,
				  strlen(i < 8 ? special[i] : word), &err))
			break;
	}
	if (err.code || abl_vocab_complete(vocab, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

void small_vocab_drop(void)
{
	abl_vocab_destroy(vocab);
}

void small_config(struct abl_config *c)
{
	abl_config_init(c);
	c->layers = 2;
	c->hidden = 8;
	c->heads = 2;
	c->ffn_size = 12;
	c->max_length = 14;
	c->init_range = .3; /* large enough for every path to matter */
	c->pretrain.dropout = c->finetune.dropout = .2;
	c->pretrain.attention_dropout = c->finetune.attention_dropout = .2;
}

bool small_choose(struct abl_config *c, const struct abl_component *x)
{
	const struct abl_key *key = abl_config_key(abl_slot_info(x->slot)->name);
	struct abl_value v = {.type = ABL_CHOICE, .choice = x->name};
	struct abl_err err = {0};

	return !abl_config_set(c, key, &v, &err);
}

static bool left_to_right(const struct abl_config *c)
{
	return abl_config_is(c, ABL_SLOT_LM, "on");
}

void small_batch(struct abl_batch *b, const struct abl_config *c, bool pretraining)
{
	static const int32_t text[] = {9, 12, 8, 20, 15, 11, 28, 10};
	static const struct abl_sequence sequences[] = {
		{text, text + 3, 3, 2, true, 101, 0},
		{text + 2, NULL, 4, 0, false, 102, 1},
		{text, text + 1, 6, 7, true, 103, 1},
	};
	struct abl_layout layout;
	struct abl_err err = {0};

	ck_assert_msg(!abl_layout_init(&layout, c, vocab, pretraining, &err), "%s", err.text);
	ck_assert_int_eq(abl_batch_init(b, 64, 4, &err), 0);
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
		abl_batch_add(b, &layout, &sequences[i]);
	for (size_t t = 0; t < b->tokens; t++) {
		bool last = t + 1 == b->tokens || b->position[t + 1] == 0;

		if (left_to_right(c) ? last : t % 3 != 1)
			continue;
		b->target_row[b->targets] = (int32_t)t;
		b->target_piece[b->targets++] =
			left_to_right(c) ? b->piece[t + 1] : (int32_t)(t % PIECES);
	}
}

void small_long_batch(struct abl_batch *b, const struct abl_config *c, const int32_t *text,
		      const size_t *lengths, size_t count)
{
	struct abl_layout layout;
	struct abl_err err = {0};

	ck_assert_msg(!abl_layout_init(&layout, c, vocab, true, &err), "%s", err.text);
	ck_assert_int_eq(abl_batch_init(b, 2048, count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		const struct abl_sequence one = {text, NULL, lengths[i] - 2, 0, false, 101 + i, 0};

		abl_batch_add(b, &layout, &one);
	}
	for (size_t t = 1; t < b->tokens; t += 7)
		abl_batch_add_target(b, t, (int32_t)(t % PIECES));
}

struct abl_model *small_attention_model(const struct abl_compute *compute,
					const struct abl_config *c, bool pretraining,
					enum abl_attention_weights weights)
{
	struct abl_model_request r = {.compute = compute,
				      .config = c,
				      .vocab_size = PIECES,
				      .train = true,
				      .pretraining = pretraining,
				      .attention_weights = weights,
				      .max_tokens = 64,
				      .max_sequences = 4,
				      .seed = 5,
				      .dropout_seed = 5};
	static const enum abl_slot objectives[] = {ABL_SLOT_MLM, ABL_SLOT_LM, ABL_SLOT_NSP};
	struct abl_err err = {0};
	struct abl_model *m = NULL;

	for (int i = 0; pretraining && i < 3; i++) {
		const struct abl_objective_hooks *h = c->slot[objectives[i]].component->hooks;

		if (h->head)
			r.heads[r.head_count++].name = h->head;
	}
	if (!pretraining)
		r.heads[r.head_count++] = (struct abl_head_request){"classify", 3};
	ck_assert_msg(!abl_model_create(&m, &r, &err), "%s", err.text);
	return m;
}

struct abl_model *small_model(const struct abl_compute *compute, const struct abl_config *c,
			      bool pretraining)
{
	return small_attention_model(compute, c, pretraining, ABL_WEIGHTS_BY_SIZE);
}

/* A task's head on three sequences. */
static void label_batch(struct abl_batch *b, const char *head)
{
	bool span = !strcmp(head, "span");

	b->targets = 0;
	for (size_t s = 0; s < b->sequences; s++) {
		b->label[s] = span ? (int32_t)s : 0;
		b->answer_end[s] = 3;
		b->value[s] = (real)(1.5 * (double)s);
		b->joined[s] = s > 0;
		for (int32_t t = b->offset[s]; t < b->offset[s + 1]; t++)
			if (span ? t != b->offset[s] + 4 : t % 2)
				abl_batch_add_target(b, (size_t)t, t % 5 ? t % 3 : -1);
	}
}

struct abl_model *small_head_model(const struct abl_compute *compute, struct abl_config *c,
				   struct abl_batch *b, size_t head)
{
	static const struct abl_head_request heads[SMALL_HEADS] = {
		{"classify", 4}, {"regress", 0}, {"choice", 0}, {"tag", 3}, {"span", 0}};
	struct abl_model_request r = {.compute = compute,
				      .config = c,
				      .vocab_size = PIECES,
				      .heads = {heads[head]},
				      .head_count = 1,
				      .train = true,
				      .max_tokens = 64,
				      .max_sequences = 4,
				      .seed = 5,
				      .dropout_seed = 5};
	struct abl_err err = {0};
	struct abl_model *m = NULL;

	ck_assert_msg(!abl_config_resolve(c, NULL, &err), "%s", err.text);
	ck_assert_msg(!abl_model_create(&m, &r, &err), "%s", err.text);
	small_batch(b, c, false);
	label_batch(b, heads[head].name);
	return m;
}
