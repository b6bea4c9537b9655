/* SPDX-License-Identifier: Apache-2.0 */
/* attention.c - scaled dot-product attention of each sequence by itself (Vaswani et al. 2017). In
 * the last layer queries exist only at the rows that are read; keys and values always for all
 * tokens. */
#include "model_internal.h"

#include "attention_kernel.h"
#include "gemm.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* Where queries, keys and values (or their gradients) of one block lie. */
struct parts {
	real *q, *k, *v;
	size_t q_width, kv_width; /* row lengths */
};

static struct parts parts_of(const struct abl_model *m, real *qkv, bool last)
{
	if (!last || m->all_rows)
		return (struct parts){qkv, qkv + m->H, qkv + 2 * m->H, 3 * m->H, 3 * m->H};
	return (struct parts){qkv, qkv + m->R * m->H, qkv + m->R * m->H + m->H, m->H, 2 * m->H};
}

/* One sequence in one head. */
struct span {
	size_t q0, rows; /* its query rows */
	size_t k0, n;    /* its tokens */
	size_t stride;
	real *probs;     /* [rows, stride]; NULL: not kept */
	uint16_t *masks; /* [rows, stride / 16] */
	real *log_sums;  /* [rows] */
	size_t column;   /* of the head within H */
	size_t head;
	const int32_t *rows_of; /* token of each query row */
};

bool attention_fits(const struct abl_model *m)
{
	size_t values = 0;

	for (size_t s = 0; s < m->S; s++) {
		size_t n = (size_t)(m->batch->offset[s + 1] - m->batch->offset[s]);

		values += m->A * n * ABL_SCORE_STRIDE(n);
	}
	return values <= m->weights_room;
}

static struct span span_of(const struct abl_model *m, const struct layer *l, bool last, size_t s,
			   size_t head, size_t probs_at)
{
	struct span p = {
		.k0 = (size_t)m->batch->offset[s], .head = head, .column = head * m->head_width};

	p.n = (size_t)m->batch->offset[s + 1] - p.k0;
	p.q0 = last ? (size_t)m->row_offset[s] : p.k0;
	p.rows = last ? (size_t)(m->row_offset[s + 1] - m->row_offset[s]) : p.n;
	p.stride = ABL_SCORE_STRIDE(p.n);
	p.probs = m->weights_kept ? l->probs + probs_at + head * p.rows * p.stride : NULL;
	p.masks = l->mask_attention + (probs_at + head * p.rows * p.stride) / 16;
	p.log_sums = l->log_sums + head * m->T + p.q0;
	p.rows_of = last ? m->rows + p.q0 : NULL;
	return p;
}

static size_t position_of(const struct span *p, size_t row)
{
	return p->rows_of ? (size_t)p->rows_of[row] - p->k0 : row;
}

static size_t seen(const struct abl_model *m, const struct span *p, size_t row)
{
	return m->attention->causal ? position_of(p, row) + 1 : p->n;
}

static void draw_mask(const struct abl_model *m, const struct span *p, size_t row,
		      const struct abl_dropout *d)
{
	m->compute->kernels->draw_mask(p->masks + row * (p->stride / 16), p->n, d,
				       m->batch->example[p->k0],
				       (uint32_t)(position_of(p, row) * m->A + p->head));
}

static real score_scale(const struct abl_model *m)
{
	return (real)(1 / sqrt((double)m->head_width));
}

/* The scores of p's rows, into its probs. */
static void find_scores(const struct abl_model *m, const struct parts *x, const struct span *p)
{
	abl_gemm(m->compute, &(struct abl_gemm){.bt = true,
						.m = p->rows,
						.n = p->n,
						.k = m->head_width,
						.alpha = 1,
						.a = x->q + p->q0 * x->q_width + p->column,
						.lda = x->q_width,
						.b = x->k + p->k0 * x->kv_width + p->column,
						.ldb = x->kv_width,
						.beta = 0,
						.c = p->probs,
						.ldc = p->stride});
}

