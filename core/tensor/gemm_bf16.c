/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_bf16.c - our own products in bf16 (gemm_bf16_tile.h): operands are rounded while they are
 * laid into panels, once for a product, and weights once for as long as they do not change; sums
 * and results are fp32. A block of B's panels stays in the second-level cache while A's pass by. */
#include "gemm_backend.h"

#include "bf16.h"
#include "gemm_bf16_tile.h"
#include "gemm_kept.h"
#include "gemm_pieces.h"
#include "kernels.h"
#include "str.h"
#include "thread_end.h"

#include <stdlib.h>
#include <string.h>

/* Measured on Zen 5. */
#define PAIRS ((size_t)512)   /* along k; its blocks depend on k alone, and with them the bits */
#define COLUMNS ((size_t)256) /* of B at a time */
#define ROUNDED ((size_t)512 << 10) /* values of A that are rounded at a time, about */

/* -- the steps, in blocks of pairs -- */

struct steps {
	const struct abl_bf16_tiles *tiles;
	size_t k, pairs, blocks;
};

static struct steps steps_of(const struct abl_bf16_tiles *tiles, size_t k)
{
	struct steps s = {
		.tiles = tiles, .k = k, .pairs = pieces((k + 1) / 2, tiles->unit) * tiles->unit};

	s.blocks = s.pairs ? pieces(s.pairs, PAIRS) : 1; /* one of a sum of nothing */
	return s;
}

static size_t pair_at(const struct steps *s, size_t block)
{
	return cut(s->pairs / s->tiles->unit, s->blocks, block) * s->tiles->unit;
}

/* -- lines (rows of A, columns of B) in panels -- */

struct panels {
	bool of_b;
	size_t lines, count, width;
	struct steps steps;
	uint32_t *at; /* a block of pairs behind the other, in each a panel behind the other */
};

static struct panels panels_of(bool of_b, size_t lines, const struct steps *s)
{
	const struct abl_bf16_tiles *tiles = s->tiles;

	return (struct panels){.of_b = of_b,
			       .lines = lines,
			       .count = pieces(lines, of_b ? tiles->columns : tiles->rows),
			       .width = of_b ? tiles->columns : tiles->a_width,
			       .steps = *s};
}

/* A's are of about equal height; B's are full ones and a rest. */
static size_t line_at(const struct panels *p, size_t i)
{
	return p->of_b ? least(p->lines, i * p->width) : cut(p->lines, p->count, i);
}

static uint32_t *panel_at(const struct panels *p, size_t block, size_t i)
{
	size_t pair = pair_at(&p->steps, block), pairs = pair_at(&p->steps, block + 1) - pair;

	return p->at + (pair * p->count + pairs * i) * p->width;
}

static size_t panels_bytes(const struct panels *p)
{
	return (p->steps.pairs * p->count * p->width + 64) * sizeof *p->at;
}

/* Of contiguous steps only a few are read before the next panel, while the rest of their cache
 * lines is at hand. Panels [from, to). */
static void pack(const struct panels *p, const float *in, size_t stride, bool lines_contiguous,
		 size_t block, size_t from, size_t to)
{
	const struct abl_bf16_tiles *tiles = p->steps.tiles;
	size_t pairs = pair_at(&p->steps, block + 1) - pair_at(&p->steps, block);
	size_t begin = 2 * pair_at(&p->steps, block),
	       end = least(p->steps.k, 2 * pair_at(&p->steps, block + 1)),
	       chunk = lines_contiguous || begin == end ? end - begin : ABL_BF16_CHUNK;
	abl_bf16_pack *copy = lines_contiguous ? p->of_b ? tiles->pack_b_lines : tiles->pack_a_lines
			      : p->of_b        ? tiles->pack_b_steps
					       : tiles->pack_a_steps;

	for (size_t step = begin; step < end; step += chunk)
		for (size_t i = from; i < to; i++) {
			size_t line = line_at(p, i), lines = line_at(p, i + 1) - line,
			       width = p->of_b && lines <= p->width / 2 ? p->width / 2 : p->width,
			       at = (step - begin) / 2 * width;

			if (!p->of_b && tiles->a_lies_in_rows)
				width = pairs, at = (step - begin) / 2;
			copy(panel_at(p, block, i) + at, width,
			     lines_contiguous ? in + line * stride + step
					      : in + step * stride + line,
			     stride, lines, least(chunk, end - step));
		}
}

/* -- B -- */

/* What threads share that copy B. */
struct packing {
	const struct panels *p;
	const struct abl_gemm *g;
};

