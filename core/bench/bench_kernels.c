/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "bench_kernels.h"

#include "bench_attention.h"
#include "bench_machine.h"
#include "kernels.h"
#include "kernels_limits.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS .02             /* that one form of a kernel is repeated for */
#define RUN ((size_t)1 << 16)   /* values that a timed run has at least */
#define CACHE ((size_t)2 << 20) /* bytes that a core has for itself, about */
#define SPAN_ROWS 8             /* one row of so many has a gradient */

enum operand { A, B, C, D, V, OPERANDS }; /* V has no negative value */

struct arrays {
	float *of[OPERANDS];
	float *stats; /* [rows, 2] of layer normalisation */
	uint16_t *mask;
	struct abl_span *spans;
	size_t span_count;
	struct abl_dropout dropout;
	double sink; /* sums go here, so that they are computed */
};

typedef const struct abl_kernels set; /* short, for the many lines below */

#define RUN_OF(name) static void run_##name(set *k, struct arrays *x, size_t rows, size_t width)

#define RUN_ACTIVATION(name)                              \
	RUN_OF(name)                                      \
	{                                                 \
		k->name(x->of[A], x->of[B], rows *width); \
	}
#define RUN_SLOPE(name)                                             \
	RUN_OF(name)                                                \
	{                                                           \
		k->name(x->of[A], x->of[B], x->of[C], rows *width); \
	}
RUN_ACTIVATION(gelu)
RUN_SLOPE(gelu_backward)
RUN_ACTIVATION(gelu_tanh)
RUN_SLOPE(gelu_tanh_backward)
RUN_ACTIVATION(relu)
RUN_SLOPE(relu_backward)

RUN_OF(layernorm)
{
	k->layernorm(x->of[A], x->stats, x->of[B], x->of[C], x->of[D], rows, width, 1e-12f);
}

RUN_OF(layernorm_backward)
{
	k->layernorm_backward(x->of[A], x->of[D], x->of[D] + width, x->of[B], x->of[C], x->stats,
			      x->of[V], rows, width);
}

RUN_OF(layernorm_gains)
{
	k->layernorm_gains(x->of[D], x->of[D] + width, x->of[B], x->of[C], x->stats, rows, width,
			   width);
}

RUN_OF(softmax)
{
	for (size_t r = 0; r < rows; r++)
		k->softmax(x->of[A] + r * ABL_SCORE_STRIDE(width), width, ABL_SCORE_STRIDE(width),
			   .125f);
}

RUN_OF(softmax_backward)
{
	for (size_t r = 0; r < rows; r++)
		k->softmax_backward(x->of[A] + r * ABL_SCORE_STRIDE(width),
				    x->of[V] + r * ABL_SCORE_STRIDE(width), width, .125f);
}

RUN_OF(draw_mask)
{
	for (size_t r = 0; r < rows; r++)
		k->draw_mask(x->mask, width, &x->dropout, 7, (uint32_t)r);
}

RUN_OF(apply_mask)
{
	for (size_t r = 0; r < rows; r++)
		k->apply_mask(x->of[A] + r * width, x->of[B] + r * width, width, x->mask,
			      x->dropout.scale);
}

RUN_OF(join_row)
{
	for (size_t r = 0; r < rows; r++)
		k->join_row(x->of[A] + r * width, x->of[B] + r * width, x->of[D],
			    x->of[C] + r * width, 1, width, x->mask, x->dropout.scale);
}

RUN_OF(cross_entropy)
{
	struct abl_row_loss c[4];

	for (size_t r = 0, part; r < rows; r += part) {
		part = rows - r < 4 ? rows - r : 4;
		for (size_t i = 0; i < part; i++)
			c[i].target = (r + i) * 37 % width;
		k->cross_entropy(c, part, x->of[A] + r * width, x->of[C], x->of[D], width, .01f);
		x->sink += (double)c[0].loss;
	}
}

RUN_OF(add_bias)
{
	k->add_bias(x->of[A], x->of[B], rows, width);
}

RUN_OF(sum_rows)
{
	k->sum_rows(x->of[A], x->of[B], rows, width);
}

RUN_OF(add)
{
	for (size_t r = 0; r < rows; r++)
		k->add(x->of[A] + r * width, x->of[B] + r * width, 1, width);
}

RUN_OF(scale_by)
{
	static const float factors[] = {.5f, 1.25f, 2, 1.6f, .5f}; /* 1 in two calls, about */

	for (size_t r = 0; r < rows; r++)
		k->scale_by(x->of[A] + r * width, width, factors, 5);
}

RUN_OF(sum_squares)
{
	x->sink += k->sum_squares(x->of[A], rows * width);
}

RUN_OF(sum_squares_in)
{
	(void)rows, (void)width;
	x->sink += k->sum_squares_in(x->of[A], x->spans, x->span_count);
}

RUN_OF(adam)
{
	const struct abl_step_factors s = {.scale = 1,
					   .beta1 = .9f,
					   .beta2 = .999f,
					   .rate = 1e-4f,
					   .root = 1,
					   .eps = 1e-6f,
					   .keep = 1};

	k->adam(x->of[A], x->of[B], x->of[C], x->of[V], rows * width, &s);
}

