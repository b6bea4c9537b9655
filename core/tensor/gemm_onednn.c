/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_onednn.c - products in bf16 through oneDNN: fp32 operands are rounded to bf16 in scratch
 * memory, sums and results are fp32.
 *
 * oneDNN makes a primitive for each shape, at about 0.2 ms. So rows are cut into runs of a few
 * lengths (powers of two from 32 on, the rest padded), the inner length of weight gradients is
 * padded to a multiple of 32 with zeros, and each thread keeps its last primitives. With kept
 * weights every value is one sum over k in one order, so cuts of the rows and threads change no
 * bits; weight gradients, whose long sums oneDNN divides by their shape, are cut by their own size
 * alone. */
#include "gemm_backend.h"

#include "bf16.h"
#include "kernels.h"
#include "onednn.h"
#include "str.h"
#include "thread_end.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT ONEDNN_UNIT
#define MOST_ROWS ((size_t)1024)
#define MOST_COLUMNS ((size_t)256)    /* of a weight's gradient */
#define RUN_BYTES ((size_t)256 << 10) /* of rounded rows that wait in cache for their product */
#define SETS 64                       /* of the cache of primitives */
#define WAYS 4

/* What a primitive is made for. No padding: compared as bytes. */
struct shape {
	int32_t m, n, k, lda, ldc;
	int32_t at, bt, kept;
	float alpha, beta;
};

struct plan {
	struct shape shape;
	uint64_t used; /* by the thread's clock; 0 = free */
	dnnl_primitive_t primitive;
	dnnl_memory_t a, b, c, scratch;
	size_t scratch_bytes;
};

static void drop_own(void);

/* Each thread's own: nothing here is locked. */
static _Thread_local struct {
	struct plan plans[SETS][WAYS];
	uint64_t clock;
	struct abl_gemm_room a, b, c, scratch;
	struct abl_thread_end end;
} own = {.end = {.drop = drop_own}};

static size_t up_to_unit(size_t n)
{
	return (n + UNIT - 1) / UNIT * UNIT;
}

/* -- primitives -- */

static dnnl_primitive_attr_t attributes(const struct shape *s)
{
	dnnl_primitive_attr_t attr;
	dnnl_post_ops_t after;

	onednn_must(onednn.primitive_attr_create(&attr), "make attributes");
	onednn_must(onednn.primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user),
		    "take scratch memory");
	if (s->alpha < 1 || s->alpha > 1)
		onednn_must(onednn.primitive_attr_set_output_scales(attr, 1, 0, &s->alpha),
			    "scale");
	if (s->beta < 0 || s->beta > 0) {
		onednn_must(onednn.post_ops_create(&after), "add");
		onednn_must(onednn.post_ops_append_sum(after, s->beta), "add");
		onednn_must(onednn.primitive_attr_set_post_ops(attr, after), "add");
		onednn.post_ops_destroy(after);
	}
	return attr;
}

static const dnnl_memory_desc_t *part(dnnl_primitive_desc_t d, dnnl_query_t what)
{
	return onednn.primitive_desc_query_md(d, what, 0);
}

static dnnl_primitive_desc_t describe(const struct shape *s)
{
	dnnl_memory_desc_t a =
		onednn_matrix((size_t)s->m, (size_t)s->k, (size_t)s->lda, s->at, dnnl_bf16);
	dnnl_memory_desc_t b =
		s->kept ? onednn_kept_order((size_t)s->k, (size_t)s->n)
			: onednn_matrix((size_t)s->k, (size_t)s->n, (size_t)(s->bt ? s->k : s->n),
					s->bt, dnnl_bf16);
	dnnl_memory_desc_t c =
		onednn_matrix((size_t)s->m, (size_t)s->n, (size_t)s->ldc, false, dnnl_f32);
	dnnl_primitive_attr_t attr = attributes(s);
	dnnl_primitive_desc_t description;
	dnnl_matmul_desc_t product;

	onednn_must(onednn.matmul_desc_init(&product, &a, &b, NULL, &c), "describe a product");
	onednn_must(onednn.primitive_desc_create(&description, &product, attr, onednn_engine, NULL),
		    "find a product");
	onednn.primitive_attr_destroy(attr);
	return description;
}

static void make_plan(struct plan *p, const struct shape *s)
{
	dnnl_primitive_desc_t d = describe(s);

	p->shape = *s;
	onednn_must(onednn.primitive_create(&p->primitive, d), "make a product");
	p->a = onednn_memory(part(d, dnnl_query_src_md), DNNL_MEMORY_NONE);
	p->b = onednn_memory(part(d, dnnl_query_weights_md), DNNL_MEMORY_NONE);
	p->c = onednn_memory(part(d, dnnl_query_dst_md), DNNL_MEMORY_NONE);
	p->scratch = onednn_memory(part(d, dnnl_query_scratchpad_md), DNNL_MEMORY_NONE);
	p->scratch_bytes = onednn.memory_desc_get_size(part(d, dnnl_query_scratchpad_md));
	onednn.primitive_desc_destroy(d);
}

