/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_panels.c - our own product (the layers of Goto and van de Geijn 2008, "Anatomy of
 * high-performance matrix multiplication"): B is copied in panels as wide as a tile, A in panels as
 * high as one, and tiles of C are computed from them. Against BLIS it copies by vector transposes,
 * uses A where it lies if that is quicker, and divides rows into tiles of about equal height. */
#include "gemm_backend.h"
#include "gemm_tile.h"
#include "kernels.h"

#include <string.h>

#define STEPS ((size_t)384)    /* along k; its blocks depend on k alone, and with them the bits */
#define COLUMNS ((size_t)1024) /* of B at a time */
#define TILES ((size_t)12)     /* of A's rows at a time */
#define MOST_ROWS (TILES * 16)
#define MOST_LANES ((size_t)16)

/* Each thread's own, kept for its next product. */
static _Thread_local struct {
	_Alignas(64) float a[MOST_ROWS * STEPS + MOST_LANES];
	_Alignas(64) float b[COLUMNS * STEPS + MOST_LANES];
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

/* One block: A's rows from `row`, B's columns from `column`, steps from `step`. */
struct block {
	size_t row, rows, column, columns, step, steps;
	bool first; /* of the steps */
};

/* Few panels of B use what was copied too seldom to pay for it. */
static bool a_stays(const struct abl_gemm *g, const struct block *s)
{
	return !g->at && s->columns <= 4 * tiles->columns;
}

static void pack_a(const struct abl_gemm *g, const struct block *s)
{
	size_t count = pieces(s->rows, tiles->rows);

	for (size_t i = 0; i < count; i++) {
		size_t from = cut(s->rows, count, i), rows = cut(s->rows, count, i + 1) - from,
		       row = s->row + from;

		if (g->at)
			tiles->pack_steps(scratch.a + from * s->steps, rows,
					  g->a + s->step * g->lda + row, g->lda, rows, s->steps);
		else
			tiles->pack_lines(scratch.a + from * s->steps, rows,
					  g->a + row * g->lda + s->step, g->lda, rows, s->steps);
	}
}

static void pack_b(const struct abl_gemm *g, const struct block *s)
{
	for (size_t from = 0; from < s->columns; from += tiles->columns) {
		size_t columns = least(s->columns - from, tiles->columns),
		       width = columns > tiles->lanes ? tiles->columns : tiles->lanes,
		       column = s->column + from;

		if (g->bt)
			tiles->pack_lines(scratch.b + from * s->steps, width,
					  g->b + column * g->ldb + s->step, g->ldb, columns,
					  s->steps);
		else
			tiles->pack_steps(scratch.b + from * s->steps, width,
					  g->b + s->step * g->ldb + column, g->ldb, columns,
					  s->steps);
	}
}

static void multiply_block(const struct abl_gemm *g, const struct block *s)
{
	size_t count = pieces(s->rows, tiles->rows);
	bool stays = a_stays(g, s);

	if (!stays)
		pack_a(g, s);
	for (size_t column = 0; column < s->columns; column += tiles->columns)
		for (size_t i = 0; i < count; i++) {
			size_t from = cut(s->rows, count, i), row = s->row + from;
			struct abl_gemm_tile t = {
				.rows = cut(s->rows, count, i + 1) - from,
				.columns = least(s->columns - column, tiles->columns),
				.k = s->steps,
				.b = scratch.b + column * s->steps,
				.alpha = g->alpha,
				.add = g->beta != 0 || !s->first,
				.c = g->c + row * g->ldc + s->column + column,
				.ldc = g->ldc};

			t.a = stays ? g->a + row * g->lda + s->step : scratch.a + from * s->steps;
			t.a_row = stays ? g->lda : 1;
			t.a_step = stays ? 1 : t.rows;
			tiles->multiply(&t);
		}
}

static void scale(const struct abl_gemm *g)
{
	for (size_t i = 0; i < g->m; i++)
		for (size_t j = 0; j < g->n; j++)
			g->c[i * g->ldc + j] *= g->beta;
}

static void multiply_panels(const struct abl_gemm *g)
{
	size_t step_blocks = pieces(g->k, STEPS), row_blocks = pieces(g->m, TILES * tiles->rows);

	if (!step_blocks)
		step_blocks = 1; /* a sum of nothing */

	if (g->beta != 0 && g->beta != 1)
		scale(g);
	for (size_t column = 0; column < g->n; column += COLUMNS)
		for (size_t p = 0; p < step_blocks; p++) {
			struct block s = {.column = column,
					  .columns = least(g->n - column, COLUMNS),
					  .step = cut(g->k, step_blocks, p),
					  .first = !p};

			s.steps = cut(g->k, step_blocks, p + 1) - s.step;
			pack_b(g, &s);
			for (size_t i = 0; i < row_blocks; i++) {
				s.row = cut(g->m, row_blocks, i);
				s.rows = cut(g->m, row_blocks, i + 1) - s.row;
				multiply_block(g, &s);
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
						 .multiply = multiply_panels};