/* What the values give under the weights after dropout. */
static void find_context(const struct abl_model *m, const struct parts *x, const struct span *p,
			 const real *weights, real *context)
{
	abl_gemm(m->compute, &(struct abl_gemm){.m = p->rows,
						.n = m->head_width,
						.k = p->n,
						.alpha = 1,
						.a = weights,
						.lda = p->stride,
						.b = x->v + p->k0 * x->kv_width + p->column,
						.ldb = x->kv_width,
						.beta = 0,
						.c = context + p->q0 * m->H + p->column,
						.ldc = m->H});
}

/* Softmax of the scores of each row; its dropout goes into `dropped` (like probs, and may be
 * them), if there is any: the result is what the values are weighted with. */
static const real *attention_weights(const struct abl_model *m, const struct layer *l,
				     const struct span *p, real *dropped)
{
	const struct abl_kernels *k = m->compute->kernels;
	const struct abl_dropout d = dropout_at(m, l->key_attention, m->attention_dropout);
	const real scale = score_scale(m);

	for (size_t r = 0; r < p->rows; r++) {
		real *probs = p->probs + r * p->stride;
		uint16_t *mask = p->masks + r * (p->stride / 16);

		k->softmax(probs, seen(m, p, r), p->stride, scale);
		if (!d.threshold)
			continue;
		draw_mask(m, p, r, &d);
		k->apply_mask(dropped + r * p->stride, probs, p->n, mask, d.scale);
	}
	return d.threshold ? dropped : p->probs;
}

/* ds: gradients of the weights -> of the scores. The weights after dropout go into `dropped`, if
 * there is any, and are returned. */
static const real *attention_weights_backward(const struct abl_model *m, const struct layer *l,
					      const struct span *p, real *ds, real *dropped)
{
	const struct abl_kernels *k = m->compute->kernels;
	const struct abl_dropout d = dropout_at(m, l->key_attention, m->attention_dropout);
	const real scale = score_scale(m);

	for (size_t r = 0; r < p->rows; r++) {
		real *probs = p->probs + r * p->stride;
		const uint16_t *mask = p->masks + r * (p->stride / 16);
		real *row = ds + r * p->stride;

		if (!m->weights_kept) /* they are scores */
			k->softmax(probs, seen(m, p, r), p->stride, scale);
		if (d.threshold) {
			k->apply_mask(dropped + r * p->stride, probs, p->n, mask, d.scale);
			k->apply_mask(row, row, p->n, mask, d.scale);
		}
		k->softmax_backward(row, probs, p->n, scale);
	}
	return d.threshold ? dropped : p->probs;
}

static void forward_one(const struct abl_model *m, const struct layer *l, const struct parts *x,
			struct span *p, real *context, real *scratch)
{
	if (!p->probs)
		p->probs = scratch; /* until the values are weighted */
	find_scores(m, x, p);
	find_context(m, x, p, attention_weights(m, l, p, scratch), context);
}

static void backward_one(const struct abl_model *m, const struct layer *l, const struct parts *x,
			 const struct parts *d, struct span *p, const real *d_context,
			 real *context, real *scratch)
{
	real *ds = scratch + p->rows * p->stride;
	const real *dc = d_context + p->q0 * m->H + p->column, *weights;

	if (!m->weights_kept) {
		p->probs = scratch + 2 * p->rows * p->stride;
		find_scores(m, x, p);
	}
	abl_gemm(m->compute, &(struct abl_gemm){.bt = true,
						.m = p->rows,
						.n = p->n,
						.k = m->head_width,
						.alpha = 1,
						.a = dc,
						.lda = m->H,
						.b = x->v + p->k0 * x->kv_width + p->column,
						.ldb = x->kv_width,
						.beta = 0,
						.c = ds,
						.ldc = p->stride});
	weights = attention_weights_backward(m, l, p, ds, scratch);
	if (!m->weights_kept)
		find_context(m, x, p, weights, context);
	abl_gemm(m->compute, &(struct abl_gemm){.at = true,
						.m = p->n,
						.n = m->head_width,
						.k = p->rows,
						.alpha = 1,
						.a = weights,
						.lda = p->stride,
						.b = dc,
						.ldb = m->H,
						.beta = 0,
						.c = d->v + p->k0 * d->kv_width + p->column,
						.ldc = d->kv_width});
	abl_gemm(m->compute, &(struct abl_gemm){.m = p->rows,
						.n = m->head_width,
						.k = p->n,
						.alpha = 1,
						.a = ds,
						.lda = p->stride,
						.b = x->k + p->k0 * x->kv_width + p->column,
						.ldb = x->kv_width,
						.beta = 0,
						.c = d->q + p->q0 * d->q_width + p->column,
						.ldc = d->q_width});
	abl_gemm(m->compute, &(struct abl_gemm){.at = true,
						.m = p->n,
						.n = m->head_width,
						.k = p->rows,
						.alpha = 1,
						.a = ds,
						.lda = p->stride,
						.b = x->q + p->q0 * x->q_width + p->column,
						.ldb = x->q_width,
						.beta = 0,
						.c = d->k + p->k0 * d->kv_width + p->column,
						.ldc = d->kv_width});
}