/* Parts are the panels of COLUMNS columns in one block of steps. */
static void pack_parts(void *data, size_t from, size_t to)
{
	const struct packing *t = data;
	const size_t at_once = COLUMNS / t->p->width, parts = pieces(t->p->count, at_once);

	for (size_t i = from; i < to; i++)
		pack(t->p, t->g->b, t->g->ldb, t->g->bt, i / parts, i % parts * at_once,
		     least(t->p->count, (i % parts + 1) * at_once));
}

static void pack_b(const struct abl_team *team, const struct panels *p, const struct abl_gemm *g,
		   int threads)
{
	const size_t parts = pieces(p->count, COLUMNS / p->width) * p->steps.blocks;

	abl_team_run(team, parts, threads > 1 ? 1 : parts, pack_parts, &(struct packing){p, g});
}

/* What is kept of a weight, with the tiles that its order is for. */
struct kept {
	const struct abl_bf16_tiles *tiles;
	struct abl_gemm_room room;
};

static void *make_kept(const struct abl_bf16_tiles *tiles, const struct abl_gemm *g)
{
	const struct steps s = steps_of(tiles, g->k);
	struct panels p = panels_of(true, g->n, &s);
	struct kept *kept = abl_calloc(1, sizeof *kept);

	kept->tiles = tiles;
	abl_gemm_room(&kept->room, panels_bytes(&p));
	return kept;
}

static void fill_kept(const struct abl_team *team, void *copy, const struct abl_gemm *g,
		      int threads)
{
	struct kept *kept = copy;
	const struct steps s = steps_of(kept->tiles, g->k);
	struct panels p = panels_of(true, g->n, &s);

	p.at = abl_gemm_room(&kept->room, 0);
	pack_b(team, &p, g, threads);
}

static void drop_kept(void *copy)
{
	abl_gemm_room_drop(&((struct kept *)copy)->room);
	free(copy);
}

/* -- products -- */

static void drop_own(void);

static _Thread_local struct {
	struct abl_gemm_room a, b;
	struct abl_thread_end end;
} own = {.end = {.drop = drop_own}};

static void drop_own(void)
{
	abl_gemm_room_drop(&own.a), abl_gemm_room_drop(&own.b);
}

static void *own_room(struct abl_gemm_room *r, const struct panels *p)
{
	abl_thread_end(&own.end);
	return abl_gemm_room(r, panels_bytes(p));
}

/* A's panels times B's [from, to), for one block of pairs. A's panel stays in the first-level cache
 * while B's pass by. `row` is the first row of A's. */
static void multiply_block(const struct abl_gemm *g, const struct panels *a, size_t row,
			   const struct panels *b, size_t block, size_t from, size_t to)
{
	const struct steps *s = &a->steps;
	size_t pairs = pair_at(s, block + 1) - pair_at(s, block);
	bool first = !block, last = block + 1 == s->blocks;

	for (size_t i = 0; i < a->count; i++)
		for (size_t j = from; j < to; j++) {
			size_t line = line_at(a, i), column = line_at(b, j);
			struct abl_bf16_tile t = {.rows = line_at(a, i + 1) - line,
						  .columns = line_at(b, j + 1) - column,
						  .pairs = pairs,
						  .a_row = pairs,
						  .a = panel_at(a, block, i),
						  .b = panel_at(b, block, j),
						  .alpha = g->alpha,
						  .add = g->beta != 0 || !first,
						  .c = g->c + (row + line) * g->ldc + column,
						  .ldc = g->ldc,
						  .bias = g->bias && last ? g->bias + column
									  : NULL};

			s->tiles->multiply(&t);
		}
}

/* Rows [row, row + rows) of C, columns of B's panels [from, to). */
static void multiply_part(const struct abl_gemm *g, size_t row, size_t rows, const struct panels *b,
			  size_t from, size_t to)
{
	const struct abl_bf16_tiles *tiles = b->steps.tiles;
	const size_t at_once = COLUMNS / tiles->columns;
	struct panels a = panels_of(false, rows, &b->steps);

	a.at = own_room(&own.a, &a);
	for (size_t block = 0; block < a.steps.blocks; block++)
		pack(&a, g->a + row * (g->at ? 1 : g->lda), g->lda, !g->at, block, 0, a.count);
	if (tiles->begin)
		tiles->begin();
	for (size_t j = from; j < to; j += at_once)
		for (size_t block = 0; block < a.steps.blocks; block++)
			multiply_block(g, &a, row, b, block, j, least(to, j + at_once));
	if (tiles->end)
		tiles->end();
}

