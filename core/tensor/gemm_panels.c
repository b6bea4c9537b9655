/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_panels.c - our own product (the layers of Goto and van de Geijn 2008, "Anatomy of
 * high-performance matrix multiplication"): B is copied in panels as wide as a tile, A in panels as
 * high as one, and tiles of C are computed from them. Against BLIS it copies by vector transposes,
 * uses A where it lies if that is quicker, and divides rows into tiles of about equal height. */
#include "gemm_backend.h"
#include "gemm_pieces.h"
#include "gemm_tile.h"
#include "kernels.h"

#include <sched.h>
#include <stdatomic.h>
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
	_Alignas(64) float b[2][COLUMNS * STEPS]; /* one, but for products that threads share */
} scratch;

/* Those of the set that the other kernels are of; NULL: it has none. */
static const struct abl_gemm_tiles *tiles_of(const struct abl_kernels *k)
{
	return k == &abl_kernels_avx512 ? &abl_gemm_tiles_avx512
	       : k == &abl_kernels_avx2 ? &abl_gemm_tiles_avx2
					: NULL;
}

/* Lines (rows of A, columns of B) of a block in panels; each takes `width` x steps in scratch. */
struct panels {
	const struct abl_gemm_tiles *tiles;
	size_t count, width;
	size_t from[MOST_PANELS + 1];
};

/* One block: A's rows from `row`, B's columns from `column`, steps from `step`. */
struct block {
	float *b; /* what is copied of B */
	size_t row, column, step, steps;
	bool first, last; /* of the steps */
	struct panels rows, columns;
};

/* Of about equal height. */
static void divide_rows(struct panels *p, size_t rows)
{
	p->count = pieces(rows, p->tiles->rows);
	p->width = p->tiles->lanes;
	for (size_t i = 0; i <= p->count; i++)
		p->from[i] = cut(rows, p->count, i);
}

/* Full ones and a rest. */
static void divide_columns(struct panels *p, size_t columns)
{
	p->count = pieces(columns, p->tiles->columns);
	p->width = p->tiles->columns;
	for (size_t i = 0; i <= p->count; i++)
		p->from[i] = least(columns, i * p->width);
}

/* Lines are contiguous and `stride` apart, or else steps are. Of contiguous steps only a few are
 * read before the next panel, while the rest of their cache lines is at hand. Panels [first, end).
 */
static void pack(float *out, const struct panels *p, size_t first, size_t end, const float *in,
		 size_t stride, bool lines_contiguous, size_t steps)
{
	const struct abl_gemm_tiles *tiles = p->tiles;
	size_t chunk = lines_contiguous ? steps : ABL_GEMM_CHUNK;

	for (size_t step = 0; step < steps; step += chunk)
		for (size_t i = first; i < end; i++) {
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
		pack(scratch.a, &s->rows, 0, s->rows.count, a, g->lda, !g->at, s->steps);
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
				.b = s->b + j * s->columns.width * s->steps,
				.alpha = g->alpha,
				.add = g->beta != 0 || !s->first,
				.c = g->c + (s->row + row) * g->ldc + s->column + column,
				.ldc = g->ldc,
				.bias = g->bias && s->last ? g->bias + s->column + column : NULL};

			s->rows.tiles->multiply(&t);
		}
}

/* Panels [first, end) of B's block. */
static void pack_b(const struct abl_gemm *g, const struct block *s, size_t first, size_t end)
{
	pack(s->b, &s->columns, first, end,
	     g->b + (g->bt ? s->column * g->ldb + s->step : s->step * g->ldb + s->column), g->ldb,
	     g->bt, s->steps);
}

static size_t blocks_of_steps(const struct abl_gemm *g)
{
	return g->k ? pieces(g->k, STEPS) : 1; /* a sum of nothing */
}

/* Columns from `column`, the p'th block of steps; no rows yet. */
static struct block block_at(const struct abl_gemm_tiles *tiles, const struct abl_gemm *g,
			     size_t column, size_t p)
{
	size_t count = blocks_of_steps(g);
	struct block s = {.b = scratch.b[0],
			  .column = column,
			  .step = cut(g->k, count, p),
			  .first = !p,
			  .last = p + 1 == count,
			  .rows.tiles = tiles,
			  .columns.tiles = tiles};

	s.steps = cut(g->k, count, p + 1) - s.step;
	divide_columns(&s.columns, least(g->n - column, COLUMNS));
	return s;
}

/* Piece i of the rows in `count` about equal pieces. */
static void multiply_rows(const struct abl_gemm *g, struct block *s, size_t count, size_t i)
{
	s->row = cut(g->m, count, i);
	divide_rows(&s->rows, cut(g->m, count, i + 1) - s->row);
	multiply_block(g, s);
}

static void multiply_panels(const struct abl_compute *c, const struct abl_gemm *g)
{
	const struct abl_gemm_tiles *tiles = tiles_of(c->kernels);
	size_t row_blocks = pieces(g->m, TILES * tiles->rows);

	if (g->beta != 0 && g->beta != 1)
		abl_gemm_scale(g);
	for (size_t column = 0; column < g->n; column += COLUMNS)
		for (size_t p = 0; p < blocks_of_steps(g); p++) {
			struct block s = block_at(tiles, g, column, p);

			pack_b(g, &s, 0, s.columns.count);
			for (size_t i = 0; i < row_blocks; i++)
				multiply_rows(g, &s, row_blocks, i);
		}
}

