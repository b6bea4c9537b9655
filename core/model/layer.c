/* SPDX-License-Identifier: Apache-2.0 */
/* layer.c - one transformer layer: attention and the feed-forward part, each with dropout, residual
 * and norm where the components put them. */
#include "model_internal.h"

#include "gemm.h"

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

/* Where the result of a sub-layer's last dense layer meets the residual: out = after(sum), sum =
 * keep * x + dropout(f + bias). All of it is done on a few rows at a time. */
struct junction {
	const struct weights *dense;
	struct norm *norm;
	real *sum; /* what the norm saw */
	uint16_t *mask;
	uint64_t site;
};

static struct junction after_attention(struct layer *l)
{
	return (struct junction){&l->attention_out, &l->norm1, l->sum1, l->mask1, l->key_out1};
}

static struct junction after_ffn(struct layer *l)
{
	return (struct junction){&l->down, &l->norm2, l->sum2, l->mask2, l->key_out2};
}

/* What threads share of it. */
struct joining {
	struct abl_model *m;
	const struct junction *j;
	real *out;
	const real *f, *x;
	const struct rows *r;
};

static void join_rows(void *data, size_t first, size_t end)
{
	const struct joining *t = data;
	struct abl_model *m = t->m;
	const struct abl_kernels *k = m->compute->kernels;
	const struct junction *j = t->j;
	const struct abl_dropout d = dropout_at(m, j->site, m->dropout);
	const real *bias = abl_weight(&m->params, j->dense->bias);
	size_t H = m->H, step = block_rows(H);

	for (size_t from = first, to; from < end; from = to) {
		to = from + step < end ? from + step : end;
		for (size_t i = from; i < to; i++) {
			uint16_t *mask = d.threshold ? j->mask + i * ABL_MASK_WORDS(H) : NULL;

			if (mask)
				k->draw_mask(mask, H, &d, t->r->example[i], t->r->position[i]);
			k->join_row(j->sum + i * H, t->f + i * H, bias, t->x + i * H, m->keep, H,
				    mask, d.scale);
		}
		if (m->place->after)
			norm_forward(m, j->norm, t->out + from * H, j->sum + from * H, from,
				     to - from);
		else
			memcpy(t->out + from * H, j->sum + from * H,
			       (to - from) * H * sizeof *t->out);
	}
}

static void join(struct abl_model *m, const struct junction *j, real *out, const real *f,
		 const real *x, const struct rows *r)
{
	abl_team_run(&m->compute->team, r->n, block_rows(m->H), join_rows,
		     &(struct joining){m, j, out, f, x, r});
}

static void norm_again(void *data, size_t from, size_t to)
{
	const struct joining *t = data;
	size_t H = t->m->H;

	norm_forward(t->m, t->j->norm, t->out + from * H, t->j->sum + from * H, from, to - from);
}

/* d (gradient of out) + keep * d_next (NULL: nothing) becomes the gradient of sum; df that of f,
 * and the bias gets its own. */
static void join_backward(struct abl_model *m, const struct junction *j, real *d,
			  const real *d_next, real *df, const struct rows *r)
{
	const struct abl_kernels *k = m->compute->kernels;
	const struct abl_dropout drop = dropout_at(m, j->site, m->dropout);
	const bool alone = !abl_team_is_free(&m->compute->team);
	real *d_bias = abl_gradient(&m->params, j->dense->bias);
	size_t H = m->H, step = block_rows(H);

	for (size_t from = 0, to; from < r->n; from = to) {
		real *d_block = d + from * H, *df_block = df + from * H;

		to = from + step < r->n ? from + step : r->n;
		if (d_next)
			k->add(d_block, d_next + from * H, m->keep, (to - from) * H);
		if (m->place->after)
			norm_backward(m, j->norm, d_block, d_block, j->sum + from * H, from,
				      to - from);
		if (!drop.threshold)
			memcpy(df_block, d_block, (to - from) * H * sizeof *df);
		for (size_t i = from; drop.threshold && i < to; i++)
			k->apply_mask(df + i * H, d + i * H, H, j->mask + i * ABL_MASK_WORDS(H),
				      drop.scale);
		if (alone) /* while it is in the cache */
			k->sum_rows(d_bias, df_block, to - from, H);
	}
	if (!alone) /* in the same order */
		sum_rows(m, d_bias, df, r->n, H);
}

