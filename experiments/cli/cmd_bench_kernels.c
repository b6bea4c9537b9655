/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench_kernels.c - `ablate bench kernels`: the fused kernels and the matrix products of
 * training steps, beside their plain forms and what this machine could do. */
#include "bench_kernels.h"
#include "bench_machine.h"
#include "cmd_bench.h"
#include "bench_products.h"
#include "compute.h"
#include "loop.h"
#include "store.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where --size names none: */
static const char kernel_size[] = "small";
static const char *const product_sizes[] = {"tiny", "mini", "small", "base"};

struct limits {
	double one_thread, threads; /* best products, FLOP/s */
	double memory, cache;       /* bytes a second */
};

struct work {
	int64_t vocab, batch, seq, threads;
	bool bf16, json;
	struct abl_compute *alone, *together; /* one thread, and so many */
	struct limits limits;
};

static struct abl_bench_shape shape_of(const struct abl_bench_size *size, const struct work *w)
{
	struct abl_bench_shape s = {.hidden = (size_t)size->hidden,
				    .heads = (size_t)size->heads,
				    .ffn = 4 * (size_t)size->hidden,
				    .vocab = (size_t)w->vocab,
				    .seq = (size_t)w->seq,
				    .tokens = (size_t)(w->batch * w->seq)};
	struct abl_config c;
	size_t micro;

	abl_config_init(&c);
	c.hidden = size->hidden;
	c.max_length = w->seq;
	micro = abl_micro_tokens(&c);
	s.tokens = s.tokens < micro ? s.tokens : micro;
	s.logits = s.tokens < ABL_LOGIT_ROWS ? s.tokens : ABL_LOGIT_ROWS;
	return s;
}

static int read_work(const struct abl_args *args, struct work *w, struct abl_err *err)
{
	const char *precision = abl_args_text(args, "precision");
	int rc = abl_bench_number(args, "vocab", 8192, 64, 1000000, &w->vocab, err);

	rc = rc ? rc : abl_bench_number(args, "batch", 32, 1, 4096, &w->batch, err);
	rc = rc ? rc : abl_bench_number(args, "seq", 128, 8, 512, &w->seq, err);
	rc = rc ? rc : abl_bench_number(args, "threads", 1, 1, 1024, &w->threads, err);
	w->json = abl_bench_json(args);
	w->bf16 = precision && !strcmp(precision, "bf16");
	return rc;
}

static void measure_limits(struct work *w)
{
	struct limits *l = &w->limits;

	l->threads = l->one_thread = abl_bench_best_product(w->alone);
	if (w->threads > 1)
		l->threads = abl_bench_best_product(w->together);
	l->memory = abl_bench_bandwidth(w->alone->kernels, SIZE_MAX, false);
	l->cache = abl_bench_bandwidth(w->alone->kernels, 0, false);
}

static void print_head(const struct work *w)
{
	const struct limits *l = &w->limits;
	struct abl_provenance machine;

	abl_provenance_gather(&machine);
	if (w->json)
		printf("{\"vocab\": %lld, \"batch\": %lld, \"seq\": %lld, \"threads\": %lld, "
		       "\"memory_gb_s\": %.2f, \"cache_gb_s\": %.2f, \"peak_gflops\": %.1f, "
		       "\"peak_gflops_threads\": %.1f, \"kernels\": \"%s\", \"gemm\": \"%s\", "
		       "\"machine\": \"%s\"",
		       (long long)w->vocab, (long long)w->batch, (long long)w->seq,
		       (long long)w->threads, 1e-9 * l->memory, 1e-9 * l->cache,
		       1e-9 * l->one_thread, 1e-9 * l->threads, w->alone->kernels->name,
		       abl_compute_backend("fp32"), machine.cpu);
	else
		printf("%s; kernels %s, products %s\n"
		       "one thread: memory %.1f GB/s, cache %.1f GB/s, best product %.1f GFLOP/s\n",
		       machine.cpu, w->alone->kernels->name, abl_compute_backend("fp32"),
		       1e-9 * l->memory, 1e-9 * l->cache, 1e-9 * l->one_thread);
	if (!w->json && w->threads > 1)
		printf("%lld thread%s: best product %.1f GFLOP/s\n", (long long)w->threads,
		       abl_plural(w->threads), 1e-9 * l->threads);
}

static void print_kernel(const struct work *w, const struct abl_bench_kernel *k, bool first)
{
	bool flops = !strcmp(k->bound, "product");
	char size[48];

	snprintf(size, sizeof size, "%zux%zu", k->rows, k->width);
	if (w->json)
		printf("%s{\"name\": \"%s\", \"rows\": %zu, \"width\": %zu, \"us\": %.3f, "
		       "\"plain_us\": %.3f, \"ratio\": %.2f, \"gb_s\": %.2f, \"gflops\": %.2f, "
		       "\"roof\": %.3f, \"bound\": \"%s\"}",
		       first ? "" : ", ", k->name, k->rows, k->width, 1e6 * k->seconds,
		       1e6 * k->plain_seconds, k->plain_seconds / k->seconds,
		       1e-9 * k->bytes / k->seconds, 1e-9 * k->flops / k->seconds,
		       k->roof_seconds / k->seconds, k->bound);
	else
		printf("%-18s %9s %8.1f %8.1f %5.1f %6.1f %-7s %3.0f%% %s\n", k->name, size,
		       1e6 * k->seconds, 1e6 * k->plain_seconds, k->plain_seconds / k->seconds,
		       1e-9 * (flops ? k->flops : k->bytes) / k->seconds,
		       flops ? "GFLOP/s" : "GB/s", 100 * k->roof_seconds / k->seconds, k->bound);
}

