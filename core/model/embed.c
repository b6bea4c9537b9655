/* SPDX-License-Identifier: Apache-2.0 */
/* embed.c - word, position and segment embeddings: their sum, its norm, dropout. */
#include "model_internal.h"

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

		lazy_settle(&m->lazy, (size_t)m->batch->piece[t]);
		memcpy(y, words + (size_t)m->batch->piece[t] * m->H, m->H * sizeof *y);
		if (position)
			k->add(y, position, 1, m->H);
		if (m->segment != SIZE_MAX)
			k->add(y, abl_weight(&m->params, m->segment) + m->batch->segment[t] * m->H,
			       1, m->H);
	}
}

void embed_forward(struct abl_model *m, real *x)
{
	const struct abl_dropout d = dropout_at(m, m->key_embeddings, m->dropout);
	size_t H = m->H, step = block_rows(H);

	for (size_t from = 0, to; from < m->T; from = to) {
		to = from + step < m->T ? from + step : m->T;
		sum_embeddings(m, from, to);
		if (m->embedding_norm)
			norm_forward(m, &m->norm0, x + from * H, m->embedded + from * H, from,
				     to - from);
		else
			memcpy(x + from * H, m->embedded + from * H, (to - from) * H * sizeof *x);
		for (size_t t = from; t < to; t++)
			abl_dropout_row(m->compute->kernels, x + t * H,
					m->embedded_mask + t * ABL_MASK_WORDS(H), H, &d,
					m->batch->example[t], m->batch->position[t]);
	}
}

void embed_again(struct abl_model *m, real *x)
{
	const struct abl_dropout d = dropout_at(m, m->key_embeddings, m->dropout);
	size_t H = m->H;

	if (m->embedding_norm)
		norm_all(m, &m->norm0, x, m->embedded, m->T);
	else
		memcpy(x, m->embedded, m->T * H * sizeof *x);
	for (size_t t = 0; d.threshold && t < m->T; t++)
		m->compute->kernels->apply_mask(x + t * H, x + t * H, H,
						m->embedded_mask + t * ABL_MASK_WORDS(H), d.scale);
}

static void add_gradients(struct abl_model *m, const real *dx, size_t from, size_t to)
{
	const struct abl_kernels *k = m->compute->kernels;
	real *words = abl_gradient(&m->params, m->word);

	for (size_t t = from; t < to; t++) {
		const real *row = dx + t * m->H;

		lazy_mark(&m->lazy, (size_t)m->batch->piece[t]);
		k->add(words + (size_t)m->batch->piece[t] * m->H, row, 1, m->H);
		if (m->position != SIZE_MAX)
			k->add(abl_gradient(&m->params, m->position) + m->batch->position[t] * m->H,
			       row, 1, m->H);
		if (m->segment != SIZE_MAX)
			k->add(abl_gradient(&m->params, m->segment) + m->batch->segment[t] * m->H,
			       row, 1, m->H);
	}
}

void embed_backward(struct abl_model *m, real *dx)
{
	const struct abl_dropout d = dropout_at(m, m->key_embeddings, m->dropout);
	size_t H = m->H, step = block_rows(H);

	for (size_t from = 0, to; from < m->T; from = to) {
		to = from + step < m->T ? from + step : m->T;
		for (size_t t = from; d.threshold && t < to; t++)
			m->compute->kernels->apply_mask(dx + t * H, dx + t * H, H,
							m->embedded_mask + t * ABL_MASK_WORDS(H),
							d.scale);
		if (m->embedding_norm)
			norm_backward(m, &m->norm0, dx + from * H, dx + from * H,
				      m->embedded + from * H, from, to - from);
		add_gradients(m, dx, from, to);
	}
}
