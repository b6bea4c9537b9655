/* SPDX-License-Identifier: Apache-2.0 */
/* attention_bf16.c - see attention_kernel.h. Two bf16 that are multiplied and summed together, a
 * pair, fill 32 bits. Products go by tiles of up to ROWS rows and SIDE columns in registers: pairs
 * of A are spread over a vector, sixteen pairs of B's columns are one. */
#include "attention_kernel.h"

#include "attention_pack.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define ROWS 14       /* of a tile */
#define BOTH_ROWS 6   /* of two tiles at once, over the same rows and columns */
#define BLOCK_ROWS 72 /* queries of the backward pass at a time */
#define EACH_ROWS(DO) \
	DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14)

/* -- products -- */

/* C [rows, SIDE] (+)= A B. The pair of row i and step s lies at a[i * a_row + s * a_step]; B's
 * steps are SIDE pairs each. */
struct tile {
	const pair *a, *b;
	size_t a_row, a_step, steps;
	float *c;
	size_t ldc;
	bool add;
};

INLINE __m512 spread(const pair *p)
{
	return _mm512_castsi512_ps(_mm512_set1_epi32((int)*p));
}

INLINE __m512 add_products(__m512 sum, __m512 a, __m512 b)
{
	return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

INLINE void multiply(const struct tile *t, const size_t rows)
{
	__m512 sum[ROWS][2];
	const pair *a = t->a, *b = t->b;

#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i++)
		sum[i][0] = sum[i][1] = _mm512_setzero_ps();
	for (size_t step = t->steps; step; step--) {
		__m512 b0 = _mm512_loadu_ps(b), b1 = _mm512_loadu_ps(b + LANES);

#pragma GCC unroll 16
		for (size_t i = 0; i < rows; i++) {
			__m512 x = spread(a + i * t->a_row);

			sum[i][0] = add_products(sum[i][0], x, b0);
			sum[i][1] = add_products(sum[i][1], x, b1);
		}
		a += t->a_step;
		b += SIDE;
	}
#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i++) {
		float *c = t->c + i * t->ldc;

		if (t->add) {
			sum[i][0] = _mm512_add_ps(sum[i][0], _mm512_loadu_ps(c));
			sum[i][1] = _mm512_add_ps(sum[i][1], _mm512_loadu_ps(c + LANES));
		}
		_mm512_storeu_ps(c, sum[i][0]);
		_mm512_storeu_ps(c + LANES, sum[i][1]);
	}
}

#define DEFINE(rows)                                      \
	static void multiply_##rows(const struct tile *t) \
	{                                                 \
		multiply(t, rows);                        \
	}
EACH_ROWS(DEFINE)

/* C [rows, columns] (+)= A B in tiles of about equal height; `columns` is a multiple of SIDE, and
 * B has a panel of `panel` pairs for each SIDE of them. t is the first tile. */
static void multiply_all(struct tile t, size_t rows, size_t columns, size_t panel)
{
#define ENTRY(rows) multiply_##rows,
	static void (*const forms[])(const struct tile *) = {EACH_ROWS(ENTRY)};
	const size_t tiles = pieces(rows, ROWS);
	const struct tile first = t;

	for (size_t i = 0; i < tiles; i++) {
		size_t row = cut(rows, tiles, i), height = cut(rows, tiles, i + 1) - row;

		t.a = first.a + row * t.a_row;
		for (size_t j = 0; j * SIDE < columns; j++) {
			t.b = first.b + j * panel;
			t.c = first.c + row * t.ldc + j * SIDE;
			forms[height - 1](&t);
		}
	}
}

/* -- what both passes share -- */

/* Sizes of a call, and memory taken from its scratch. */
struct shape {
	size_t n, width, steps; /* padded to whole tiles, but steps: pairs along a head's width */
	size_t line;            /* pairs in a row of `width` values */
	float to_bits;          /* scores to powers of 2 */
};

static struct shape shape_of(const struct abl_attention *a)
{
	return (struct shape){.n = whole(a->n),
			      .width = whole(a->width),
			      .steps = (a->width + 1) / 2,
			      .line = whole(a->width) / 2,
			      .to_bits = a->scale * (float)M_LOG2E};
}