/* -- in bf16, the scores not stored -- */

/* Narrow heads stay fp32, as narrow dense layers do. */
static const struct abl_attention_form *form_in_use(const struct abl_model *m)
{
	return m->compute->rounding && m->head_width >= 32 ? abl_attention_bf16(m->compute->kernels)
							   : NULL;
}

static struct abl_attention call_of(const struct abl_model *m, const struct layer *l,
				    const struct parts *x, const struct span *p, real *scratch)
{
	const struct abl_dropout d = dropout_at(m, l->key_attention, m->attention_dropout);

	return (struct abl_attention){.rows = p->rows,
				      .n = p->n,
				      .width = m->head_width,
				      .q = x->q + p->q0 * x->q_width + p->column,
				      .k = x->k + p->k0 * x->kv_width + p->column,
				      .v = x->v + p->k0 * x->kv_width + p->column,
				      .q_stride = x->q_width,
				      .kv_stride = x->kv_width,
				      .causal = m->attention->causal,
				      .at = p->rows_of,
				      .at_first = (int32_t)p->k0,
				      .scale = score_scale(m),
				      .masks = d.threshold ? p->masks : NULL,
				      .keep_scale = d.scale,
				      .out = l->context + p->q0 * m->H + p->column,
				      .out_stride = m->H,
				      .log_sums = p->log_sums,
				      .scratch = scratch};
}

static void forward_rounded(const struct abl_model *m, const struct layer *l, const struct parts *x,
			    const struct span *p, real *scratch)
{
	const struct abl_dropout d = dropout_at(m, l->key_attention, m->attention_dropout);
	const struct abl_attention a = call_of(m, l, x, p, scratch);

	for (size_t r = 0; d.threshold && r < p->rows; r++)
		draw_mask(m, p, r, &d);
	form_in_use(m)->forward(&a);
}

static void backward_rounded(const struct abl_model *m, const struct layer *l,
			     const struct parts *x, const struct parts *d, const struct span *p,
			     const real *d_context, real *scratch)
{
	const struct abl_attention a = call_of(m, l, x, p, scratch);

	form_in_use(m)->backward(&a, &(struct abl_attention_gradients){
					     .d_out = d_context + p->q0 * m->H + p->column,
					     .dq = d->q + p->q0 * d->q_width + p->column,
					     .dk = d->k + p->k0 * d->kv_width + p->column,
					     .dv = d->v + p->k0 * d->kv_width + p->column});
}

/* -- all sequences and heads -- */

/* Nothing is read of a sequence: its keys and values get nothing. */
static void no_gradient(const struct abl_model *m, const struct parts *d, const struct span *p)
{
	for (size_t t = p->k0; t < p->k0 + p->n; t++) {
		memset(d->k + t * d->kv_width + p->column, 0, m->head_width * sizeof(real));
		memset(d->v + t * d->kv_width + p->column, 0, m->head_width * sizeof(real));
	}
}

/* What threads share: with d backward, else forward. */
struct attending {
	struct abl_model *m;
	struct layer *l;
	bool last, rounded;
	struct parts *x, *d;
	const real *d_context;
	real *context; /* set where the weights are made; otherwise it is kept */
};