static void drop_plan(struct plan *p)
{
	dnnl_memory_t *all[] = {&p->a, &p->b, &p->c, &p->scratch};

	if (!p->used)
		return;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		onednn.memory_destroy(*all[i]);
	onednn.primitive_destroy(p->primitive);
	*p = (struct plan){0};
}

static void drop_own(void)
{
	struct abl_gemm_room *rooms[] = {&own.a, &own.b, &own.c, &own.scratch};

	for (size_t i = 0; i < SETS * WAYS; i++)
		drop_plan(&own.plans[i / WAYS][i % WAYS]);
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
		abl_gemm_room_drop(rooms[i]);
}

/* The primitive for a shape, from the cache or made in place of the one unused for longest. */
static struct plan *plan_for(const struct shape *s)
{
	struct plan *set = own.plans[onednn_hash(s, sizeof *s) % SETS], *oldest = set;

	abl_thread_end(&own.end);
	for (struct plan *p = set; p < set + WAYS; p++) {
		if (p->used && !memcmp(&p->shape, s, sizeof *s)) {
			p->used = ++own.clock;
			return p;
		}
		oldest = p->used < oldest->used ? p : oldest;
	}
	drop_plan(oldest);
	make_plan(oldest, s);
	oldest->used = ++own.clock;
	return oldest;
}

static void run(const struct shape *s, uint16_t *a, uint16_t *b, dnnl_memory_t kept, float *c)
{
	struct plan *p = plan_for(s);
	dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, p->a},
				  {DNNL_ARG_WEIGHTS, kept ? kept : p->b},
				  {DNNL_ARG_DST, p->c},
				  {DNNL_ARG_SCRATCHPAD, p->scratch}};

	onednn_must(onednn.memory_set_data_handle(p->a, a), "use memory");
	if (!kept)
		onednn_must(onednn.memory_set_data_handle(p->b, b), "use memory");
	onednn_must(onednn.memory_set_data_handle(p->c, c), "use memory");
	onednn_must(onednn.memory_set_data_handle(p->scratch,
						  abl_gemm_room(&own.scratch, p->scratch_bytes)),
		    "use memory");
	onednn_must(onednn.primitive_execute(p->primitive, onednn_stream(), 4, args), "multiply");
	onednn_must(onednn.stream_wait(onednn_stream()), "multiply");
}

/* -- products -- */

/* In blocks by the team; NULL: by the caller alone. */
static void share(const struct abl_team *team, size_t n, size_t block, abl_team_work *work,
		  void *data)
{
	if (team)
		abl_team_run(team, n, block, work, data);
	else
		work(data, 0, n);
}

struct rounding {
	uint16_t *out; /* [rows, cols] */
	const float *x;
	size_t cols, width;
};

static void round_rows(void *data, size_t from, size_t to)
{
	const struct rounding *r = data;

	if (r->width == r->cols)
		abl_bf16_from(r->out + from * r->cols, r->x + from * r->cols,
			      (to - from) * r->cols);
	else
		for (size_t i = from; i < to; i++)
			abl_bf16_from(r->out + i * r->cols, r->x + i * r->width, r->cols);
}

/* out [padded rows, cols] = x [rows, cols], rounded; the padding is 0. */
static uint16_t *rounded(struct abl_gemm_room *to, const float *x, size_t rows, size_t padded,
			 size_t cols, size_t width, const struct abl_team *team)
{
	uint16_t *out = abl_gemm_room(to, padded * cols * sizeof *out);

	share(team, rows, UNIT, round_rows, &(struct rounding){out, x, cols, width});
	memset(out + rows * cols, 0, (padded - rows) * cols * sizeof *out);
	return out;
}

static struct shape shape_of(const struct abl_gemm *g, size_t m, size_t k, size_t lda, size_t ldc,
			     bool kept)
{
	return (struct shape){.m = (int32_t)m,
			      .n = (int32_t)g->n,
			      .k = (int32_t)k,
			      .lda = (int32_t)lda,
			      .ldc = (int32_t)ldc,
			      .at = g->at,
			      .bt = !kept && g->bt,
			      .kept = kept,
			      .alpha = g->alpha,
			      .beta = g->beta};
}

/* The last rows, fewer than a unit: through memory of a whole one. */
static void run_rest(const struct abl_gemm *g, uint16_t *a, uint16_t *b, dnnl_memory_t kept,
		     float *c, size_t rows)
{
	struct shape s = shape_of(g, UNIT, g->k, g->k, g->n, kept);
	float *whole = abl_gemm_room(&own.c, UNIT * g->n * sizeof *whole);

	if (g->beta < 0 || g->beta > 0) {
		memset(whole + rows * g->n, 0, (UNIT - rows) * g->n * sizeof *whole);
		for (size_t r = 0; r < rows; r++)
			memcpy(whole + r * g->n, c + r * g->ldc, g->n * sizeof *whole);
	}
	run(&s, a, b, kept, whole);
	for (size_t r = 0; r < rows; r++)
		memcpy(c + r * g->ldc, whole + r * g->n, g->n * sizeof *whole);
}

