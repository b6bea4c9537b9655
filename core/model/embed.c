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

void embed_forward(struct abl_model *m, real *x)
{
	const struct abl_kernels *k = abl_kernels();
	const real *words = abl_weight(&m->params, m->word);
	const struct abl_dropout d = dropout_at(m, m->key_embeddings, m->dropout);

	for (size_t t = 0; t < m->T; t++) {
		real *y = m->embedded + t * m->H;
		const real *position = position_row(m, t);

		memcpy(y, words + (size_t)m->batch->piece[t] * m->H, m->H * sizeof *y);
		if (position)
			k->add(y, position, 1, m->H);
		if (m->segment != SIZE_MAX)
			k->add(y, abl_weight(&m->params, m->segment) + m->batch->segment[t] * m->H,
			       1, m->H);
	}
	if (m->embedding_norm)
		norm_forward(m, &m->norm0, x, m->embedded, m->T);
	else
		memcpy(x, m->embedded, m->T * m->H * sizeof *x);
	abl_dropout_rows(x, m->T, m->H, &d, m->batch->example, m->batch->position);
}

void embed_backward(struct abl_model *m, real *dx)
{
	const struct abl_kernels *k = abl_kernels();
	const struct abl_dropout d = dropout_at(m, m->key_embeddings, m->dropout);
	real *words = abl_gradient(&m->params, m->word);

	abl_dropout_rows(dx, m->T, m->H, &d, m->batch->example, m->batch->position);
	if (m->embedding_norm)
		norm_backward(m, &m->norm0, dx, dx, m->embedded, m->T);
	for (size_t t = 0; t < m->T; t++) {
		const real *row = dx + t * m->H;

		k->add(words + (size_t)m->batch->piece[t] * m->H, row, 1, m->H);
		if (m->position != SIZE_MAX)
			k->add(abl_gradient(&m->params, m->position) + m->batch->position[t] * m->H,
			       row, 1, m->H);
		if (m->segment != SIZE_MAX)
			k->add(abl_gradient(&m->params, m->segment) + m->batch->segment[t] * m->H,
			       row, 1, m->H);
	}
}