static void run_kernels(const struct work *w, const struct abl_bench_size *size)
{
	const struct abl_bench_shape shape = shape_of(size, w);
	size_t count = abl_bench_kernel_count(w->alone->kernels);
	struct abl_bench_kernel *all = abl_calloc(count, sizeof *all);

	if (w->json)
		printf(", \"kernel_size\": \"%s\", \"kernel_rows\": [", size->name);
	else
		printf("\nkernels, one thread, as '%s' calls them\n"
		       "%-18s %9s %8s %8s %5s %6s %-7s %4s %s\n",
		       size->name, "kernel", "size", "us", "plain us", "ratio", "rate", "", "roof",
		       "bound");
	abl_bench_kernels(w->alone->kernels, &shape, w->limits.one_thread, all);
	for (size_t i = 0; i < count; i++)
		print_kernel(w, &all[i], !i);
	free(all);
}

/* A rate in the table: '-' where there is none. */
static const char *rate_text(double flops, char out[32])
{
	if (flops > 0)
		snprintf(out, 32, "%.1f", 1e-9 * flops);
	else
		snprintf(out, 32, "-");
	return out;
}

/* A rate in the object: null where there is none. */
static void print_rate(const char *name, double flops)
{
	if (flops > 0)
		printf(", \"%s\": %.2f", name, 1e-9 * flops);
	else
		printf(", \"%s\": null", name);
}

static void print_product(const struct work *w, const char *size, const struct abl_bench_gemm *p,
			  bool first)
{
	double roof = p->chosen / w->limits.threads, ratio = p->chosen / p->plain;
	char shape[72], panels[32], blis[32], bf16[32], onednn[32];

	if (w->json) {
		printf("%s{\"size\": \"%s\", \"name\": \"%s\", \"m\": %zu, \"n\": %zu, \"k\": %zu, "
		       "\"gflops\": %.2f, \"roof\": %.3f, \"ratio\": %.2f",
		       first ? "" : ", ", size, p->name, p->m, p->n, p->k, 1e-9 * p->chosen, roof,
		       ratio);
		print_rate("plain_gflops", p->plain);
		print_rate("panels_gflops", p->panels);
		print_rate("blis_gflops", p->blis);
		print_rate("bf16_gflops", p->bf16);
		print_rate("onednn_gflops", p->onednn);
		printf("}");
		return;
	}
	snprintf(shape, sizeof shape, "%zux%zux%zu", p->m, p->n, p->k);
	printf("%-16s%13s %6.1f %3.0f%% %5.1f %5.1f %6s %5s %6s %6s\n", p->name, shape,
	       1e-9 * p->chosen, 100 * roof, 1e-9 * p->plain, ratio, rate_text(p->panels, panels),
	       rate_text(p->blis, blis), rate_text(p->bf16, bf16), rate_text(p->onednn, onednn));
}

static void run_products(const struct work *w, const struct abl_bench_size *size, bool first)
{
	const struct abl_bench_shape shape = shape_of(size, w);
	size_t count = abl_bench_gemm_count();
	struct abl_bench_gemm *all = abl_calloc(count, sizeof *all);

	if (!w->json)
		printf("\nproducts of '%s', %lld thread%s, GFLOP/s\n"
		       "%-16s%13s %6s %4s %5s %5s %6s %5s %6s %6s\n",
		       size->name, (long long)w->threads, abl_plural(w->threads), "product",
		       "m x n x k", "chosen", "roof", "plain", "ratio", "panels", "blis", "bf16",
		       "onednn");
	abl_bench_products(w->together, &shape, w->bf16, all);
	for (size_t i = 0; i < count; i++)
		print_product(w, size->name, &all[i], first && !i);
	free(all);
}

static const struct abl_bench_size *find_size(const char *name)
{
	const struct abl_bench_size *size = abl_bench_sizes;

	while (strcmp(size->name, name))
		size++;
	return size;
}

int abl_bench_part_kernels(const struct abl_args *args, struct abl_err *err)
{
	const char *one = abl_args_text(args, "size");
	struct work w = {0};

	if (read_work(args, &w, err))
		return ABL_EXIT_USAGE;
	if (w.bf16 && abl_compute_check("bf16", err))
		return ABL_EXIT_FAILED;
	if (abl_compute_create(&w.alone, "fp32", 1, err) ||
	    abl_compute_create(&w.together, "fp32", (int)w.threads, err))
		return ABL_EXIT_FAILED;
	measure_limits(&w);
	print_head(&w);
	run_kernels(&w, find_size(one ? one : kernel_size));
	if (w.json)
		printf("], \"product_rows\": [");
	for (size_t i = 0; i < (one ? 1 : sizeof product_sizes / sizeof *product_sizes); i++)
		run_products(&w, find_size(one ? one : product_sizes[i]), !i);
	if (w.json)
		puts("]}");
	abl_compute_destroy(w.alone);
	abl_compute_destroy(w.together);
	return ABL_EXIT_OK;
}
