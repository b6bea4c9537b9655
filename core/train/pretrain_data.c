/* SPDX-License-Identifier: Apache-2.0 */
#include "pretrain_data.h"

#include "hooks.h"
#include "rng.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

#define SPECIALS_AT_MOST \
	3 /* of any layout: pairs have the same lengths whatever special tokens there are */

static bool trains(const struct abl_config *c, enum abl_slot slot)
{
	return ABL_HOOKS(c, slot, objective)->head != NULL;
}

static void list_pieces(struct abl_pretrain_data *d, const struct abl_vocab *v)
{
	size_t n = abl_vocab_size(v);

	d->special = abl_calloc(n, 1);
	d->ordinary = abl_calloc(n, sizeof *d->ordinary);
	for (size_t i = 0; i < n; i++) {
		d->special[i] = abl_vocab_is_special(v, (int32_t)i);
		if (!d->special[i])
			d->ordinary[d->masks.ordinary_count++] = (int32_t)i;
	}
	d->masks.ordinary = d->ordinary;
	d->masks.mask_id = abl_vocab_special(v, ABL_MASK);
}

int abl_pretrain_data_init(struct abl_pretrain_data *d, const struct abl_pretrain_request *r,
			   struct abl_err *err)
{
	const struct abl_config *c = r->config;
	const struct abl_mlm_options *mlm = (const void *)c->slot[ABL_SLOT_MLM].options;
	struct abl_mlm_options standard = {.rate = .15, .mask_share = .8, .random_share = .1};

	*d = (struct abl_pretrain_data){.corpus = r->corpus, .held_out = r->held_out};
	d->masked = trains(c, ABL_SLOT_MLM);
	d->left_to_right = trains(c, ABL_SLOT_LM);
	if (r->held_out)
		mlm = &standard;
	d->masks = (struct abl_mask_rule){.rate = mlm->rate,
					  .mask_share = mlm->mask_share,
					  .random_share = mlm->random_share};
	list_pieces(d, r->vocab);
	d->rule =
		(struct abl_pairs_rule){.max_pieces = (uint32_t)(c->max_length - SPECIALS_AT_MOST),
					.short_seq_rate = r->held_out ? 0 : c->short_seq_rate,
					.random_next = r->held_out || trains(c, ABL_SLOT_NSP),
					.single = d->left_to_right && !trains(c, ABL_SLOT_NSP),
					.held_out = r->held_out,
					.fraction = r->held_out ? 1 : c->pretrain.fraction};
	d->pairs_key = r->held_out ? abl_pairs_evaluation_key() : abl_rng_key(r->seed, "pairs");
	d->masks_key = abl_rng_key(r->seed, "masks");
	d->pieces = abl_calloc((size_t)c->max_length, sizeof *d->pieces);
	d->chosen = abl_calloc((size_t)c->max_length, sizeof *d->chosen);
	return abl_layout_init(&d->layout, c, r->vocab, true, err);
}

void abl_pretrain_data_finish(struct abl_pretrain_data *d)
{
	if (!d)
		return;
	abl_pairs_finish(&d->pairs);
	free(d->special), free(d->ordinary), free(d->pieces), free(d->chosen);
	*d = (struct abl_pretrain_data){0};
}

size_t abl_pretrain_begin_epoch(void *data, uint64_t epoch)
{
	struct abl_pretrain_data *d = data;

	d->epoch = epoch;
	abl_pairs_build(d->corpus, &d->rule, d->pairs_key, epoch, &d->pairs);
	return d->pairs.count;
}

/* Shows the chosen tokens of a and b as masks say; remembers them in d->chosen. Returns how
 * many. */
static size_t mask(struct abl_pretrain_data *d, const struct abl_pair *p)
{
	uint64_t key = d->held_out ? abl_mask_evaluation_key(p->id)
				   : abl_rng_derive(abl_rng_derive(d->masks_key, d->epoch), p->id);
	size_t n = abl_mask_choose(&d->masks, key, d->pieces, p->a_length + p->b_length, d->chosen);

	for (size_t i = 0; i < n; i++) {
		int32_t piece = d->pieces[d->chosen[i].position];

		d->pieces[d->chosen[i].position] = d->chosen[i].shown;
		d->chosen[i].shown = piece; /* now the target */
	}
	return n;
}

static void add_next_targets(const struct abl_pretrain_data *d, struct abl_batch *b, size_t start)
{
	for (size_t t = start; t + 1 < b->tokens; t++) {
		if (d->special[b->piece[t + 1]])
			continue;
		abl_batch_add_target(b, t, b->piece[t + 1]);
	}
}

void abl_pretrain_put(void *data, size_t item, struct abl_batch *b)
{
	struct abl_pretrain_data *d = data;
	const struct abl_pair *p = &d->pairs.pair[item];
	const struct abl_sequence texts = {.a = d->pieces,
					   .a_length = p->a_length,
					   .b = d->pieces + p->a_length,
					   .b_length = p->b_length,
					   .pair = p->b_length > 0,
					   .example = p->id,
					   .label = p->b_length ? p->random_next : -1};
	struct abl_sequence_place at;
	size_t n = 0;

	memcpy(d->pieces, d->corpus->ids + p->a, p->a_length * sizeof *d->pieces);
	memcpy(d->pieces + p->a_length, d->corpus->ids + p->b, p->b_length * sizeof *d->pieces);
	if (d->masked)
		n = mask(d, p);
	at = abl_batch_add(b, &d->layout, &texts);
	for (size_t i = 0; i < n; i++) {
		size_t x = d->chosen[i].position;

		abl_batch_add_target(b, x < p->a_length ? at.a + x : at.b + x - p->a_length,
				     d->chosen[i].shown);
	}
	if (d->left_to_right)
		add_next_targets(d, b, at.start);
}

size_t abl_pretrain_heads(const struct abl_config *c, struct abl_head_request *heads)
{
	static const enum abl_slot slots[] = {ABL_SLOT_MLM, ABL_SLOT_LM, ABL_SLOT_NSP};
	size_t n = 0;

	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
		const struct abl_objective_hooks *h = ABL_HOOKS(c, slots[i], objective);

		if (h->head)
			heads[n++] = (struct abl_head_request){.name = h->head};
	}
	return n;
}