static void *take(char **scratch, size_t bytes)
{
	void *p = *scratch;

	*scratch += (bytes + 63) / 64 * 64;
	return p;
}

static size_t seen(const struct abl_attention *a, size_t row)
{
	if (!a->causal)
		return a->n;
	return (a->at ? (size_t)(a->at[row] - a->at_first) : row) + 1;
}

/* Which of sixteen keys from `key` does a query take: those below `end`, without the dropped. */
INLINE __mmask16 kept(const struct abl_attention *a, size_t row, size_t key, size_t end)
{
	__mmask16 m = first(end > key ? end - key : 0);

	if (a->masks && key < a->n)
		m &= a->masks[row * ((a->n + 15) / 16) + key / 16];
	return m;
}

/* 2^x; the power series of the part within half a bit is off by 3e-6 of it at most. */
INLINE __m512 power(__m512 x)
{
	__m512 whole_bits = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
	__m512 f = _mm512_sub_ps(x, whole_bits), p = _mm512_set1_ps(1.33335581e-3f);

	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(9.61812911e-3f));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(5.55041087e-2f));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(.240226507f));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(.693147181f));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1));
	return _mm512_scalef_ps(p, whole_bits);
}

INLINE void put_rows(float *out, size_t stride, const float *in, size_t in_stride, size_t rows,
		     size_t width, float factor)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < width; i += LANES)
			_mm512_mask_storeu_ps(out + r * stride + i, first(width - i),
					      _mm512_mul_ps(_mm512_loadu_ps(in + r * in_stride + i),
							    _mm512_set1_ps(factor)));
}

/* -- forward -- */

/* The scores of a row become weights, not yet divided by their sum, up to `end` (whole tiles).
 * Returns the sum of those before dropout; *top: the power of 2 that they were divided by. */
static float weigh(const struct abl_attention *a, size_t row, const float *scores, pair *weights,
		   size_t end, float to_bits, float *top)
{
	const size_t sees = seen(a, row);
	__m512 largest = _mm512_set1_ps(-FLT_MAX), sum = _mm512_setzero_ps(), shift;

	for (size_t i = 0; i < sees; i += LANES)
		largest = _mm512_mask_max_ps(largest, first(sees - i), largest,
					     _mm512_loadu_ps(scores + i));
	*top = _mm512_reduce_max_ps(largest) * to_bits;
	shift = _mm512_set1_ps(*top);
	for (size_t i = 0; i < end; i += SIDE) {
		__m512 w[2];

#pragma GCC unroll 2
		for (size_t h = 0; h < 2; h++) {
			size_t key = i + h * LANES;
			__m512 bits = _mm512_fmsub_ps(_mm512_loadu_ps(scores + key),
						      _mm512_set1_ps(to_bits), shift);

			w[h] = power(bits);
			sum = _mm512_mask_add_ps(sum, first(sees > key ? sees - key : 0), sum,
						 w[h]);
			w[h] = _mm512_maskz_mov_ps(kept(a, row, key, sees), w[h]);
		}
		_mm512_storeu_si512(weights + i / 2, (__m512i)_mm512_cvtne2ps_pbh(w[1], w[0]));
	}
	return _mm512_reduce_add_ps(sum);
}

struct forward_room {
	pair *rows, *k, *v;
	pair *q;       /* [ROWS, line] */
	float *scores; /* [ROWS, n] */
	pair *weights; /* [ROWS, n / 2] */
	float *out;    /* [ROWS, width] */
};

static struct forward_room forward_room(const struct shape *s, void *scratch)
{
	char *at = scratch;
	struct forward_room x;

	x.rows = take(&at, s->n * s->line * sizeof(pair));
	x.k = take(&at, s->n * s->line * sizeof(pair));
	x.v = take(&at, s->n * s->line * sizeof(pair));
	x.q = take(&at, ROWS * s->line * sizeof(pair));
	x.scores = take(&at, ROWS * s->n * sizeof(float));
	x.weights = take(&at, ROWS * s->n / 2 * sizeof(pair));
	x.out = take(&at, ROWS * s->width * sizeof(float));
	return x;
}