/* What the threads that make parts of one product share. */
struct parts {
	const struct abl_compute *compute;
	const struct abl_gemm *g;
	uint16_t *a, *b;
	dnnl_memory_t kept;
	size_t most, k; /* rows at a time, a power of two; the inner length */
};

/* Rows [from, from + rows) of the result. */
static void run_rows(const struct parts *p, size_t from, size_t rows)
{
	const struct abl_gemm *g = p->g;
	uint16_t *a =
		rounded(&own.a, g->a + from * g->lda, rows, up_to_unit(rows), g->k, g->lda, NULL);
	float *c = g->c + from * g->ldc;

	for (size_t done = 0, take = p->most; done < rows; done += take) {
		while (take > UNIT && take > rows - done)
			take /= 2;
		if (take > rows - done) {
			run_rest(g, a + done * g->k, p->b, p->kept, c + done * g->ldc, rows - done);
		} else {
			struct shape s = shape_of(g, take, g->k, g->k, g->ldc, p->kept);

			run(&s, a + done * g->k, p->b, p->kept, c + done * g->ldc);
		}
	}
	abl_gemm_add_bias(p->compute, g, from, rows);
}

static void run_rows_from_to(void *data, size_t from, size_t to)
{
	const struct parts *p = data;

	for (size_t end; from < to; from = end) {
		end = to - from < p->most ? to : from + p->most;
		run_rows(p, from, end - from);
	}
}

static void by_rows(const struct abl_compute *c, const struct abl_gemm *g,
		    const struct abl_team *team)
{
	struct parts p = {.compute = c, .g = g, .most = MOST_ROWS};
	size_t threads = team ? (size_t)team->threads : 1;

	p.kept = g->kept ? onednn_weights(c, g) : NULL;
	if (!p.kept)
		p.b = rounded(&own.b, g->b, g->bt ? g->n : g->k, g->bt ? g->n : g->k,
			      g->bt ? g->k : g->n, g->ldb, team);
	while (p.most > UNIT &&
	       (p.most * g->k * sizeof *p.b > RUN_BYTES || p.most * threads > g->m + p.most / 2))
		p.most /= 2;
	share(team, g->m, p.most, run_rows_from_to, &p);
}

/* Rows of the result that one primitive makes of columns of A. Their number decides how oneDNN
 * divides the sum over k, so it follows from m alone. */
static size_t columns_of(size_t m, size_t from)
{
	size_t take = MOST_COLUMNS;

	while (take > UNIT && take > m - from)
		take /= 2;
	return take < m - from ? take : m - from;
}

static void run_columns(void *data, size_t from, size_t to)
{
	const struct parts *p = data;
	const struct abl_gemm *g = p->g;

	for (size_t end; from < to; from = end) {
		end = to - from < MOST_COLUMNS ? to : from + MOST_COLUMNS;
		for (size_t at = from, take; at < end; at += take) {
			struct shape s;

			take = columns_of(end, at);
			s = shape_of(g, take, p->k, g->m, g->ldc, false);
			run(&s, p->a + at, p->b, NULL, g->c + at * g->ldc);
		}
	}
}

/* A is stored transposed: gradients of weights, where k is the rows. Threads get parts of m. */
static void by_columns(const struct abl_compute *c, const struct abl_gemm *g,
		       const struct abl_team *team)
{
	struct parts p = {.compute = c, .g = g, .k = g->bt ? g->k : up_to_unit(g->k)};

	p.a = rounded(&own.a, g->a, g->k, p.k, g->m, g->lda, team);
	p.b = rounded(&own.b, g->b, g->bt ? g->n : g->k, g->bt ? g->n : p.k, g->bt ? g->k : g->n,
		      g->ldb, team);
	share(team, g->m, MOST_COLUMNS, run_columns, &p);
	abl_gemm_add_bias(c, g, 0, g->m);
}

static void multiply_by(const struct abl_compute *c, const struct abl_gemm *g,
			const struct abl_team *team)
{
	omp_set_num_threads(1); /* oneDNN asks for it; our own loops say how many they want */
	if (g->at)
		by_columns(c, g, team);
	else
		by_rows(c, g, team);
}

static bool multiply_threads(const struct abl_compute *c, const struct abl_gemm *g)
{
	multiply_by(c, g, &c->team);
	return true;
}

static void multiply(const struct abl_compute *c, const struct abl_gemm *g)
{
	multiply_by(c, g, NULL);
}

static void start(void)
{
	onednn_start();
}

static const char *kernel_set(const struct abl_kernels *k)
{
	bool amx = (onednn.get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_amx) ==
		   dnnl_cpu_isa_avx512_core_amx;

	(void)k;
	return amx ? "amx_bf16" : "avx512_bf16";
}

static bool usable(const struct abl_kernels *k)
{
	return abl_bf16_supported() && !strcmp(k->name, "avx512") && onednn_load();
}

const struct abl_gemm_backend abl_gemm_onednn = {.name = "onednn",
						 .usable = usable,
						 .start = start,
						 .kernel_set = kernel_set,
						 .multiply = multiply,
						 .multiply_threads = multiply_threads,
						 .rounds = true};
