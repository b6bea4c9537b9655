/* SPDX-License-Identifier: Apache-2.0 */
/* heads.c - what is predicted from the encodings: a piece at a token (mlm, lm), a class of the
 * sequence (nsp, classify). */
#include "model_internal.h"

#include "gemm.h"
#include "rng.h"

#include <string.h>

/* -- a piece at each token target: dense, activation, norm, then the word embeddings as output
 * layer -- */

static void piece_declare(struct abl_model *m, struct head *h)
{
	struct abl_params *p = &m->params;
	int depth = (int)m->layers_count + 1;

	h->transform.weight = abl_params_add(p, "cls.predictions.transform.dense.weight", m->H,
					     m->H, depth, ABL_START_NORMAL, false);
	h->transform.bias = abl_params_add(p, "cls.predictions.transform.dense.bias", m->H, 0,
					   depth, ABL_START_ZERO, false);
	if (m->norm_hooks->affine) {
		h->norm.weight = abl_params_add(p, "cls.predictions.transform.LayerNorm.weight",
						m->H, 0, depth, ABL_START_ONE, false);
		h->norm.bias = abl_params_add(p, "cls.predictions.transform.LayerNorm.bias", m->H,
					      0, depth, ABL_START_ZERO, false);
	}
	h->out.bias = abl_params_add(p, "cls.predictions.bias", m->request.vocab_size, 0, depth,
				     ABL_START_ZERO, false);
}

/* Targets [from, from + n): transformed [n, H] and dense_out [n, H] are kept for the backward
 * part. */
static void piece_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		      struct abl_head_result *result)
{
	const struct abl_kernels *k = abl_kernels();
	const struct abl_batch *b = m->batch;
	size_t V = m->request.vocab_size, H = m->H;
	real *x = m->s.head1, *dense_out = m->s.head2, *bent = m->s.head3, *normed = m->s.rows1;
	real *stats = m->s.rows3;
	struct norm norm = {.at = h->norm, .stats = stats};

	for (size_t from = 0; from < b->targets; from += m->logit_rows) {
		size_t n = b->targets - from < m->logit_rows ? b->targets - from : m->logit_rows;

		for (size_t r = 0; r < n; r++)
			memcpy(x + r * H,
			       m->hidden + (size_t)m->row_of[b->target_row[from + r]] * H,
			       H * sizeof *x);
		dense_forward(m, &h->transform, dense_out, x, n, H, H);
		m->activation->forward(bent, dense_out, n * H);
		norm_forward(m, &norm, normed, bent, n);
		abl_linear(m->s.logits, normed, abl_weight(&m->params, m->word), n, H, V);
		k->add_bias(m->s.logits, abl_weight(&m->params, h->out.bias), n, V);
		for (size_t r = 0; r < n; r++) {
			size_t best, target = (size_t)b->target_piece[from + r];
			double loss = (double)k->cross_entropy(m->s.logits + r * V, V, target,
							       (real)pass->token_scale, &best);

			result->loss += loss;
			pass->loss += pass->token_scale * loss;
			result->targets++;
			result->correct += best == target;
		}
		if (!pass->train)
			continue;
		k->sum_rows(abl_gradient(&m->params, h->out.bias), m->s.logits, n, V);
		abl_linear_backward_weight(abl_gradient(&m->params, m->word), m->s.logits, normed,
					   n, H, V);
		abl_linear_backward_input(normed, m->s.logits, abl_weight(&m->params, m->word), n,
					  H, V, false);
		norm_backward(m, &norm, normed, normed, bent, n);
		memset(bent, 0, n * H * sizeof *bent);
		m->activation->backward(bent, normed, dense_out, n * H);
		dense_backward(m, &h->transform, dense_out, bent, x, n, H, H, false);
		for (size_t r = 0; r < n; r++)
			k->add(m->d_hidden + (size_t)m->row_of[b->target_row[from + r]] * H,
			       dense_out + r * H, 1, H);
	}
}

/* -- a class of each sequence, from the pooled vector -- */

static void class_declare(struct abl_model *m, struct head *h, const char *weight, const char *bias)
{
	int depth = (int)m->layers_count + 1;

	h->out.weight = abl_params_add(&m->params, weight, (size_t)h->classes, m->H, depth,
				       ABL_START_NORMAL, false);
	h->out.bias = abl_params_add(&m->params, bias, (size_t)h->classes, 0, depth, ABL_START_ZERO,
				     false);
}

