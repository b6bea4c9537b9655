/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_machine.h"

#include "files.h"
#include "kernels.h"
#include "rng.h"
#include "str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double abl_bench_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

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
	abl_err_set(err, ABL_EIO, "cannot make a scratch folder '%s': %s", *out, strerror(errno));
	free(*out);
	*out = NULL;
	return ABL_EIO;
}

static float *draw(size_t n)
{
	float *x = aligned_alloc(64, (n * sizeof *x + 63) / 64 * 64);

	if (!x)
		abort();
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(abl_rng_uniform(1, i, 0) - .5);
	return x;
}

double abl_bench_product(size_t m, size_t n, size_t k, bool at, bool bt, double seconds)
{
	float *a = draw(m * k), *b = draw(k * n), *c = draw(m * n);
	const struct abl_gemm g = {.at = at,
				   .bt = bt,
				   .m = m,
				   .n = n,
				   .k = k,
				   .alpha = 1,
				   .a = a,
				   .lda = at ? m : k,
				   .b = b,
				   .ldb = bt ? k : n,
				   .c = c,
				   .ldc = n};
	double begin = abl_bench_seconds(), least = 0;

	for (int i = 0; i < 3 || abl_bench_seconds() - begin < seconds; i++) {
		double start = abl_bench_seconds(), took;

		abl_gemm(&g);
		took = abl_bench_seconds() - start;
		least = !least || took < least ? took : least;
	}
	free(a), free(b), free(c);
	return 2. * (double)m * (double)n * (double)k / least;
}

double abl_bench_best_product(void)
{
	static const size_t shapes[][3] = {/* m, n, k */
					   {768, 768, 768},
					   {1024, 1024, 512},
					   {1536, 1024, 256},
					   {1024, 2048, 512}};
	double best = 0;

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		double rate = abl_bench_product(shapes[i][0], shapes[i][1], shapes[i][2], false,
						false, .15);

		best = rate > best ? rate : best;
	}
	return best;
}

double abl_bench_bandwidth(void)
{
	const size_t n = (size_t)1 << 25; /* 128 MiB each */
	float *x = draw(n), *y = draw(n);
	double least = 0;

	for (int i = 0; i < 4; i++) {
		double start = abl_bench_seconds(), took;

		abl_kernels()->add(y, x, 1e-3f, n);
		took = abl_bench_seconds() - start;
		least = !least || took < least ? took : least;
	}
	free(x), free(y);
	return 3. * (double)(n * sizeof *x) / least;
}
