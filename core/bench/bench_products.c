/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_products.h"

#include "bench_machine.h"
#include "compute.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS .05     /* that one product is repeated for with one back end */
#define PLAIN_FLOPS 1e7 /* a plain product is cut to about this */

/* Lengths, which follow from the model. */
enum length { TOKENS, SEQ, LOGITS, HIDDEN, QKV, FFN, HEAD, VOCAB, LENGTHS };

/* What a layer's products are: forward y = x W^T, then dx = dy W and dW += dy^T x. Of attention
 * one sequence in one head, its rows as far apart as those of queries, keys and values together. */
static const struct product {
	const char *name;
	bool at, bt, add;
	enum length m, n, k, lda, ldb, ldc;
	bool rounds, kept; /* as in struct abl_gemm */
} table[] = {
#define DENSE(name, rows, in, out)                                                         \
	{name, false, true, false, rows, out, in, in, in, out, true, true},                \
		{name " dx", false, false, false, rows, in, out, out, in, in, true, true}, \
	{                                                                                  \
		name " dw", true, false, true, out, in, rows, out, in, in, true, false     \
	}
	DENSE("qkv", TOKENS, HIDDEN, QKV),
	DENSE("attention out", TOKENS, HIDDEN, HIDDEN),
	DENSE("ffn up", TOKENS, HIDDEN, FFN),
	DENSE("ffn down", TOKENS, FFN, HIDDEN),
	{"scores", false, true, false, SEQ, SEQ, HEAD, QKV, QKV, SEQ},
	{"context, dq", false, false, false, SEQ, HEAD, SEQ, SEQ, QKV, HIDDEN},
	{"dk, dv", true, false, false, SEQ, HEAD, SEQ, SEQ, HIDDEN, QKV},
	DENSE("vocabulary", LOGITS, HIDDEN, VOCAB),
};
enum { PRODUCTS = sizeof table / sizeof *table };

size_t abl_bench_gemm_count(void)
{
	return PRODUCTS;
}

/* The floats that a stored matrix [rows, columns] lies in. */
static size_t extent(size_t rows, size_t columns, size_t ld)
{
	return (rows - 1) * ld + columns;
}

struct matrices {
	size_t length[LENGTHS];
	float *a, *b, *c;
};

static struct abl_gemm product_of(const struct product *p, const struct matrices *x)
{
	const size_t *length = x->length;

	return (struct abl_gemm){.at = p->at,
				 .bt = p->bt,
				 .m = length[p->m],
				 .n = length[p->n],
				 .k = length[p->k],
				 .alpha = 1,
				 .a = x->a,
				 .lda = length[p->lda],
				 .b = x->b,
				 .ldb = length[p->ldb],
				 .beta = p->add,
				 .c = x->c,
				 .ldc = length[p->ldc],
				 .rounds = p->rounds,
				 .kept = p->kept};
}

static void make_matrices(struct matrices *x, const struct abl_bench_shape *s)
{
	size_t most[3] = {1, 1, 1};

	*x = (struct matrices){.length = {[TOKENS] = s->tokens,
					  [SEQ] = s->seq,
					  [LOGITS] = s->logits,
					  [HIDDEN] = s->hidden,
					  [QKV] = 3 * s->hidden,
					  [FFN] = s->ffn,
					  [HEAD] = s->hidden / s->heads,
					  [VOCAB] = s->vocab}};
	for (size_t i = 0; i < PRODUCTS; i++) {
		struct abl_gemm g = product_of(&table[i], x);
		size_t need[] = {g.at ? extent(g.k, g.m, g.lda) : extent(g.m, g.k, g.lda),
				 g.bt ? extent(g.n, g.k, g.ldb) : extent(g.k, g.n, g.ldb),
				 extent(g.m, g.n, g.ldc)};

		for (int k = 0; k < 3; k++)
			most[k] = need[k] > most[k] ? need[k] : most[k];
	}
	x->a = abl_bench_values(most[0]);
	x->b = abl_bench_values(most[1]);
	x->c = abl_bench_values(most[2]);
}

/* FLOP/s; 0 where this build or CPU lacks the back end. */
static double rate_by(const char *backend, const char *precision, int threads,
		      const struct abl_gemm *g, double seconds)
{
	struct abl_compute *compute = NULL;
	double rate;

	if (abl_compute_create_by(&compute, precision, threads, NULL, backend, NULL))
		return 0;
	abl_gemm(compute, g); /* what it makes once for such a product is made */
	rate = abl_bench_rate(compute, g, seconds);
	abl_compute_destroy(compute);
	return rate;
}

static double plain_rate(const struct abl_gemm *g)
{
	struct abl_gemm part = *g;
	double rows = PLAIN_FLOPS / (2. * (double)g->n * (double)g->k);

	part.m = rows < 1 ? 1 : rows < (double)g->m ? (size_t)rows : g->m;
	return rate_by("plain", "fp32", 1, &part, .01);
}

void abl_bench_products(const struct abl_compute *compute, const struct abl_bench_shape *shape,
			bool bf16, struct abl_bench_gemm *out)
{
	const int threads = compute->team.threads;
	const char *chosen = abl_compute_backend("fp32");
	struct matrices x;

	make_matrices(&x, shape);
	for (size_t i = 0; i < PRODUCTS; i++) {
		struct abl_gemm g = product_of(&table[i], &x);
		struct abl_bench_gemm *o = &out[i];

		*o = (struct abl_bench_gemm){.name = table[i].name, .m = g.m, .n = g.n, .k = g.k};
		o->chosen = abl_bench_rate(compute, &g, SECONDS);
		o->plain = plain_rate(&g);
		o->panels = strcmp(chosen, "panels")
				    ? rate_by("panels", "fp32", threads, &g, SECONDS)
				    : o->chosen;
		o->blis = rate_by("blis", "fp32", threads, &g, SECONDS);
		if (!bf16 || !g.rounds)
			continue;
		o->bf16 = rate_by("bf16", "bf16", threads, &g, SECONDS);
		o->onednn = rate_by("onednn", "bf16", threads, &g, SECONDS);
	}
	free(x.a), free(x.b), free(x.c);
}
