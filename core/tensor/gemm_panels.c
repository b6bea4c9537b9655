/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_panels.c - our own product (the layers of Goto and van de Geijn 2008, "Anatomy of
 * high-performance matrix multiplication"): B is copied in panels as wide as a tile, A in panels as
 * high as one, and tiles of C are computed from them. Against BLIS it copies by vector transposes,
 * uses A where it lies if that is quicker, and divides rows into tiles of about equal height. */
#include "gemm_backend.h"
#include "gemm_tile.h"
#include "kernels.h"

#include <string.h>

/* Measured on Zen 5; B's block and A's lie in the second-level cache together. */
#define STEPS ((size_t)384)   /* along k; its blocks depend on k alone, and with them the bits */
#define COLUMNS ((size_t)512) /* of B at a time */
#define TILES ((size_t)16)    /* of A's rows at a time */
#define FEW_PANELS ((size_t)8)
#define WIDEST ((size_t)16) /* floats in a vector */
#define MOST_PANELS (COLUMNS / WIDEST)

/* Each thread's own, kept for its next product. */
static _Thread_local struct {
	_Alignas(64) float a[TILES * WIDEST * STEPS];
	_Alignas(64) float b[COLUMNS * STEPS];
} scratch;

static const struct abl_gemm_tiles *tiles;

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t pieces(size_t n, size_t most)
{
	return (n + most - 1) / most;
}

/* Where piece i of n in `count` about equal pieces begins. */
static size_t cut(size_t n, size_t count, size_t i)
{
	return n * i / count;
}

/* Lines (rows of A, columns of B) of a block in panels; each takes `width` x steps in scratch. */
struct panels {
	size_t count, width;
	size_t from[MOST_PANELS + 1];
};

/* One block: A's rows from `row`, B's columns from `column`, steps from `step`. */
struct block {
	size_t row, column, step, steps;
	bool first, last; /* of the steps */
	struct panels rows, columns;
};

/* Of about equal height. */
static void divide_rows(struct panels *p, size_t rows)
{
	p->count = pieces(rows, tiles->rows);
	p->width = tiles->lanes;
	for (size_t i = 0; i <= p->count; i++)
		p->from[i] = cut(rows, p->count, i);
}

/* Full ones and a rest. */
static void divide_columns(struct panels *p, size_t columns)
{
	p->count = pieces(columns, tiles->columns);
	p->width = tiles->columns;
	for (size_t i = 0; i <= p->count; i++)
		p->from[i] = least(columns, i * p->width);
}

/* Lines are contiguous and `stride` apart, or else steps are. Of contiguous steps only a few are
 * read before the next panel, while the rest of their cache lines is at hand. */
static void pack(float *out, const struct panels *p, const float *in, size_t stride,
		 bool lines_contiguous, size_t steps)
{
	size_t chunk = lines_contiguous ? steps : ABL_GEMM_CHUNK;

	for (size_t step = 0; step < steps; step += chunk)
		for (size_t i = 0; i < p->count; i++) {
			size_t lines = p->from[i + 1] - p->from[i],
			       count = least(chunk, steps - step),
			       width = lines > tiles->lanes ? p->width : tiles->lanes;
			float *to = out + i * p->width * steps + step * width;

			if (lines_contiguous)
				tiles->pack_lines(to, width, in + p->from[i] * stride, stride,
						  lines, count);
			else
				tiles->pack_steps(to, width, in + step * stride + p->from[i],
						  stride, lines, count);
		}
}

/* Few panels of B use what was copied of A too seldom to pay for the copy. */
static bool a_stays(const struct abl_gemm *g, const struct block *s)
{
	return !g->at && s->columns.count <= FEW_PANELS;
}

/* A's panel, half as large as one of B's, stays in the first-level cache while B's pass by. */
static void multiply_block(const struct abl_gemm *g, const struct block *s)
{
	const float *a = g->a + (g->at ? s->step * g->lda + s->row : s->row * g->lda + s->step);
	bool stays = a_stays(g, s);

	if (!stays)
		pack(scratch.a, &s->rows, a, g->lda, !g->at, s->steps);
	for (size_t i = 0; i < s->rows.count; i++)
		for (size_t j = 0; j < s->columns.count; j++) {
			size_t row = s->rows.from[i], column = s->columns.from[j];
			struct abl_gemm_tile t = {
				.rows = s->rows.from[i + 1] - row,
				.columns = s->columns.from[j + 1] - column,
				.k = s->steps,
				.a = stays ? a + row * g->lda
					   : scratch.a + i * s->rows.width * s->steps,
				.a_row = stays ? g->lda : 1,
				.a_step = stays ? 1 : s->rows.width,
				.b = scratch.b + j * s->columns.width * s->steps,
				.alpha = g->alpha,
				.add = g->beta != 0 || !s->first,
				.c = g->c + (s->row + row) * g->ldc + s->column + column,
				.ldc = g->ldc,
				.bias = g->bias && s->last ? g->bias + s->column + column : NULL};

			tiles->multiply(&t);
		}
}

static void multiply_panels(const struct abl_gemm *g)
{
	size_t step_blocks = pieces(g->k, STEPS), row_blocks = pieces(g->m, TILES * tiles->rows);
	struct block s;

	if (!step_blocks)
		step_blocks = 1; /* a sum of nothing */
	if (g->beta != 0 && g->beta != 1)
		abl_gemm_scale(g);
	for (s.column = 0; s.column < g->n; s.column += COLUMNS) {
		divide_columns(&s.columns, least(g->n - s.column, COLUMNS));
		for (size_t p = 0; p < step_blocks; p++) {
			s.first = !p;
			s.last = p + 1 == step_blocks;
			s.step = cut(g->k, step_blocks, p);
			s.steps = cut(g->k, step_blocks, p + 1) - s.step;
			pack(scratch.b, &s.columns,
			     g->b + (g->bt ? s.column * g->ldb + s.step
					   : s.step * g->ldb + s.column),
			     g->ldb, g->bt, s.steps);
			for (size_t i = 0; i < row_blocks; i++) {
				s.row = cut(g->m, row_blocks, i);
				divide_rows(&s.rows, cut(g->m, row_blocks, i + 1) - s.row);
				multiply_block(g, &s);
			}
		}
	}
}

static const struct abl_gemm_tiles *of_this_cpu(void)
{
	static const struct abl_gemm_tiles *const all[] = {&abl_gemm_tiles_avx512,
							   &abl_gemm_tiles_avx2};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i]->name, abl_kernels()->name))
			return all[i];
	return NULL;
}

static bool panels_usable(void)
{
	return of_this_cpu() != NULL;
}

static void start_panels(void)
{
	tiles = of_this_cpu();
}

static const char *panels_kernel_set(void)
{
	return tiles->name;
}

const struct abl_gemm_backend abl_gemm_panels = {.name = "panels",
						 .usable = panels_usable,
						 .start = start_panels,
						 .kernel_set = panels_kernel_set,
						 .multiply = multiply_panels,
						 .unit = 2 * WIDEST};