static void forward_rows(const struct abl_attention *a, const struct shape *s,
			 const struct forward_room *x, size_t row, size_t rows)
{
	const size_t end = whole(seen(a, row + rows - 1));

	pack_rows(x->q, a->q + row * a->q_stride, a->q_stride, rows, rows, a->width, 1);
	multiply_all((struct tile){.a = x->q,
				   .a_row = s->line,
				   .a_step = 1,
				   .b = x->k,
				   .steps = s->steps,
				   .c = x->scores,
				   .ldc = s->n},
		     rows, end, s->line * SIDE);
	for (size_t r = 0; r < rows; r++) {
		float top, sum = weigh(a, row + r, x->scores + r * s->n, x->weights + r * s->n / 2,
				       end, s->to_bits, &top);

		a->log_sums[row + r] = top + log2f(sum);
		x->scores[r] = (a->masks ? a->keep_scale : 1) / sum;
	}
	multiply_all((struct tile){.a = x->weights,
				   .a_row = s->n / 2,
				   .a_step = 1,
				   .b = x->v,
				   .steps = end / 2,
				   .c = x->out,
				   .ldc = s->width},
		     rows, s->width, s->n / 2 * SIDE);
	for (size_t r = 0; r < rows; r++)
		put_rows(a->out + (row + r) * a->out_stride, 0, x->out + r * s->width, 0, 1,
			 a->width, x->scores[r]);
}

static void forward(const struct abl_attention *a)
{
	const struct shape s = shape_of(a);
	const struct forward_room x = forward_room(&s, a->scratch);
	const size_t blocks = pieces(a->rows, ROWS);

	pack_rows(x.rows, a->k, a->kv_stride, a->n, s.n, a->width, 1);
	pack_turned(x.k, x.rows, s.n, s.line);
	pack_rows(x.rows, a->v, a->kv_stride, a->n, s.n, a->width, 1);
	pack_beside(x.v, x.rows, s.n / 2, s.line);
	for (size_t i = 0; i < blocks; i++) {
		size_t row = cut(a->rows, blocks, i);

		forward_rows(a, &s, &x, row, cut(a->rows, blocks, i + 1) - row);
	}
}

/* -- backward -- */

struct backward_room {
	pair *rows, *k_turned, *k_beside, *v_turned;
	float *dk, *dv;                /* [n, width], sums of the blocks so far, */
	bool begun;                    /* if there were any */
	pair *q, *d_out;               /* [BLOCK_ROWS, line] */
	pair *q_beside, *d_out_beside; /* [BLOCK_ROWS / 2, width] */
	pair *ds, *ds_beside;          /* gradients of scores: [BLOCK_ROWS, n / 2], and */
	pair *weights_beside;          /* [BLOCK_ROWS / 2, n], two queries beside each other */
	float *dq;                     /* [BLOCK_ROWS, width] */
	float shift[BLOCK_ROWS];       /* of the queries: the logarithm of the sum, */
	float dot[BLOCK_ROWS];         /* and weights times their gradients */
};

static struct backward_room *backward_room(const struct shape *s, void *scratch)
{
	char *at = scratch;
	struct backward_room *x = take(&at, sizeof *x);
	pair **of_keys[] = {&x->rows, &x->k_turned, &x->k_beside, &x->v_turned};
	pair **of_block[] = {&x->q, &x->d_out, &x->q_beside, &x->d_out_beside};
	pair **of_scores[] = {&x->ds, &x->ds_beside, &x->weights_beside};

	for (size_t i = 0; i < 4; i++)
		*of_keys[i] = take(&at, s->n * s->line * sizeof(pair));
	for (size_t i = 0; i < 4; i++)
		*of_block[i] = take(&at, BLOCK_ROWS * s->line * sizeof(pair));
	for (size_t i = 0; i < 3; i++)
		*of_scores[i] = take(&at, BLOCK_ROWS * (s->n / 2) * sizeof(pair));
	x->dk = take(&at, s->n * s->width * sizeof(float));
	x->dv = take(&at, s->n * s->width * sizeof(float));
	x->dq = take(&at, BLOCK_ROWS * s->width * sizeof(float));
	return x;
}

static size_t scratch_bytes(size_t n, size_t width)
{
	size_t keys = whole(n), values = whole(width);

	return sizeof(struct backward_room) + 64 + 4 * keys * values * 2 +
	       4 * BLOCK_ROWS * values * 2 + 3 * BLOCK_ROWS * keys * 2 + 2 * keys * values * 4 +
	       BLOCK_ROWS * values * 4 + 16 * 64;
}

