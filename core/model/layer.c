/* SPDX-License-Identifier: Apache-2.0 */
/* layer.c - one transformer layer: attention and the feed-forward part, each with dropout, residual
 * and norm where the components put them. */
#include "model_internal.h"

#include <string.h>

/* Which rows the second half of layer i works on. */
struct rows {
	size_t n;
	const uint64_t *example;
	const uint32_t *position;
};

static struct rows rows_of(const struct abl_model *m, size_t i)
{
	if (i + 1 < m->layers_count)
		return (struct rows){m->T, m->batch->example, m->batch->position};
	return (struct rows){m->R, m->row_example, m->row_position};
}

/* out = after(keep * x + dropout(f)); f is changed, sum keeps what the norm saw. */
static void join(struct abl_model *m, struct norm *norm, real *out, real *sum, real *f,
		 const real *x, uint64_t site, const struct rows *r)
{
	const struct abl_dropout d = dropout_at(m, site, m->dropout);

	abl_dropout_rows(f, r->n, m->H, &d, r->example, r->position);
	memcpy(sum, f, r->n * m->H * sizeof *sum);
	abl_kernels()->add(sum, x, m->keep, r->n * m->H);
	if (m->place->after)
		norm_forward(m, norm, out, sum, r->n);
	else
		memcpy(out, sum, r->n * m->H * sizeof *out);
}

/* d (gradient of out) becomes the gradient of sum; df that of f. */
static void join_backward(struct abl_model *m, struct norm *norm, real *d, real *df,
			  const real *sum, uint64_t site, const struct rows *r)
{
	const struct abl_dropout drop = dropout_at(m, site, m->dropout);

	if (m->place->after)
		norm_backward(m, norm, d, d, sum, r->n);
	memcpy(df, d, r->n * m->H * sizeof *df);
	abl_dropout_rows(df, r->n, m->H, &drop, r->example, r->position);
}

void layer_forward(struct abl_model *m, size_t i, real *out)
{
	struct layer *l = &m->layers[i];
	bool last = i + 1 == m->layers_count;
	struct rows r = rows_of(m, i);

	if (m->place->before)
		norm_forward(m, &l->norm1, l->normed, l->x, m->T);
	if (last && !m->all_rows) {
		gather_rows(l->x_rows, l->x, m->rows, m->R, m->H);
		gather_rows(l->normed_rows, l->normed, m->rows, m->R, m->H);
	}
	attention_forward(m, l, last);
	dense_forward(m, &l->attention_out, m->s.rows1, l->context, r.n, m->H, m->H);
	join(m, &l->norm1, l->y1, l->sum1, m->s.rows1, last && !m->all_rows ? l->x_rows : l->x,
	     l->key_out1, &r);
	if (m->place->before)
		norm_forward(m, &l->norm2, l->ffn_in, l->y1, r.n);
	dense_forward(m, &l->up, l->up_out, l->ffn_in, r.n, m->H, m->F);
	m->activation->forward(l->act, l->up_out, r.n * m->F);
	dense_forward(m, &l->down, m->s.rows1, l->act, r.n, m->F, m->H);
	join(m, &l->norm2, out, l->sum2, m->s.rows1, l->y1, l->key_out2, &r);
}

/* d_out [R or T, H] is used up; the gradient of the layer's input lands in m->dx [T, H]. */
void layer_backward(struct abl_model *m, size_t i, real *d_out)
{
	struct layer *l = &m->layers[i];
	bool last = i + 1 == m->layers_count, pruned = last && !m->all_rows;
	struct rows r = rows_of(m, i);
	real *df = m->s.rows1, *dy1 = m->s.rows2, *d_wide = m->s.wide1, *d_up = m->s.wide2;
	size_t n = r.n * m->H;

	join_backward(m, &l->norm2, d_out, df, l->sum2, l->key_out2, &r);
	dense_backward(m, &l->down, d_wide, df, l->act, r.n, m->F, m->H, false);
	memset(d_up, 0, r.n * m->F * sizeof *d_up);
	m->activation->backward(d_up, d_wide, l->up_out, r.n * m->F);
	dense_backward(m, &l->up, dy1, d_up, l->ffn_in, r.n, m->H, m->F, false);
	if (m->place->before)
		norm_backward(m, &l->norm2, dy1, dy1, l->y1, r.n);
	abl_kernels()->add(dy1, d_out, m->keep, n);

	join_backward(m, &l->norm1, dy1, df, l->sum1, l->key_out1, &r);
	dense_backward(m, &l->attention_out, m->s.rows3, df, l->context, r.n, m->H, m->H, false);
	memcpy(df, m->s.rows3, n * sizeof *df);
	attention_backward(m, l, last, df);
	if (m->place->before)
		norm_backward(m, &l->norm1, m->s.tokens1, m->s.tokens1, l->x, m->T);
	memcpy(m->dx, m->s.tokens1, m->T * m->H * sizeof *m->dx);
	if (!pruned)
		abl_kernels()->add(m->dx, dy1, m->keep, n);
	else
		for (size_t k = 0; k < m->R; k++)
			abl_kernels()->add(m->dx + (size_t)m->rows[k] * m->H, dy1 + k * m->H,
					   m->keep, m->H);
}