static void nsp_declare(struct abl_model *m, struct head *h)
{
	h->classes = 2; /* 0: b follows a; 1: b is random (as BERT counts) */
	class_declare(m, h, "cls.seq_relationship.weight", "cls.seq_relationship.bias");
}

static void classify_declare(struct abl_model *m, struct head *h)
{
	class_declare(m, h, "classifier.weight", "classifier.bias");
}

/* x [S, H] -> scores, loss, and the gradient in dx [S, H] (set). */
static void class_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		      struct abl_head_result *result, const real *x, real *dx)
{
	const struct abl_kernels *k = abl_kernels();
	size_t C = (size_t)h->classes;
	real *logits = m->s.logits;

	dense_forward(m, &h->out, logits, x, m->S, m->H, C);
	if (pass->scores)
		for (size_t s = 0; s < m->S; s++) {
			real *row = m->s.logits + m->S * C; /* a padded copy */

			memcpy(row, logits + s * C, C * sizeof *row);
			k->softmax(row, C, ABL_SCORE_STRIDE(C), 1);
			memcpy(pass->scores + s * C, row, C * sizeof *row);
		}
	for (size_t s = 0; s < m->S; s++) {
		int32_t label = m->batch->label[s];
		double loss;
		size_t best;

		if (label < 0) {
			memset(logits + s * C, 0, C * sizeof *logits);
			continue;
		}
		loss = (double)k->cross_entropy(logits + s * C, C, (size_t)label,
						(real)pass->sequence_scale, &best);
		result->loss += loss;
		pass->loss += pass->sequence_scale * loss;
		result->targets++;
		result->correct += best == (size_t)label;
	}
	if (pass->train)
		dense_backward(m, &h->out, dx, logits, x, m->S, m->H, C, false);
}

static void nsp_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		    struct abl_head_result *result)
{
	class_run(m, h, pass, result, m->pooled, m->s.head1);
	if (pass->train)
		abl_kernels()->add(m->d_pooled, m->s.head1, 1, m->S * m->H);
}

static void drop_pooled(struct abl_model *m, real *x)
{
	const struct abl_dropout d = dropout_at(m, m->key_pooled, m->dropout);

	for (size_t s = 0; d.threshold && s < m->S; s++)
		abl_kernels()->dropout(x + s * m->H, m->H, &d,
				       m->batch->example[m->batch->offset[s]], 0);
}

static void classify_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
			 struct abl_head_result *result)
{
	memcpy(m->s.head2, m->pooled, m->S * m->H * sizeof *m->pooled);
	drop_pooled(m, m->s.head2);
	class_run(m, h, pass, result, m->s.head2, m->s.head1);
	if (!pass->train)
		return;
	drop_pooled(m, m->s.head1);
	abl_kernels()->add(m->d_pooled, m->s.head1, 1, m->S * m->H);
}

static const struct head_type head_types[] = {
	{.name = "mlm", .reads_targets = true, .declare = piece_declare, .run = piece_run},
	{.name = "lm", .reads_targets = true, .declare = piece_declare, .run = piece_run},
	{.name = "nsp", .reads_pooled = true, .declare = nsp_declare, .run = nsp_run},
	{.name = "classify",
	 .reads_pooled = true,
	 .declare = classify_declare,
	 .run = classify_run},
};

const struct head_type *head_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof head_types / sizeof *head_types; i++)
		if (!strcmp(head_types[i].name, name))
			return &head_types[i];
	return NULL;
}

/* -- the pooled vector of each sequence -- */

static void mean_rows(struct abl_model *m, size_t s, real *out, real *d_hidden)
{
	size_t from = (size_t)m->row_offset[s], to = (size_t)m->row_offset[s + 1];
	real share = (real)1 / (real)(to - from);

	for (size_t r = from; r < to; r++) {
		if (d_hidden)
			abl_kernels()->add(d_hidden + r * m->H, out, share, m->H);
		else
			abl_kernels()->add(out, m->hidden + r * m->H, share, m->H);
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
		dense_backward(m, &m->pooler_dense, m->s.head1, d, m->pooled_in, m->S, m->H, m->H,
			       false);
		d = m->s.head1;
	}
	for (size_t s = 0; s < m->S; s++) {
		if (m->pooler->mean)
			mean_rows(m, s, d + s * m->H, m->d_hidden);
		else
			abl_kernels()->add(m->d_hidden +
						   (size_t)m->row_of[m->batch->read[s]] * m->H,
					   d + s * m->H, 1, m->H);
	}
}
