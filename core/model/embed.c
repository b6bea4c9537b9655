/* SPDX-License-Identifier: Apache-2.0 */
/* embed.c - word, position and segment embeddings: their sum, its norm, dropout. */
#include "model_internal.h"

#include "team.h"

#include <string.h>

/* The row of position or segment embeddings that token t gets, or NULL. */
static const real *position_row(const struct abl_model *m, size_t t)
{
	size_t at = m->batch->position[t] * m->H;

	if (m->position != SIZE_MAX)
		return abl_weight(&m->params, m->position) + at;
	return m->fixed_positions ? m->fixed_positions + at : NULL;
}

/* Rows [from, to) of the sum of embeddings. */
static void sum_embeddings(struct abl_model *m, size_t from, size_t to)
{
	const struct abl_kernels *k = m->compute->kernels;
	const real *words = abl_weight(&m->params, m->word);

	for (size_t t = from; t < to; t++) {
		real *y = m->embedded + t * m->H;
		const real *position = position_row(m, t);

		memcpy(y, words + (size_t)m->batch->piece[t] * m->H, m->H * sizeof *y);
		if (position)
			k->add(y, position, 1, m->H);
		if (m->segment != SIZE_MAX)
			k->add(y, abl_weight(&m->params, m->segment) + m->batch->segment[t] * m->H,
			       1, m->H);
	}
}

/* What threads share: tokens, or columns of all of them. */
struct embedding {
	struct abl_model *m;
	real *x; /* or dx */
	struct abl_dropout drop;
};

static void embed_tokens(void *data, size_t first, size_t end)
{
	const struct embedding *e = data;
	struct abl_model *m = e->m;
	size_t H = m->H, step = block_rows(H);

	for (size_t from = first, to; from < end; from = to) {
		real *x = e->x + from * H;

		to = from + step < end ? from + step : end;
		sum_embeddings(m, from, to);
		if (m->embedding_norm)
			norm_forward(m, &m->norm0, x, m->embedded + from * H, from, to - from);
		else
			memcpy(x, m->embedded + from * H, (to - from) * H * sizeof *x);
		for (size_t t = from; t < to; t++)
			abl_dropout_row(m->compute->kernels, e->x + t * H,
					m->embedded_mask + t * ABL_MASK_WORDS(H), H, &e->drop,
					m->batch->example[t], m->batch->position[t]);
	}
}

void embed_forward(struct abl_model *m, real *x)
{
	struct embedding e = {m, x, dropout_at(m, m->key_embeddings, m->dropout)};

	for (size_t t = 0; t < m->T; t++) /* tokens may share a row */
		lazy_settle(&m->lazy, (size_t)m->batch->piece[t]);
	abl_team_run(&m->compute->team, m->T, block_rows(m->H), embed_tokens, &e);
}

/* Dropout is linear, so this is its way back, too. */
static void mask_tokens(void *data, size_t from, size_t to)
{
	const struct embedding *e = data;
	struct abl_model *m = e->m;
	size_t H = m->H;

	for (size_t t = from; e->drop.threshold && t < to; t++)
		m->compute->kernels->apply_mask(e->x + t * H, e->x + t * H, H,
						m->embedded_mask + t * ABL_MASK_WORDS(H),
						e->drop.scale);
}

void embed_again(struct abl_model *m, real *x)
{
	struct embedding e = {m, x, dropout_at(m, m->key_embeddings, m->dropout)};

	if (m->embedding_norm)
		norm_all(m, &m->norm0, x, m->embedded, m->T);
	else
		memcpy(x, m->embedded, m->T * m->H * sizeof *x);
	abl_team_run(&m->compute->team, m->T, block_rows(m->H), mask_tokens, &e);
}

/* Columns [from, to) of tokens [first, end), one after the other: they may share a row. */
static void add_gradients(const struct embedding *e, size_t first, size_t end, size_t from,
			  size_t to)
{
	const struct abl_model *m = e->m;
	const struct abl_kernels *k = m->compute->kernels;
	real *words = abl_gradient(&m->params, m->word) + from;

	for (size_t t = first; t < end; t++) {
		const real *row = e->x + t * m->H + from;

		k->add(words + (size_t)m->batch->piece[t] * m->H, row, 1, to - from);
		if (m->position != SIZE_MAX)
			k->add(abl_gradient(&m->params, m->position) + from +
				       m->batch->position[t] * m->H,
			       row, 1, to - from);
		if (m->segment != SIZE_MAX)
			k->add(abl_gradient(&m->params, m->segment) + from +
				       m->batch->segment[t] * m->H,
			       row, 1, to - from);
	}
}

static void add_columns(void *data, size_t from, size_t to)
{
	const struct embedding *e = data;

	add_gradients(e, 0, e->m->T, from, to);
}

/* By one thread: a few rows at a time, while they are in the cache. */
static void embed_backward_alone(struct embedding *e)
{
	struct abl_model *m = e->m;
	size_t H = m->H, step = block_rows(H);

	for (size_t from = 0, to; from < m->T; from = to) {
		real *dx = e->x + from * H;

		to = from + step < m->T ? from + step : m->T;
		mask_tokens(e, from, to);
		if (m->embedding_norm)
			norm_backward(m, &m->norm0, dx, dx, m->embedded + from * H, from,
				      to - from);
		add_gradients(e, from, to, 0, H);
	}
}

#define COLUMNS ((size_t)64) /* four lines of the cache: no two threads write to one */

void embed_backward(struct abl_model *m, real *dx)
{
	const struct abl_team *team = &m->compute->team;
	struct embedding e = {m, dx, dropout_at(m, m->key_embeddings, m->dropout)};

	for (size_t t = 0; t < m->T; t++)
		lazy_mark(&m->lazy, (size_t)m->batch->piece[t]);
	if (!abl_team_is_free(team)) {
		embed_backward_alone(&e);
		return;
	}
	abl_team_run(team, m->T, block_rows(m->H), mask_tokens, &e);
	if (m->embedding_norm)
		norm_all_backward(m, &m->norm0, dx, dx, m->embedded, m->T);
	abl_team_run(team, m->H, COLUMNS, add_columns, &e);
}
