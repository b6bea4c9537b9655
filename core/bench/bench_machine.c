/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_machine.h"

#include "files.h"
#include "kernels_limits.h"
#include "machine.h"
#include "str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Not getrusage(): its ru_maxrss begins with what the parent had when it forked. */
int64_t abl_bench_resident(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	long long kib = 0;
	char line[128];

	while (f && !kib && fgets(line, sizeof line, f))
		(void)sscanf(line, "VmHWM: %lld kB", &kib);
	if (f)
		fclose(f);
	return kib * 1024;
}

int abl_bench_folder(char **out, struct abl_err *err)
{
	const char *place = getenv("TMPDIR");

	*out = abl_path_join(place && *place ? place : "/tmp", "ablate-bench-XXXXXX");
	if (mkdtemp(*out))
		return 0;
	abl_err_set(err, ABL_EIO, "cannot create a scratch folder '%s': %s", *out, strerror(errno));
	free(*out);
	*out = NULL;
	return ABL_EIO;
}

float *abl_bench_values(size_t n)
{
	float *x = abl_there(aligned_alloc(64, (n * sizeof *x + 63) / 64 * 64), "a buffer");

	for (size_t i = 0; i < n; i++) /* whole turns of the golden angle: spread evenly */
		x[i] = (float)((double)(uint32_t)(i * 2654435769u) * 0x1p-32 - .5);
	return x;
}

double abl_bench_rate(const struct abl_compute *compute, const struct abl_gemm *g, double seconds)
{
	double begin = abl_clock_now(), least = 0;

	do {
		double start = abl_clock_now(), took;

		abl_gemm(compute, g);
		took = abl_clock_now() - start;
		least = least <= 0 || took < least ? took : least;
	} while (abl_clock_now() - begin < seconds);
	return 2. * (double)g->m * (double)g->n * (double)g->k / least;
}

double abl_bench_product_rate(const struct abl_bench_product *p, double seconds)
{
	return abl_bench_rate(p->compute, &p->gemm, seconds);
}

static void make_product(struct abl_bench_product *p, size_t m, size_t n, size_t k, bool rounds)
{
	p->gemm = (struct abl_gemm){.m = m,
				    .n = n,
				    .k = k,
				    .alpha = 1,
				    .a = abl_bench_values(m * k),
				    .lda = k,
				    .b = abl_bench_values(k * n),
				    .ldb = n,
				    .c = abl_bench_values(m * n),
				    .ldc = n,
				    .rounds = rounds,
				    .kept = rounds};
	p->rate = abl_bench_product_rate(p, .15);
}

void abl_bench_product_drop(struct abl_bench_product *p)
{
	if (p->gemm.kept)
		abl_gemm_weights_gone(p->compute);
	free((float *)p->gemm.a), free((float *)p->gemm.b), free(p->gemm.c);
	*p = (struct abl_bench_product){0};
}

void abl_bench_product_find(struct abl_bench_product *p, const struct abl_compute *compute,
			    bool rounds)
{
	static const size_t shapes[][3] = {/* m, n, k */
					   {768, 768, 768},
					   {1024, 1024, 512},
					   {1536, 1024, 256},
					   {1024, 2048, 512}};

	*p = (struct abl_bench_product){0};
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct abl_bench_product one = {.compute = compute};

		make_product(&one, shapes[i][0], shapes[i][1], shapes[i][2], rounds);
		if (one.rate > p->rate) {
			abl_bench_product_drop(p);
			*p = one;
		} else {
			abl_bench_product_drop(&one);
		}
	}
}

double abl_bench_best_product(const struct abl_compute *compute)
{
	struct abl_bench_product p;
	double rate;

	abl_bench_product_find(&p, compute, false);
	rate = p.rate;
	abl_bench_product_drop(&p);
	return rate;
}

#define LEAST_BYTES ((size_t)16 << 10) /* within any core's first cache */
#define MOST_BYTES ((size_t)256 << 20)

/* Seconds of one way through the arrays. */
static double pass(const struct abl_kernels *k, float *y, const float *x, size_t n, size_t calls,
		   bool reads, float *sink)
{
	const struct abl_kernel_limits *l = abl_kernels_limits(k);
	const double start = abl_clock_now();

	for (size_t call = 0; call < calls; call++)
		if (reads && l)
			*sink += l->read(x, n) + l->read(y, n);
		else
			k->add(y, x, 1e-3f, n);
	return (abl_clock_now() - start) / (double)calls;
}

double abl_bench_bandwidth(const struct abl_kernels *k, size_t bytes, bool reads)
{
	const double moves = reads && abl_kernels_limits(k) ? 2 : 3;
	size_t n, calls;
	float *x, *y, sink = 0;
	double begin, least = 0;

	bytes = bytes < LEAST_BYTES ? LEAST_BYTES : bytes > MOST_BYTES ? MOST_BYTES : bytes;
	n = bytes / 2 / sizeof *x;
	calls = 1 + ((size_t)1 << 20) / bytes;
	x = abl_bench_values(n), y = abl_bench_values(n);
	begin = abl_clock_now();
	for (int i = 0; i < 4 || abl_clock_now() - begin < .03; i++) {
		const double took = pass(k, y, x, n, calls, reads, &sink);

		least = least <= 0 || took < least ? took : least;
	}
	y[0] = sink; /* so that it is computed */
	free(x), free(y);
	return moves * (double)(n * sizeof *x) / least;
}
