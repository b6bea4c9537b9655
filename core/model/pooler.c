/* SPDX-License-Identifier: Apache-2.0 */
/* pooler.c - the vector of each sequence that sentence heads read. */
#include "model_internal.h"

#include <string.h>

static void mean_rows(struct abl_model *m, size_t s, real *out, real *d_hidden)
{
	size_t from = (size_t)m->row_offset[s], to = (size_t)m->row_offset[s + 1];
	real share = (real)1 / (real)(to - from);

	for (size_t r = from; r < to; r++) {
		if (d_hidden)
			m->compute->kernels->add(d_hidden + r * m->H, out, share, m->H);
		else
			m->compute->kernels->add(out, m->hidden + r * m->H, share, m->H);
	}
}

void pool_forward(struct abl_model *m)
{
	memset(m->pooled_in, 0, m->S * m->H * sizeof *m->pooled_in);
	for (size_t s = 0; s < m->S; s++) {
		if (m->pooler->mean)
			mean_rows(m, s, m->pooled_in + s * m->H, NULL);
		else
			memcpy(m->pooled_in + s * m->H,
			       m->hidden + (size_t)m->row_of[m->batch->read[s]] * m->H,
			       m->H * sizeof *m->hidden);
	}
	if (!m->pooler->dense) {
		memcpy(m->pooled, m->pooled_in, m->S * m->H * sizeof *m->pooled);
		return;
	}
	dense_forward(m, &m->pooler_dense, m->pooled, m->pooled_in, m->S, m->H, m->H);
	for (size_t i = 0; i < m->S * m->H; i++)
		m->pooled[i] = (real)__builtin_tanh((double)m->pooled[i]);
}

void pool_backward(struct abl_model *m)
{
	real *d = m->d_pooled;

	if (m->pooler->dense) {
		for (size_t i = 0; i < m->S * m->H; i++)
			d[i] *= 1 - m->pooled[i] * m->pooled[i];
		dense_backward(m, &m->pooler_dense, m->s.head1, d, m->pooled_in, m->S, m->H, m->H);
		d = m->s.head1;
	}
	for (size_t s = 0; s < m->S; s++) {
		if (m->pooler->mean)
			mean_rows(m, s, d + s * m->H, m->d_hidden);
		else
			m->compute->kernels->add(
				m->d_hidden + (size_t)m->row_of[m->batch->read[s]] * m->H,
				d + s * m->H, 1, m->H);
	}
}
