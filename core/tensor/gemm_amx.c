/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_amx.c - fp32 products on CPUs with AMX: from bf16 parts, as good as by fp32 multiply-adds
 * and about 1.6 times as fast (gemm_amx_tile.h). B is copied in panels of 32 columns, A in one or
 * two of 32 rows at a time. The unit that multiplies works on its own, so the next panels are
 * copied piece by piece while it multiplies those before. */
#include "bf16.h"
#include "gemm_amx_tile.h"
#include "gemm_backend.h"
#include "gemm_pieces.h"
#include "kernels.h"

#include <string.h>

/* Measured on a Xeon with 2 MiB of second-level cache, half of which B's block takes. */
#define STEPS ((size_t)384) /* along k; its blocks depend on k alone, and with them the bits */
#define COLUMNS ((size_t)384)
#define PANELS ((size_t)2) /* of A at a time at most */
#define SIDE ABL_AMX_SIDE

/* Each thread's own, kept for its next product. A's panels at hand and those copied meanwhile. */
static _Thread_local struct {
	_Alignas(64) uint16_t a[2][PANELS * STEPS / SIDE * ABL_AMX_BLOCK];
	_Alignas(64) uint16_t b[COLUMNS / SIDE * (STEPS / SIDE) * ABL_AMX_BLOCK];
} scratch;

static size_t up_to_side(size_t n)
{
	return (n + SIDE - 1) / SIDE * SIDE;
}

/* The least multiple of a panel's side that cuts n into as few parts as `most` does. */
static size_t part_of(size_t n, size_t most)
{
	size_t parts = n ? (n + most - 1) / most : 1;

	return up_to_side((n + parts - 1) / parts);
}

/* One block of the product: B's columns from `column`, steps from `step`. */
struct block {
	size_t column, columns, step, steps;
};

static struct abl_amx_copy copy_columns(const struct abl_gemm *g, const struct block *s, size_t j)
{
	size_t column = s->column + j;
	struct abl_amx_copy c = {
		.in = g->b + (g->bt ? column * g->ldb + s->step : s->step * g->ldb + column),
		.stride = g->ldb,
		.lines = j < s->columns ? least(SIDE, s->columns - j) : 0,
		.steps = s->steps,
		.columns = true,
		.contiguous = g->bt,
		.panel = scratch.b + j / SIDE * abl_amx_panel(s->steps)};

	abl_amx_copy_begin(&c);
	return c;
}

/* Rows of A at a time: of a transposed A more, for what is read of a line of it lies together. */
static size_t rows_at_once(const struct abl_gemm *g)
{
	return g->at ? PANELS * SIDE : SIDE;
}

static uint16_t *panels_of_rows(const struct abl_gemm *g, size_t row)
{
	return scratch.a[row / rows_at_once(g) % 2];
}

static struct abl_amx_copy copy_rows(const struct abl_gemm *g, const struct block *s, size_t row)
{
	struct abl_amx_copy c = {.in = g->a +
				       (g->at ? s->step * g->lda + row : row * g->lda + s->step),
				 .stride = g->lda,
				 .lines = row < g->m ? least(rows_at_once(g), g->m - row) : 0,
				 .steps = s->steps,
				 .contiguous = !g->at,
				 .alpha = g->alpha,
				 .panel = panels_of_rows(g, row)};

	abl_amx_copy_begin(&c);
	return c;
}

/* The tile of C at row i and the block's column j, from this panel of A. */
static struct abl_amx_tile tile_at(const struct abl_gemm *g, const struct block *s, size_t i,
				   size_t j, const uint16_t *panel)
{
	size_t column = s->column + j;
	bool last = s->step + s->steps == g->k;
	float *c = g->c + i * g->ldc + column, *soon = NULL;

	if (j + SIDE < s->columns)
		soon = c + SIDE;
	else if (i + SIDE < g->m)
		soon = c - j + SIDE * g->ldc;
	return (struct abl_amx_tile){.rows = least(SIDE, g->m - i),
				     .columns = least(SIDE, s->columns - j),
				     .steps = s->steps,
				     .a = panel,
				     .b = scratch.b + j / SIDE * abl_amx_panel(s->steps),
				     .add = g->beta != 0 || s->step,
				     .c = c,
				     .ldc = g->ldc,
				     .bias = g->bias && last ? g->bias + column : NULL,
				     .soon = soon};
}

/* A's panels from `row` times all of B's. Meanwhile the next are copied: of B until the first of
 * A's is done, then of A, in equal shares. */
static void multiply_rows(const struct abl_gemm *g, const struct block *s, size_t row)
{
	const uint16_t *panel = panels_of_rows(g, row);
	size_t end = least(row + rows_at_once(g), g->m), across = (s->columns + SIDE - 1) / SIDE,
	       left = (end - row + SIDE - 1) / SIDE * across;
	struct abl_amx_copy next = copy_rows(g, s, row + rows_at_once(g));

	for (size_t i = row; i < end; i += SIDE, panel += abl_amx_panel(s->steps))
		for (size_t j = 0; j < s->columns; j += SIDE, left--) {
			struct abl_amx_tile t = tile_at(g, s, i, j, panel);
			struct abl_amx_copy next_b;

			t.copy = &next;
			t.pieces = (next.pieces + left - 1) / left;
			if (!i) {
				next_b = copy_columns(g, s, j + SIDE);
				t.copy = &next_b;
				t.pieces = next_b.pieces;
			}
			abl_amx_multiply(&t);
		}
	abl_amx_copy_end(&next);
}

static void multiply_block(const struct abl_gemm *g, const struct block *s)
{
	struct abl_amx_copy rows = copy_rows(g, s, 0), columns = copy_columns(g, s, 0);

	abl_amx_copy_end(&rows);
	abl_amx_copy_end(&columns);
	for (size_t row = 0; row < g->m; row += rows_at_once(g))
		multiply_rows(g, s, row);
}

static void multiply_amx(const struct abl_compute *c, const struct abl_gemm *g)
{
	size_t steps = part_of(g->k, STEPS), columns = part_of(g->n, COLUMNS);
	struct block s;

	(void)c;
	if (g->beta != 0 && g->beta != 1)
		abl_gemm_scale(g);
	abl_amx_begin();
	for (s.column = 0; s.column < g->n; s.column += columns) {
		s.columns = least(columns, g->n - s.column);
		s.step = 0;
		do { /* once for a sum of nothing */
			s.steps = least(steps, g->k - s.step);
			multiply_block(g, &s);
			s.step += s.steps;
		} while (s.step < g->k);
	}
	abl_amx_end();
}

static bool amx_usable(const struct abl_kernels *k)
{
	return abl_bf16_in_tiles() && !strcmp(k->name, "avx512");
}

static const char *amx_kernel_set(const struct abl_kernels *k)
{
	(void)k;
	return "amx_bf16x3";
}

/* Attention's products are small, and odd lengths fill tiles badly: measured, AVX-512 is up to
 * twice as fast then. */
static bool suits_amx(const struct abl_gemm *g)
{
	const double whole = (double)up_to_side(g->m) * (double)up_to_side(g->n) *
			     (double)up_to_side(g->k),
		     of_use = (double)g->m * (double)g->n * (double)g->k;

	return g->rounds || (of_use >= 1 << 20 && of_use >= .9 * whole);
}

const struct abl_gemm_backend abl_gemm_amx = {.name = "amx",
					      .usable = amx_usable,
					      .kernel_set = amx_kernel_set,
					      .multiply = multiply_amx,
					      .unit = SIDE,
					      .suits = suits_amx,
					      .otherwise = &abl_gemm_panels};
