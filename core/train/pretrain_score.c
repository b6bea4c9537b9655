/* SPDX-License-Identifier: Apache-2.0 */
#include "pretrain_score.h"

#include "str.h"

#include <math.h>
#include <string.h>

size_t abl_pretrain_every(size_t items, size_t most)
{
	return items > most ? (items + most - 1) / most : 1;
}

double abl_pretrain_loss(const struct abl_head_result *h)
{
	return h->loss / (double)h->targets;
}

static int score_batch(const struct abl_pretrain_scoring *s, struct abl_pretrain_scores *out,
		       struct abl_pass *pass, struct abl_err *err)
{
	int rc = 0;

	if (s->stopping && s->stopping(s->stopping_data))
		return abl_err_set(err, ABL_ESTOP, "stopped while evaluating");
	if (s->hear)
		rc = s->hear(s->hear_data, s->batch, err);
	if (rc)
		return rc;
	abl_model_pass(s->model, s->batch, pass);
	for (size_t k = 0; k < s->batch->targets; k++)
		out->points += (double)abl_vocab_points(s->vocab, s->batch->target_piece[k]);
	abl_batch_clear(s->batch);
	return 0;
}

int abl_pretrain_score(const struct abl_pretrain_scoring *s, struct abl_pretrain_scores *out,
		       struct abl_err *err)
{
	const size_t n = s->data->pairs.count, longest = s->data->layout.max_length;
	struct abl_pass pass = {.train = false};
	int rc = 0;

	*out = (struct abl_pretrain_scores){.points = 0};
	abl_batch_clear(s->batch);
	for (size_t i = 0; !rc && i < n; i += s->every) {
		abl_pretrain_put(s->data, i, s->batch);
		out->items++;
		out->random += s->data->pairs.pair[i].random_next;
		if (i + s->every >= n || s->batch->tokens + longest > s->batch->token_capacity)
			rc = score_batch(s, out, &pass, err);
	}
	memcpy(out->head, pass.head, sizeof out->head);
	return rc;
}

void abl_pretrain_figures(const struct abl_pretrain_scores *t, const char *head,
			  const struct abl_head_result *h,
			  void (*take)(void *data, const char *name, double value), void *data)
{
	struct abl_str name = {0};
	double majority = (double)t->random / (double)h->targets;
	bool pieces = h->targets && t->points > 0 && strcmp(head, "nsp");
	const struct {
		const char *what;
		bool applies;
		double value;
	} rows[] = {
		{"loss", true, abl_pretrain_loss(h)},
		{"accuracy", true, (double)h->correct / (double)h->targets},
		{"perplexity", pieces, exp(abl_pretrain_loss(h))},
		{"bits_per_character", pieces, h->loss / M_LN2 / t->points},
		{"majority", !pieces, fmax(majority, 1 - majority)},
	};

	for (size_t i = 0; h->targets && i < sizeof rows / sizeof *rows; i++) {
		abl_str_clear(&name);
		abl_str_printf(&name, "%s_%s", head, rows[i].what);
		if (rows[i].applies)
			take(data, name.text, rows[i].value);
	}
	abl_str_finish(&name);
}
