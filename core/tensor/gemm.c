/* SPDX-License-Identifier: Apache-2.0 */
/* gemm.c - the split by threads and the products of dense layers. */
#include "gemm.h"

#include "gemm_backend.h"
#include "gemm_kept.h"

#include <omp.h>

void abl_gemm_weights_changed(const struct abl_compute *c)
{
	abl_kept_changed(c->kept);
}

void abl_gemm_weights_gone(const struct abl_compute *c)
{
	abl_kept_gone(c->kept);
}

#define SPLIT_UNIT ((size_t)96)         /* BLIS sums fewer rows or columns in another order */
#define SPLIT_FLOPS ((double)(1 << 21)) /* below this a product is not worth a second thread */

/* A product that is divided into parts, each of whole units of rows or columns of C: none is
 * shorter than a unit, and the last has what is over. */
struct split {
	const struct abl_compute *c;
	const struct abl_gemm_backend *by;
	const struct abl_gemm *g;
	bool by_rows;
	size_t unit, parts;
};

static size_t part_start(const struct split *s, size_t i)
{
	const size_t n = s->by_rows ? s->g->m : s->g->n;

	return i == s->parts ? n : n / s->unit * i / s->parts * s->unit;
}

/* Those from `first` to before `end`, as one. */
static void multiply_parts(void *data, size_t first, size_t end)
{
	const struct split *s = data;
	const size_t from = part_start(s, first), to = part_start(s, end);
	struct abl_gemm part = *s->g;

	if (s->by_rows) {
		part.m = to - from;
		part.a += from * (part.at ? 1 : part.lda);
		part.c += from * part.ldc;
	} else {
		part.n = to - from;
		part.b += from * (part.bt ? part.ldb : 1);
		part.c += from;
		part.bias += part.bias ? from : 0;
	}
	s->by->multiply(s->c, &part);
}

/* Splits the longer of rows and columns, one part for each thread: each has to copy the operand
 * that is not split. */
static void multiply_split(const struct abl_compute *c, const struct abl_gemm_backend *by,
			   const struct abl_gemm *g)
{
	struct split s = {c, by, g, g->m >= g->n, by->unit ? by->unit : SPLIT_UNIT, 0};
	const size_t units = (s.by_rows ? g->m : g->n) / s.unit, team = (size_t)c->team.threads;

	s.parts = units < team ? units : team;
	if (s.parts < 2)
		by->multiply(c, g);
	else
		abl_team_run(&c->team, s.parts, 1, multiply_parts, &s);
}

static void multiply(const struct abl_compute *c, const struct abl_gemm *g)
{
	const struct abl_gemm_backend *by = g->rounds && c->rounding ? c->rounding : c->fp32;
	bool split = abl_team_is_free(&c->team) &&
		     2. * (double)g->m * (double)g->n * (double)g->k > SPLIT_FLOPS;

	if (by->suits && !by->suits(g))
		by = by->otherwise;
	if (!split)
		by->multiply(c, g);
	else if (!by->multiply_threads || !by->multiply_threads(c, g))
		multiply_split(c, by, g);
}

/* Products inside a parallel region run side by side: each counts its share of the clock. */
static void multiply_measured(const struct abl_compute *c, const struct abl_gemm *g)
{
	double start = omp_get_wtime(), seconds;

	multiply(c, g);
	seconds = (omp_get_wtime() - start) / omp_get_num_threads();
#pragma omp atomic
	c->meter->seconds += seconds;
#pragma omp atomic
	c->meter->flops += 2. * (double)g->m * (double)g->n * (double)g->k;
}

void abl_gemm(const struct abl_compute *c, const struct abl_gemm *g)
{
	if (!g->m || !g->n)
		return;
	if (c->meter)
		multiply_measured(c, g);
	else
		multiply(c, g);
}

/* Depends on the layer alone, not on the rows: a row's result is the same in every batch. */
static bool wide(size_t in, size_t out)
{
	return in >= 32 && out >= 32;
}

void abl_linear(const struct abl_compute *c, real *y, const real *x, const real *w,
		const real *bias, size_t rows, size_t in, size_t out)
{
	abl_gemm(c, &(struct abl_gemm){.bt = true,
				       .m = rows,
				       .n = out,
				       .k = in,
				       .alpha = 1,
				       .a = x,
				       .lda = in,
				       .b = w,
				       .ldb = in,
				       .beta = 0,
				       .c = y,
				       .ldc = out,
				       .bias = bias,
				       .rounds = wide(in, out),
				       .kept = true});
}

void abl_linear_backward_input(const struct abl_compute *c, real *dx, const real *dy, const real *w,
			       size_t rows, size_t in, size_t out, bool add)
{
	abl_gemm(c, &(struct abl_gemm){.m = rows,
				       .n = in,
				       .k = out,
				       .alpha = 1,
				       .a = dy,
				       .lda = out,
				       .b = w,
				       .ldb = in,
				       .beta = add,
				       .c = dx,
				       .ldc = in,
				       .rounds = wide(in, out),
				       .kept = true});
}

void abl_linear_backward_weight(const struct abl_compute *c, real *dw, const real *dy,
				const real *x, size_t rows, size_t in, size_t out)
{
	abl_gemm(c, &(struct abl_gemm){.at = true,
				       .m = out,
				       .n = in,
				       .k = rows,
				       .alpha = 1,
				       .a = dy,
				       .lda = out,
				       .b = x,
				       .ldb = in,
				       .beta = 1,
				       .c = dw,
				       .ldc = in,
				       .rounds = wide(in, out)});
}