void layer_forward(struct abl_model *m, size_t i, real *out)
{
	struct layer *l = &m->layers[i];
	const struct junction middle = after_attention(l), end = after_ffn(l);
	bool last = i + 1 == m->layers_count;
	struct rows r = rows_of(m, i);
	real *y1 = l->y1 ? l->y1 : m->s.rows2, *act = m->s.wide;

	if (m->place->before)
		norm_forward(m, &l->norm1, l->normed, l->x, 0, m->T);
	if (last && !m->all_rows) {
		gather_rows(l->x_rows, l->x, m->rows, m->R, m->H);
		gather_rows(l->normed_rows, l->normed, m->rows, m->R, m->H);
	}
	attention_forward(m, l, last);
	dense_product(m, &l->attention_out, m->s.rows1, l->context, r.n, m->H, m->H);
	join(m, &middle, y1, m->s.rows1, last && !m->all_rows ? l->x_rows : l->x, &r);
	if (m->place->before)
		norm_forward(m, &l->norm2, l->ffn_in, y1, 0, r.n);
	activated_forward(m, &l->up, act, l->up_out, l->ffn_in ? l->ffn_in : y1, r.n, m->H, m->F);
	dense_product(m, &l->down, m->s.rows1, act, r.n, m->F, m->H);
	join(m, &end, out, m->s.rows1, y1, &r);
}

/* d_out [R or T, H] is used up; the gradient of the layer's input lands in m->dx [T, H]. */
void layer_backward(struct abl_model *m, size_t i, real *d_out)
{
	struct layer *l = &m->layers[i];
	const struct junction middle = after_attention(l), end = after_ffn(l);
	bool last = i + 1 == m->layers_count, pruned = last && !m->all_rows;
	struct rows r = rows_of(m, i);
	real *df = m->s.rows1, *dy1 = m->s.rows2, *d_wide = m->s.wide, *d_context = m->s.tokens1,
	     *dx, *ffn_in = l->ffn_in;

	join_backward(m, &end, d_out, NULL, df, &r);
	abl_linear_backward_input(m->compute, d_wide, df, abl_weight(&m->params, l->down.weight),
				  r.n, m->F, m->H, false);
	if (!ffn_in) {
		ffn_in = m->s.rows3;
		abl_team_run(&m->compute->team, r.n, block_rows(m->H), norm_again,
			     &(struct joining){.m = m, .j = &middle, .out = ffn_in});
	}
	/* up_out becomes what the activation made of it */
	activated_backward(m, &l->up, dy1, d_wide, l->up_out, l->up_out, ffn_in, r.n, m->H, m->F);
	abl_linear_backward_weight(m->compute, abl_gradient(&m->params, l->down.weight), df,
				   l->up_out, r.n, m->F, m->H);
	if (m->place->before)
		norm_backward(m, &l->norm2, dy1, dy1, l->y1, 0, r.n);

	join_backward(m, &middle, dy1, d_out, df, &r);
	dense_backward_product(m, &l->attention_out, d_context, df, l->context, r.n, m->H, m->H);
	attention_backward(m, l, last, d_context);
	dx = m->s.tokens1; /* what attention_backward set */
	if (m->place->before)
		norm_backward(m, &l->norm1, dx, dx, l->x, 0, m->T);
	if (!pruned)
		m->compute->kernels->add(dx, dy1, m->keep, r.n * m->H);
	else
		for (size_t k = 0; k < m->R; k++)
			m->compute->kernels->add(dx + (size_t)m->rows[k] * m->H, dy1 + k * m->H,
						 m->keep, m->H);
	m->s.tokens1 = m->dx;
	m->dx = dx;
}