/* Scores and the gradients of weights of some queries and SIDE keys, by two tiles at once; from
 * them, in registers, weights and the gradients of scores. `row`: of the block's first. */
INLINE void weigh_back(const struct abl_attention *a, const struct shape *s,
		       const struct backward_room *x, size_t row, size_t r, size_t key,
		       const size_t rows)
{
	const pair *q = x->q + r * s->line, *d_out = x->d_out + r * s->line,
		   *k = x->k_turned + key * s->line, *v = x->v_turned + key * s->line;
	__m512 scores[BOTH_ROWS][2], dw[BOTH_ROWS][2];

#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i++)
		scores[i][0] = scores[i][1] = dw[i][0] = dw[i][1] = _mm512_setzero_ps();
	for (size_t step = 0; step < s->steps; step++, k += SIDE, v += SIDE) {
		__m512 k0 = _mm512_loadu_ps(k), k1 = _mm512_loadu_ps(k + LANES);
		__m512 v0 = _mm512_loadu_ps(v), v1 = _mm512_loadu_ps(v + LANES);

#pragma GCC unroll 16
		for (size_t i = 0; i < rows; i++) {
			__m512 y = spread(q + i * s->line + step),
			       z = spread(d_out + i * s->line + step);

			scores[i][0] = add_products(scores[i][0], y, k0);
			scores[i][1] = add_products(scores[i][1], y, k1);
			dw[i][0] = add_products(dw[i][0], z, v0);
			dw[i][1] = add_products(dw[i][1], z, v1);
		}
	}
#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i++) {
		const bool real_row = row + r + i < a->rows;
		const size_t at = real_row ? row + r + i : a->rows - 1,
			     sees = real_row ? seen(a, at) : 0;

#pragma GCC unroll 2
		for (size_t h = 0; h < 2; h++) {
			size_t from = key + h * LANES;
			__mmask16 keeps = kept(a, at, from, sees);
			__m512 w = power(_mm512_fmsub_ps(scores[i][h], _mm512_set1_ps(s->to_bits),
							 _mm512_set1_ps(x->shift[r + i])));

			w = _mm512_maskz_mov_ps(first(sees > from ? sees - from : 0), w);
			dw[i][h] = _mm512_sub_ps(_mm512_maskz_mov_ps(keeps, dw[i][h]),
						 _mm512_set1_ps(x->dot[r + i]));
			dw[i][h] = _mm512_mul_ps(w, dw[i][h]);
			scores[i][h] = _mm512_maskz_mov_ps(keeps, w);
		}
		_mm512_storeu_si512(x->ds + ((r + i) * s->n + key) / 2,
				    (__m512i)_mm512_cvtne2ps_pbh(dw[i][1], dw[i][0]));
	}
#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i += 2)
#pragma GCC unroll 2
		for (size_t h = 0; h < 2; h++) {
			size_t to = (r + i) / 2 * s->n + key + h * LANES;

			_mm512_storeu_si512(x->ds_beside + to, beside(dw[i][h], dw[i + 1][h]));
			_mm512_storeu_si512(x->weights_beside + to,
					    beside(scores[i][h], scores[i + 1][h]));
		}
}

static void weigh_back_2(const struct abl_attention *a, const struct shape *s,
			 const struct backward_room *x, size_t row, size_t r, size_t key)
{
	weigh_back(a, s, x, row, r, key, 2);
}

static void weigh_back_4(const struct abl_attention *a, const struct shape *s,
			 const struct backward_room *x, size_t row, size_t r, size_t key)
{
	weigh_back(a, s, x, row, r, key, 4);
}

static void weigh_back_6(const struct abl_attention *a, const struct shape *s,
			 const struct backward_room *x, size_t row, size_t r, size_t key)
{
	weigh_back(a, s, x, row, r, key, 6);
}