/* What threads share that multiply. */
struct division {
	const struct abl_gemm *g;
	const struct panels *b;
	size_t units, row_parts, column_parts;
};

static void multiply_parts(void *data, size_t first, size_t end)
{
	const struct division *d = data;
	const size_t unit = d->b->steps.tiles->rows;

	for (size_t i = first; i < end; i++) {
		size_t r = i / d->column_parts, c = i % d->column_parts;
		size_t from = cut(d->units, d->row_parts, r) * unit,
		       to = least(d->g->m, cut(d->units, d->row_parts, r + 1) * unit);

		multiply_part(d->g, from, to - from, d->b, cut(d->b->count, d->column_parts, c),
			      cut(d->b->count, d->column_parts, c + 1));
	}
}

static void multiply_by(const struct abl_compute *c, const struct abl_bf16_tiles *tiles,
			const struct abl_kept_kind *kind, const struct abl_gemm *g, int threads)
{
	const struct steps s = steps_of(tiles, g->k);
	struct panels b = panels_of(true, g->n, &s);
	size_t units = pieces(g->m, tiles->rows),
	       most = pieces(ROUNDED, (s.pairs ? 2 * s.pairs : 2) * tiles->rows),
	       row_parts = pieces(units, most), column_parts = 1;

	if (threads > 1) { /* small parts, for cores are uneven */
		row_parts = least(units, row_parts > 16 * (size_t)threads ? row_parts
									  : 16 * (size_t)threads);
		column_parts = least(b.count, pieces((size_t)threads, row_parts));
	}
	if (g->beta != 0 && g->beta != 1)
		abl_gemm_scale(g);
	if (g->kept && kind) {
		struct kept *kept = abl_kept_copy(c, kind, g, threads);

		b.at = abl_gemm_room(&kept->room, 0);
	} else {
		b.at = own_room(&own.b, &b);
		pack_b(&c->team, &b, g, threads);
	}
	abl_team_run(&c->team, row_parts * column_parts, threads > 1 ? 1 : row_parts * column_parts,
		     multiply_parts, &(struct division){g, &b, units, row_parts, column_parts});
}

void abl_gemm_bf16_multiply(const struct abl_compute *c, const struct abl_bf16_tiles *tiles,
			    const struct abl_gemm *g)
{
	multiply_by(c, tiles, NULL, g, c->team.threads);
}

/* -- the back ends -- */

#define BACK_END(set)                                                                             \
	static void *make_##set(const struct abl_gemm *g)                                         \
	{                                                                                         \
		return make_kept(&abl_bf16_tiles_##set, g);                                       \
	}                                                                                         \
	static const struct abl_kept_kind kind_##set = {make_##set, fill_kept, drop_kept};        \
	static bool multiply_threads_##set(const struct abl_compute *c, const struct abl_gemm *g) \
	{                                                                                         \
		multiply_by(c, &abl_bf16_tiles_##set, &kind_##set, g, c->team.threads);           \
		return true;                                                                      \
	}                                                                                         \
	static void multiply_##set(const struct abl_compute *c, const struct abl_gemm *g)         \
	{                                                                                         \
		multiply_by(c, &abl_bf16_tiles_##set, &kind_##set, g, 1);                         \
	}                                                                                         \
	static const char *kernel_set_##set(const struct abl_kernels *k)                          \
	{                                                                                         \
		(void)k;                                                                          \
		return abl_bf16_tiles_##set.name;                                                 \
	}

BACK_END(avx512)

static bool usable_avx512(const struct abl_kernels *k)
{
	return abl_bf16_supported() && !strcmp(k->name, "avx512");
}

const struct abl_gemm_backend abl_gemm_bf16 = {.name = "bf16",
					       .usable = usable_avx512,
					       .kernel_set = kernel_set_avx512,
					       .multiply = multiply_avx512,
					       .multiply_threads = multiply_threads_avx512,
					       .rounds = true,
					       /* oneDNN's on AMX are several times as fast */
					       .outdone = abl_bf16_in_tiles};

#ifdef ABL_GEMM_AMX
BACK_END(amx)

static bool usable_amx(const struct abl_kernels *k)
{
	return abl_bf16_in_tiles() && usable_avx512(k);
}

/* Until it is timed, it is for whoever names it. */
static bool not_timed(void)
{
	return true;
}

const struct abl_gemm_backend abl_gemm_bf16_amx = {.name = "bf16_amx",
						   .usable = usable_amx,
						   .kernel_set = kernel_set_amx,
						   .multiply = multiply_amx,
						   .multiply_threads = multiply_threads_amx,
						   .rounds = true,
						   .outdone = not_timed};
#endif
