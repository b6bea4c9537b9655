/* SPDX-License-Identifier: Apache-2.0 */
/* model.c - the pass over a micro-batch: which rows are read, down the layers, the heads, and
 * back. */
#include "model_internal.h"

#include "gemm.h"

#include <string.h>

/* rows = the sorted union of what the heads read; everything if `all`. */
static void find_rows(struct abl_model *m, bool all)
{
	const struct abl_batch *b = m->batch;

	memset(m->marked, all, m->T);
	for (size_t i = 0; !all && i < m->request.head_count; i++) {
		if (m->heads[i].type->reads_pooled && m->pooler->mean)
			memset(m->marked, 1, m->T);
		for (size_t s = 0; m->heads[i].type->reads_pooled && s < m->S; s++)
			m->marked[b->read[s]] = 1;
		for (size_t k = 0; m->heads[i].type->reads_targets && k < b->targets; k++)
			m->marked[b->target_row[k]] = 1;
	}
	m->R = 0;
	for (size_t s = 0; s < m->S; s++) {
		m->row_offset[s] = (int32_t)m->R;
		for (int32_t t = b->offset[s]; t < b->offset[s + 1]; t++) {
			m->row_of[t] = m->marked[t] ? (int32_t)m->R : -1;
			if (!m->marked[t])
				continue;
			m->rows[m->R] = t;
			m->row_example[m->R] = b->example[t];
			m->row_position[m->R++] = b->position[t];
		}
	}
	m->row_offset[m->S] = (int32_t)m->R;
	m->all_rows = m->R == m->T;
}

static void start_batch(struct abl_model *m, const struct abl_batch *batch, bool train, bool all)
{
	m->batch = batch;
	m->T = batch->tokens;
	m->S = batch->sequences;
	m->train = train;
	find_rows(m, all);
	m->weights_kept = train && attention_fits(m);
}

static void encoder_forward(struct abl_model *m)
{
	embed_forward(m, m->first ? m->first : m->s.tokens1);
	for (size_t i = 0; i < m->layers_count; i++)
		layer_forward(m, i);
	if (m->place->final)
		norm_all(m, &m->final_norm, m->hidden, m->last, m->R);
}

static void encoder_backward(struct abl_model *m)
{
	if (m->place->final)
		norm_all_backward(m, &m->final_norm, m->d_hidden, m->d_hidden, m->last, m->R);
	for (size_t i = m->layers_count; i-- > 0;)
		layer_backward(m, i, i + 1 == m->layers_count ? m->d_hidden : m->dx);
	embed_backward(m, m->dx);
}

void abl_model_pass(struct abl_model *m, const struct abl_batch *batch, struct abl_pass *pass)
{
	bool pooled = false;

	if (!batch->sequences)
		return;
	abl_team_enter();
	model_key_step(m, pass->step);
	start_batch(m, batch, pass->train, false);
	if (!m->R)
		return;
	for (size_t i = 0; i < m->request.head_count; i++)
		pooled |= m->heads[i].type->reads_pooled;
	encoder_forward(m);
	if (pooled)
		pool_forward(m);
	if (pass->train) {
		memset(m->d_hidden, 0, m->R * m->H * sizeof *m->d_hidden);
		memset(m->d_pooled, 0, m->S * m->H * sizeof *m->d_pooled);
	}
	for (size_t i = 0; i < m->request.head_count; i++)
		m->heads[i].type->run(m, &m->heads[i], pass, &pass->head[i]);
	if (!pass->train)
		return;
	if (pooled)
		pool_backward(m);
	encoder_backward(m);
}

void abl_model_encode(struct abl_model *m, const struct abl_batch *batch)
{
	abl_team_enter();
	start_batch(m, batch, false, true);
	encoder_forward(m);
}

const real *abl_model_layer(struct abl_model *m, size_t layer)
{
	return layer < m->layers_count ? layer_input(m, layer, m->dx) : m->hidden;
}
