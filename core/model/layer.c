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

/* Where the result of a sub-layer's last dense layer meets the residual: sum = keep * x + dropout(f
 * + bias), and out = after(sum) where there is a norm behind. All of it is done on a few rows at a
 * time. */
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
	}
}

static void join(struct abl_model *m, const struct junction *j, real *out, const real *f,
		 const real *x, const struct rows *r)
{
	abl_team_run(&m->compute->team, r->n, block_rows(m->H), join_rows,
		     &(struct joining){m, j, out, f, x, r});
}

/* What threads share on the way back. */
struct parting {
	struct abl_model *m;
	const struct junction *j;
	real *d, *df;
	const real *d_next;
	struct abl_dropout drop;
};

static void add_next(void *data, size_t from, size_t to)
{
	const struct parting *t = data;
	size_t H = t->m->H;

	t->m->compute->kernels->add(t->d + from * H, t->d_next + from * H, t->m->keep,
				    (to - from) * H);
}

static void pass_mask(void *data, size_t from, size_t to)
{
	const struct parting *t = data;
	size_t H = t->m->H;

	if (!t->drop.threshold)
		memcpy(t->df + from * H, t->d + from * H, (to - from) * H * sizeof *t->df);
	for (size_t i = from; t->drop.threshold && i < to; i++)
		t->m->compute->kernels->apply_mask(t->df + i * H, t->d + i * H, H,
						   t->j->mask + i * ABL_MASK_WORDS(H),
						   t->drop.scale);
}

/* By one thread: a few rows at a time, while they are in the cache. */
static void part_alone(struct parting *t, size_t rows)
{
	struct abl_model *m = t->m;
	real *d_bias = abl_gradient(&m->params, t->j->dense->bias);
	size_t H = m->H, step = block_rows(H);

	for (size_t from = 0, to; from < rows; from = to) {
		real *d = t->d + from * H;

		to = from + step < rows ? from + step : rows;
		if (t->d_next)
			add_next(t, from, to);
		if (m->place->after)
			norm_backward(m, t->j->norm, d, d, t->j->sum + from * H, from, to - from);
		pass_mask(t, from, to);
		m->compute->kernels->sum_rows(d_bias, t->df + from * H, to - from, H);
	}
}

/* With the same bits, as sums over rows are divided by columns. */
static void part_together(struct parting *t, size_t rows)
{
	struct abl_model *m = t->m;
	const struct abl_team *team = &m->compute->team;
	size_t step = block_rows(m->H);

	if (t->d_next)
		abl_team_run(team, rows, step, add_next, t);
	if (m->place->after)
		norm_all_backward(m, t->j->norm, t->d, t->d, t->j->sum, rows);
	abl_team_run(team, rows, step, pass_mask, t);
	sum_rows(m, abl_gradient(&m->params, t->j->dense->bias), t->df, rows, m->H);
}

/* d (gradient of out) + keep * d_next (NULL: nothing) becomes the gradient of sum; df that of f,
 * and the bias gets its own. */
static void join_backward(struct abl_model *m, const struct junction *j, real *d,
			  const real *d_next, real *df, const struct rows *r)
{
	struct parting t = {m, j, d, df, d_next, dropout_at(m, j->site, m->dropout)};

	(abl_team_is_free(&m->compute->team) ? part_together : part_alone)(&t, r->n);
}

const real *layer_input(struct abl_model *m, size_t i, real *buffer)
{
	struct layer *before = i ? &m->layers[i - 1] : NULL;

	if (m->place->before)
		return before ? before->sum2 : m->first;
	if (before)
		norm_all(m, &before->norm2, buffer, before->sum2, m->T);
	else
		embed_again(m, buffer);
	return buffer;
}

/* What attention of layer i, whose input is x, sees. */
static const real *seen_by_attention(struct abl_model *m, size_t i, const real *x, real *buffer)
{
	if (!m->place->before)
		return x;
	norm_all(m, &m->layers[i].norm1, buffer, x, m->T);
	return buffer;
}