/* -- one product, many threads --
 *
 * All use the same copy of B. A block of B gives two kinds of tasks: copies of a few of its panels,
 * and products of a few rows of A with the whole block. Tasks are taken one by one by whoever is
 * free: the copies of the first block, then for each block half of its products, the copies of the
 * next block, the other half. The copies lie in two buffers in turn. A product waits for the copies
 * of its block and for the product of the same rows with the block before, which it adds to; a copy
 * waits for the last products that use its buffer. In that order all of these were taken long
 * before, so there is hardly ever anything to wait for until the whole product ends. */

#define PACK_PANELS ((size_t)2)  /* in one task */
#define TASK_TILES ((size_t)4)   /* of rows, in one task, at most */
#define TASKS_EACH ((size_t)8)   /* of a block, that each thread should get at least */
#define MOST_TASKS ((size_t)256) /* products with one block */

struct shared {
	const struct abl_gemm_tiles *tiles;
	const struct abl_gemm *g;
	float *b[2];
	size_t step_blocks, blocks;     /* of B: steps first, then columns */
	size_t copies, products;        /* tasks of each block */
	atomic_size_t next;             /* task */
	atomic_size_t copied[2];        /* tasks that are done, of all blocks with that buffer */
	atomic_size_t multiplied[2];    /* the same */
	atomic_size_t with[MOST_TASKS]; /* blocks that each piece of the rows is through with */
};

static void wait_until(atomic_size_t *counter, size_t value)
{
	size_t turns = 0;

	while (atomic_load_explicit(counter, memory_order_acquire) < value)
		if (++turns % 256 == 0)
			sched_yield(); /* the one waited for may want this very core */
}

/* Blocks with the same buffer, up to and with this one. */
static size_t turns_of_buffer(size_t block)
{
	return block / 2 + 1;
}

static void copy_task(struct shared *t, struct block *s, size_t block, size_t i)
{
	size_t first = least(i * PACK_PANELS, s->columns.count),
	       end = least(first + PACK_PANELS, s->columns.count);

	wait_until(&t->multiplied[block % 2], block / 2 * t->products);
	pack_b(t->g, s, first, end);
	atomic_fetch_add_explicit(&t->copied[block % 2], 1, memory_order_release);
}

static void product_task(struct shared *t, struct block *s, size_t block, size_t i)
{
	wait_until(&t->with[i], block);
	wait_until(&t->copied[block % 2], turns_of_buffer(block) * t->copies);
	multiply_rows(t->g, s, t->products, i);
	atomic_store_explicit(&t->with[i], block + 1, memory_order_release);
	atomic_fetch_add_explicit(&t->multiplied[block % 2], 1, memory_order_release);
}

static void do_task(struct shared *t, bool copies, size_t block, size_t i)
{
	struct block s =
		block_at(t->tiles, t->g, block / t->step_blocks * COLUMNS, block % t->step_blocks);

	s.b = t->b[block % 2];
	(copies ? copy_task : product_task)(t, &s, block, i);
}

static void work_off(void *data)
{
	struct shared *t = data;
	const size_t each = t->copies + t->products, half = t->products / 2;
	size_t task;

	while ((task = atomic_fetch_add_explicit(&t->next, 1, memory_order_relaxed)) <
	       t->blocks * each) {
		size_t block = task < t->copies ? 0 : (task - t->copies) / each;
		size_t i = task < t->copies ? task : (task - t->copies) % each;
		bool more = block + 1 < t->blocks; /* whose copies lie between the products */

		if (task < t->copies)
			do_task(t, true, 0, i);
		else if (i < half || !more)
			do_task(t, false, block, i);
		else if (i < half + t->copies)
			do_task(t, true, block + 1, i - half);
		else
			do_task(t, false, block, i - t->copies);
	}
}

/* With few rows there is not enough to divide among the threads. */
static bool multiply_panels_threads(const struct abl_compute *c, const struct abl_gemm *g)
{
	const struct abl_gemm_tiles *tiles = tiles_of(c->kernels);
	const size_t team = (size_t)c->team.threads, heights = pieces(g->m, tiles->rows);
	struct shared t = {.tiles = tiles, .g = g, .b = {scratch.b[0], scratch.b[1]}};

	if (heights < 2 * team)
		return false;
	t.step_blocks = blocks_of_steps(g);
	t.blocks = pieces(g->n, COLUMNS) * t.step_blocks;
	t.copies = pieces(COLUMNS, PACK_PANELS * tiles->columns);
	t.products = pieces(heights, TASK_TILES);
	if (t.products < TASKS_EACH * team)
		t.products = least(heights, TASKS_EACH * team);
	t.products = least(t.products, MOST_TASKS);
	if (g->beta != 0 && g->beta != 1)
		abl_gemm_scale(g);
	abl_team_all(&c->team, work_off, &t);
	return true;
}

static bool panels_usable(const struct abl_kernels *k)
{
	return tiles_of(k) != NULL;
}

static const char *panels_kernel_set(const struct abl_kernels *k)
{
	return tiles_of(k)->name;
}

const struct abl_gemm_backend abl_gemm_panels = {.name = "panels",
						 .usable = panels_usable,
						 .kernel_set = panels_kernel_set,
						 .multiply = multiply_panels,
						 .multiply_threads = multiply_panels_threads,
						 .unit = 2 * WIDEST};