/* Items are heads of sequences. */
static void attend(void *data, size_t from, size_t to)
{
	const struct attending *t = data;
	struct abl_model *m = t->m;
	real *scratch = m->s.scores + (size_t)omp_get_thread_num() * m->scores_each;
	size_t probs_at = 0, counted = 0; /* of the sequences before `counted` */

	for (size_t i = from; i < to; i++) {
		struct span p;

		/* the weights of a sequence lie behind those of the ones before it */
		for (; counted < i / m->A; counted++) {
			p = span_of(m, t->l, t->last, counted, 0, 0);
			probs_at += m->A * p.rows * p.stride;
		}
		p = span_of(m, t->l, t->last, counted, i % m->A, probs_at);
		if (t->d && !p.rows)
			no_gradient(m, t->d, &p);
		else if (t->d && t->rounded)
			backward_rounded(m, t->l, t->x, t->d, &p, t->d_context, scratch);
		else if (t->d)
			backward_one(m, t->l, t->x, t->d, &p, t->d_context, t->context, scratch);
		else if (t->rounded)
			forward_rounded(m, t->l, t->x, &p, scratch);
		else
			forward_one(m, t->l, t->x, &p, t->context, scratch);
	}
}

/* Returns the context [R, H]. */
static const real *each_span(struct abl_model *m, struct layer *l, bool last, struct parts *x,
			     struct parts *d, const real *d_context)
{
	struct attending t = {.m = m,
			      .l = l,
			      .last = last && !m->all_rows,
			      .rounded = form_in_use(m) != NULL,
			      .x = x,
			      .d = d,
			      .d_context = d_context};

	t.context = t.rounded || m->weights_kept ? l->context : m->s.rows3;
	abl_team_run(&m->compute->team, m->S * m->A, 1, attend, &t);
	return t.context;
}

/* Rows that the output layer works on. */
static size_t rows_out(const struct abl_model *m, bool last)
{
	return last ? m->R : m->T;
}

void attention_forward(struct abl_model *m, struct layer *l, bool last, real *f, const real *x)
{
	struct parts at = parts_of(m, l->qkv, last);
	const real *w = abl_weight(&m->params, l->q.weight), *b = abl_weight(&m->params, l->q.bias);
	size_t H = m->H;

	if (!last || m->all_rows) {
		abl_linear(m->compute, l->qkv, x, w, b, m->T, H, 3 * H);
	} else {
		abl_linear(m->compute, at.q, l->normed_rows, w, b, m->R, H, H);
		abl_linear(m->compute, at.k, x, w + H * H, b + H, m->T, H, 2 * H);
	}
	dense_product(m, &l->attention_out, f, each_span(m, l, last, &at, NULL, NULL),
		      rows_out(m, last), H, H);
}

void attention_backward(struct abl_model *m, struct layer *l, bool last, const real *df,
			const real *x)
{
	struct parts at = parts_of(m, l->qkv, last), d = parts_of(m, m->s.dqkv, last);
	const real *w = abl_weight(&m->params, l->q.weight);
	real *dw = abl_gradient(&m->params, l->q.weight), *db = abl_gradient(&m->params, l->q.bias);
	real *dx = m->s.tokens1, *d_context = dx; /* the one is done with before the other is set */
	size_t H = m->H, rows = rows_out(m, last);

	abl_linear_backward_input(m->compute, d_context, df,
				  abl_weight(&m->params, l->attention_out.weight), rows, H, H,
				  false);
	abl_linear_backward_weight(m->compute, abl_gradient(&m->params, l->attention_out.weight),
				   df, each_span(m, l, last, &at, &d, d_context), rows, H, H);
	if (!last || m->all_rows) {
		abl_linear_backward_weight(m->compute, dw, d.q, x, m->T, H, 3 * H);
		sum_rows(m, db, d.q, m->T, 3 * H);
		abl_linear_backward_input(m->compute, dx, d.q, w, m->T, H, 3 * H, false);
		return;
	}
	abl_linear_backward_weight(m->compute, dw, d.q, l->normed_rows, m->R, H, H);
	sum_rows(m, db, d.q, m->R, H);
	abl_linear_backward_weight(m->compute, dw + H * H, d.k, x, m->T, H, 2 * H);
	sum_rows(m, db + H, d.k, m->T, 2 * H);
	abl_linear_backward_input(m->compute, dx, d.k, w + H * H, m->T, H, 2 * H, false);
	abl_linear_backward_input(m->compute, m->s.rows3, d.q, w, m->R, H, H, false);
	scatter_add_rows(m, dx, m->s.rows3, m->rows, m->R, H);
}
