/* SPDX-License-Identifier: Apache-2.0 */
/* head_piece.c - a token at each token target (mlm, lm): dense, activation, norm, then the word
 * embeddings as output layer. */
#include "model_internal.h"

#include "gemm.h"

#include <math.h>
#include <string.h>

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

/* out [n] = softmax of logits + bias [n]. Nothing that is trained or timed comes here. */
static void softmax(real *out, const real *logits, const real *bias, size_t n)
{
	double most = -HUGE_VAL, sum = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, (double)(logits[i] + bias[i]));
	for (size_t i = 0; i < n; i++)
		sum += exp((double)(logits[i] + bias[i]) - most);
	for (size_t i = 0; i < n; i++)
		out[i] = (real)(exp((double)(logits[i] + bias[i]) - most) / sum);
}

/* Logits of targets [from, from + n) -> their gradients; the losses are added. */
static void add_losses(const struct abl_model *m, struct abl_pass *pass,
		       struct abl_head_result *result, size_t from, size_t n, const real *bias,
		       real *d_bias)
{
	enum { AT_ONCE = 32 };
	const size_t V = m->request.vocab_size;
	struct abl_row_loss c[AT_ONCE];

	for (size_t r = 0, part; r < n; r += part) {
		part = n - r < AT_ONCE ? n - r : AT_ONCE;
		for (size_t i = 0; i < part; i++)
			c[i].target = (size_t)m->batch->target_piece[from + r + i];
		m->compute->kernels->cross_entropy(c, part, m->s.logits + r * V, bias, d_bias, V,
						   (real)pass->token_scale);
		for (size_t i = 0; i < part; i++) {
			result->loss += (double)c[i].loss;
			pass->loss += pass->token_scale * (double)c[i].loss;
			result->targets++;
			result->correct += c[i].best == c[i].target;
		}
	}
}

/* Targets [from, from + n): transformed [n, H] and dense_out [n, H] are kept for the backward
 * part. */
static void piece_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		      struct abl_head_result *result)
{
	const struct abl_kernels *k = m->compute->kernels;
	const struct abl_batch *b = m->batch;
	size_t V = m->request.vocab_size, H = m->H;
	real *x = m->s.head1, *dense_out = m->s.head2, *activated = m->s.head3,
	     *normed = m->s.rows1;
	real *stats = m->s.rows3;
	const real *bias = abl_weight(&m->params, h->out.bias);
	real *d_bias = pass->train ? abl_gradient(&m->params, h->out.bias) : NULL;
	struct norm norm = {.at = h->norm, .stats = stats};

	for (size_t from = 0; from < b->targets; from += m->logit_rows) {
		size_t n = b->targets - from < m->logit_rows ? b->targets - from : m->logit_rows;

		for (size_t r = 0; r < n; r++)
			memcpy(x + r * H,
			       m->hidden + (size_t)m->row_of[b->target_row[from + r]] * H,
			       H * sizeof *x);
		activated_forward(m, &h->transform, activated, dense_out, x, n, H, H);
		norm_forward(m, &norm, normed, activated, 0, n);
		abl_linear(m->compute, m->s.logits, normed, abl_weight(&m->params, m->word), NULL,
			   n, H, V);
		for (size_t r = 0; pass->scores && r < n; r++)
			softmax(pass->scores + (from + r) * V, m->s.logits + r * V, bias, V);
		add_losses(m, pass, result, from, n, bias, d_bias);
		if (!pass->train)
			continue;
		abl_linear_backward_weight(m->compute, abl_gradient(&m->params, m->word),
					   m->s.logits, normed, n, H, V);
		abl_linear_backward_input(m->compute, normed, m->s.logits,
					  abl_weight(&m->params, m->word), n, H, V, false);
		norm_backward(m, &norm, normed, normed, activated, 0, n);
		activated_backward(m, &h->transform, activated, normed, NULL, dense_out, x, n, H,
				   H);
		for (size_t r = 0; r < n; r++)
			k->add(m->d_hidden + (size_t)m->row_of[b->target_row[from + r]] * H,
			       activated + r * H, 1, H);
	}
}

const struct head_type head_mlm = {.name = "mlm",
				   .reads_targets = true,
				   .reads_words = true,
				   .declare = piece_declare,
				   .run = piece_run};
const struct head_type head_lm = {.name = "lm",
				  .reads_targets = true,
				  .reads_words = true,
				  .declare = piece_declare,
				  .run = piece_run};