/* What the feed-forward part sees: the first half's result under a norm behind that or before this
 * one; made of its sum in `buffer`. */
static const real *seen_by_ffn(struct abl_model *m, struct layer *l, size_t rows, real *buffer)
{
	norm_all(m, m->place->before ? &l->norm2 : &l->norm1, buffer, l->sum1, rows);
	return buffer;
}

/* With a norm behind each half, a layer's input lies in s.tokens1, and so does its result. */
void layer_forward(struct abl_model *m, size_t i)
{
	struct layer *l = &m->layers[i];
	const struct junction middle = after_attention(l), end = after_ffn(l);
	bool last = i + 1 == m->layers_count, pruned = last && !m->all_rows;
	struct rows r = rows_of(m, i);
	real *f = m->s.rows1, *y1 = m->s.rows2, *act = m->s.wide;
	const real *x = m->place->after ? m->s.tokens1 : layer_input(m, i, NULL);
	const real *normed = seen_by_attention(m, i, x, m->s.tokens1), *ffn_in = y1;

	if (pruned) {
		gather_rows(l->x_rows, x, m->rows, m->R, m->H);
		if (normed != x)
			gather_rows(l->normed_rows, normed, m->rows, m->R, m->H);
	}
	attention_forward(m, l, last, f, normed);
	join(m, &middle, y1, f, pruned ? l->x_rows : x, &r);
	if (!m->place->after)
		ffn_in = seen_by_ffn(m, l, r.n, y1);
	activated_forward(m, &l->up, act, l->up_out, ffn_in, r.n, m->H, m->F);
	dense_product(m, &l->down, f, act, r.n, m->F, m->H);
	join(m, &end, last ? m->last : m->s.tokens1, f, m->place->after ? y1 : l->sum1, &r);
}

/* d_out [R or T, H] is used up; the gradient of the layer's input lands in m->dx [T, H]. */
void layer_backward(struct abl_model *m, size_t i, real *d_out)
{
	struct layer *l = &m->layers[i];
	const struct junction middle = after_attention(l), end = after_ffn(l);
	bool last = i + 1 == m->layers_count, pruned = last && !m->all_rows;
	struct rows r = rows_of(m, i);
	real *df = m->s.rows1, *dy1 = m->s.rows2, *d_wide = m->s.wide, *dx;
	const real *x, *normed;

	join_backward(m, &end, d_out, NULL, df, &r);
	abl_linear_backward_input(m->compute, d_wide, df, abl_weight(&m->params, l->down.weight),
				  r.n, m->F, m->H, false);
	/* up_out becomes what the activation made of it */
	activated_backward(m, &l->up, dy1, d_wide, l->up_out, l->up_out,
			   seen_by_ffn(m, l, r.n, m->s.rows3), r.n, m->H, m->F);
	abl_linear_backward_weight(m->compute, abl_gradient(&m->params, l->down.weight), df,
				   l->up_out, r.n, m->F, m->H);
	if (m->place->before)
		norm_all_backward(m, &l->norm2, dy1, dy1, l->sum1, r.n);

	join_backward(m, &middle, dy1, d_out, df, &r); /* and d_out is done with */
	x = layer_input(m, i, m->dx);
	normed = seen_by_attention(m, i, x, m->dx);
	attention_backward(m, l, last, df, normed);
	dx = m->s.tokens1; /* what attention_backward set */
	if (m->place->before)
		norm_all_backward(m, &l->norm1, dx, dx, x, m->T);
	if (!pruned)
		m->compute->kernels->add(dx, dy1, m->keep, r.n * m->H);
	else
		for (size_t k = 0; k < m->R; k++)
			m->compute->kernels->add(dx + (size_t)m->rows[k] * m->H, dy1 + k * m->H,
						 m->keep, m->H);
	m->s.tokens1 = m->dx;
	m->dx = dx;
}