/* The arrays that the model calls a kernel with: [rows, width]. */
enum extent {
	BLOCK,     /* rows of the feed-forward part that stay in the cache */
	NEAR,      /* rows of hidden values that do: a layer's steps follow each other on them */
	TOKENS,    /* [tokens, hidden] */
	SCORES,    /* [seq, seq] of one head */
	LOGITS,    /* [rows, vocabulary] */
	WORDS,     /* [vocabulary, hidden] */
	LOOKED_UP, /* one row of some of WORDS */
};

/* A roof is the longest of these times, all of them measured on this machine:
 * - moving the operands: `moves` reads and writes of a value, at the rate of y += x (where it only
 *   `reads`, of reading) over arrays that take as much memory as all of the kernel's `arrays`: so
 * it is that of the cache or the memory in which they lie. What is written and not read counts
 * twice beyond the nearest cache: a line is fetched first;
 * - the instructions that the fast form needs for each vector of values, in the loop that makes the
 *   most of them, at the rates of loops of nothing else (struct abl_kernel_limits): `multiplies`
 *   (products, fused ones, powers of two) in the units that multiply, all of them together, and
 *   `divides` (divisions and roots) in the one that divides. draw_mask's are integer ones. What a
 *   row needs once (the sum over lanes, a root, a logarithm) is not counted.
 * restored: works in place on A, which is made anew each time. */
static const struct row {
	const char *name;
	void (*run)(set *k, struct arrays *x, size_t rows, size_t width);
	enum extent extent;
	double arrays, moves, multiplies, others, divides;
	bool restored, reads;
} table[] = {
#define ROW(name) #name, run_##name
	{ROW(gelu), BLOCK, 2, 2, 24, 6, 1},
	{ROW(gelu_backward), BLOCK, 3, 3, 26, 6, 1},
	{ROW(gelu_tanh), BLOCK, 2, 2, 17, 6, 1},
	{ROW(gelu_tanh_backward), BLOCK, 3, 3, 24, 6, 1},
	{ROW(relu), BLOCK, 2, 2, 0, 1},
	{ROW(relu_backward), BLOCK, 3, 3, 1, 2},
	{ROW(layernorm), NEAR, 2, 4, 3, 3},
	{ROW(layernorm_backward), NEAR, 3, 5, 8, 4},
	{ROW(layernorm_gains), TOKENS, 2, 2, 2, 3, 0, .reads = true},
	{ROW(softmax), SCORES, 1, 6, 12, 5, 0, true},
	{ROW(softmax_backward), SCORES, 2, 5, 3, 1, 0, true},
	{ROW(draw_mask), NEAR, 1. / 32, 1. / 32, 4.5, 10.5},
	{ROW(apply_mask), SCORES, 2, 3, 1, 1},
	{ROW(join_row), TOKENS, 3, 4, 2, 2},
	{ROW(cross_entropy), LOGITS, 1, 2, 11, 8, 0, true},
	{ROW(add_bias), TOKENS, 1, 2, 0, 1},
	{ROW(sum_rows), TOKENS, 1, 1, 0, 1, 0, .reads = true},
	{ROW(add), TOKENS, 2, 3, 1, 0},
	{ROW(scale_by), LOOKED_UP, 1, 2, 5, 0},
	{ROW(sum_squares), WORDS, 1, 1, 1, 0, 0, .reads = true},
	{ROW(sum_squares_in), LOOKED_UP, 1, 1, 1, 0, 0, .reads = true},
	{ROW(adam), WORDS, 4, 7, 9, 1, 2},
};
enum { ROWS = sizeof table / sizeof *table };
_Static_assert(sizeof(struct abl_kernels) == sizeof(const char *) + ROWS * sizeof(void (*)(void)),
	       "each kernel has a row");

size_t abl_bench_kernel_count(const struct abl_kernels *k)
{
	return ROWS + abl_bench_attention_count(k);
}

static void measure_extent(enum extent extent, const struct abl_bench_shape *s, size_t *rows,
			   size_t *width)
{
	const size_t block = RUN / 16 / s->ffn, near = RUN / 16 / s->hidden,
		     looked_up = s->vocab / SPAN_ROWS;
	const size_t all[][2] = {
		[BLOCK] = {block ? block : 1, s->ffn},
		[NEAR] = {near < 1           ? 1
			  : near < s->tokens ? near
					     : s->tokens,
			  s->hidden},
		[TOKENS] = {s->tokens, s->hidden},
		[SCORES] = {s->seq, s->seq},
		[LOGITS] = {s->logits, s->vocab},
		[WORDS] = {s->vocab, s->hidden},
		[LOOKED_UP] = {looked_up ? looked_up : 1, s->hidden},
	};

	*rows = all[extent][0];
	*width = all[extent][1];
}