/* Rows of the block, with one more where their number is odd: it sees nothing. */
static void pack_block(const struct abl_attention *a, const struct abl_attention_gradients *g,
		       const struct shape *s, struct backward_room *x, size_t row, size_t rows)
{
	const size_t even = (rows + 1) / 2 * 2;

	pack_rows(x->q, a->q + row * a->q_stride, a->q_stride, rows, even, a->width, 1);
	pack_rows(x->d_out, g->d_out + row * a->out_stride, a->out_stride, rows, even, a->width,
		  a->masks ? a->keep_scale : 1);
	pack_beside(x->q_beside, x->q, even / 2, s->line);
	pack_beside(x->d_out_beside, x->d_out, even / 2, s->line);
	x->shift[even - 1] = x->dot[even - 1] = 0;
	for (size_t r = 0; r < rows; r++) {
		const float *y = a->out + (row + r) * a->out_stride,
			    *dy = g->d_out + (row + r) * a->out_stride;
		__m512 dot = _mm512_setzero_ps();

		for (size_t i = 0; i < a->width; i += LANES) {
			__mmask16 m = first(a->width - i);

			dot = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(m, y + i),
					      _mm512_maskz_loadu_ps(m, dy + i), dot);
		}
		x->dot[r] = _mm512_reduce_add_ps(dot);
		x->shift[r] = a->log_sums[row + r];
	}
}

static void backward_rows(const struct abl_attention *a, const struct abl_attention_gradients *g,
			  const struct shape *s, struct backward_room *x, size_t row, size_t rows)
{
	static void (*const forms[])(const struct abl_attention *, const struct shape *,
				     const struct backward_room *, size_t, size_t,
				     size_t) = {weigh_back_2, weigh_back_4, weigh_back_6};
	const size_t sees = seen(a, row + rows - 1), even = (rows + 1) / 2 * 2;
	struct tile t = {.a_row = 1, .a_step = s->n, .steps = even / 2, .ldc = s->width};

	pack_block(a, g, s, x, row, rows);
	for (size_t r = 0; r < even; r += BOTH_ROWS)
		for (size_t key = 0; key < sees; key += SIDE)
			forms[(even - r < BOTH_ROWS ? even - r : BOTH_ROWS) / 2 - 1](a, s, x, row,
										     r, key);
	t.add = x->begun;
	x->begun = true;
	t.a = x->weights_beside, t.b = x->d_out_beside, t.c = x->dv;
	multiply_all(t, sees, s->width, even / 2 * SIDE);
	t.a = x->ds_beside, t.b = x->q_beside, t.c = x->dk;
	multiply_all(t, sees, s->width, even / 2 * SIDE);
	multiply_all((struct tile){.a = x->ds,
				   .a_row = s->n / 2,
				   .a_step = 1,
				   .b = x->k_beside,
				   .steps = (sees + 1) / 2,
				   .c = x->dq,
				   .ldc = s->width},
		     rows, s->width, s->n / 2 * SIDE);
	put_rows(g->dq + row * a->q_stride, a->q_stride, x->dq, s->width, rows, a->width, a->scale);
}

static void backward(const struct abl_attention *a, const struct abl_attention_gradients *g)
{
	const struct shape s = shape_of(a);
	struct backward_room *x = backward_room(&s, a->scratch);
	const size_t blocks = pieces(a->rows, BLOCK_ROWS);

	pack_rows(x->rows, a->k, a->kv_stride, a->n, s.n, a->width, 1);
	pack_turned(x->k_turned, x->rows, s.n, s.line);
	pack_beside(x->k_beside, x->rows, s.n / 2, s.line);
	pack_rows(x->rows, a->v, a->kv_stride, a->n, s.n, a->width, 1);
	pack_turned(x->v_turned, x->rows, s.n, s.line);
	x->begun = a->causal; /* without, the first block sets all keys */
	memset(x->dk, 0, a->causal * a->n * s.width * sizeof *x->dk);
	memset(x->dv, 0, a->causal * a->n * s.width * sizeof *x->dv);
	for (size_t i = 0; i < blocks; i++) {
		size_t row = cut(a->rows, blocks, i);

		backward_rows(a, g, &s, x, row, cut(a->rows, blocks, i + 1) - row);
	}
	put_rows(g->dk, a->kv_stride, x->dk, s.width, a->n, a->width, a->scale);
	put_rows(g->dv, a->kv_stride, x->dv, s.width, a->n, a->width, 1);
}

const struct abl_attention_form abl_attention_form_bf16 = {
	.scratch = scratch_bytes, .forward = forward, .backward = backward};