static void make_arrays(struct arrays *x, const struct abl_bench_shape *s)
{
	size_t most = 2 * s->hidden, widest = 0, rows, width;

	for (enum extent e = BLOCK; e <= LOOKED_UP; e++) {
		measure_extent(e, s, &rows, &width);
		most = rows * ABL_SCORE_STRIDE(width) > most ? rows * ABL_SCORE_STRIDE(width)
							     : most;
		widest = width > widest ? width : widest;
	}
	*x = (struct arrays){.dropout = abl_dropout_make(1, .1)};
	for (int i = 0; i < OPERANDS; i++)
		x->of[i] = abl_bench_values(most);
	for (size_t i = 0; i < most; i++)
		x->of[V][i] *= x->of[V][i];
	x->stats = abl_calloc(2 * s->tokens, sizeof *x->stats);
	for (size_t r = 0; r < s->tokens; r++)
		x->stats[2 * r + 1] = 3.5f;
	x->mask = abl_calloc(ABL_MASK_WORDS(widest), sizeof *x->mask);
	abl_kernels_plain.draw_mask(x->mask, widest, &x->dropout, 7, 0);
	measure_extent(LOOKED_UP, s, &rows, &width);
	x->spans = abl_calloc(rows, sizeof *x->spans);
	for (; x->span_count < rows && (x->span_count + 1) * SPAN_ROWS <= s->vocab;
	     x->span_count++) {
		size_t from = x->span_count * SPAN_ROWS * width / ABL_SPAN * ABL_SPAN;

		x->spans[x->span_count] = (struct abl_span){from, from + width};
	}
}

static void drop_arrays(struct arrays *x)
{
	for (int i = 0; i < OPERANDS; i++)
		free(x->of[i]);
	free(x->stats), free(x->mask), free(x->spans);
}

static double time_row(const struct row *row, set *k, struct arrays *x, size_t rows, size_t width)
{
	const size_t values = rows * ABL_SCORE_STRIDE(width);
	const size_t calls = row->restored || values >= RUN ? 1 : RUN / values;
	double begin = abl_clock_now(), least = 0;

	do {
		double start, took;

		if (row->restored)
			memcpy(x->of[A], x->of[B], values * sizeof(float));
		start = abl_clock_now();
		for (size_t i = 0; i < calls; i++)
			row->run(k, x, rows, width);
		took = (abl_clock_now() - start) / (double)calls;
		least = least <= 0 || took < least ? took : least;
	} while (abl_clock_now() - begin < SECONDS);
	return least;
}

/* Vectors a second. */
struct rates {
	double lanes, multiply, any, divide;
};

static double rate_of(const struct abl_kernel_limits *l, float (*loop)(size_t turns), double *sink)
{
	const size_t turns = 20000;
	double begin = abl_clock_now(), least = 0;

	do {
		double start = abl_clock_now(), took;

		*sink += (double)loop(turns);
		took = abl_clock_now() - start;
		least = least <= 0 || took < least ? took : least;
	} while (abl_clock_now() - begin < SECONDS);
	return (double)(turns * l->in_a_turn) / least;
}

/* The plain set has no vectors: the fastest product's multiply-adds stand for all. */
static struct rates measure_rates(set *k, double best_product, double *sink)
{
	const struct abl_kernel_limits *l = abl_kernels_limits(k);

	if (!l)
		return (struct rates){1, best_product / 2, best_product / 2, best_product / 2};
	return (struct rates){(double)l->lanes, rate_of(l, l->multiply, sink),
			      rate_of(l, l->any, sink), rate_of(l, l->divide, sink)};
}

static double most(double a, double b)
{
	return a > b ? a : b;
}

/* Seconds that its instructions take at least for so many values. */
static double computing_time(const struct row *row, const struct rates *r, double values)
{
	double all = row->multiplies + row->others + row->divides;

	return values / r->lanes *
	       most(row->multiplies / r->multiply, most(all / r->any, row->divides / r->divide));
}

void abl_bench_kernels(const struct abl_kernels *k, const struct abl_bench_shape *shape,
		       double best_product, struct abl_bench_kernel *out)
{
	struct arrays x;
	struct rates rates;

	make_arrays(&x, shape);
	rates = measure_rates(k, best_product, &x.sink);
	for (size_t i = 0; i < ROWS; i++) {
		struct abl_bench_kernel *o = &out[i];
		double values, touched, moving, computing;

		*o = (struct abl_bench_kernel){.name = table[i].name};
		measure_extent(table[i].extent, shape, &o->rows, &o->width);
		values = (double)o->rows * (double)o->width;
		touched = values * table[i].arrays * sizeof(float);
		o->bytes = values * table[i].moves * sizeof(float);
		o->seconds = time_row(&table[i], k, &x, o->rows, o->width);
		o->plain_seconds = time_row(&table[i], &abl_kernels_plain, &x, o->rows, o->width);
		moving = o->bytes / abl_bench_bandwidth(k, (size_t)touched, table[i].reads);
		computing = computing_time(&table[i], &rates, values);
		o->roof_seconds = most(moving, computing);
		o->bound = computing > moving        ? "compute"
			   : touched > (double)CACHE ? "memory"
						     : "cache";
	}
	drop_arrays(&x);
	abl_bench_attention(k, shape, out + ROWS);
}
