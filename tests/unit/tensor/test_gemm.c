/* SPDX-License-Identifier: Apache-2.0 */
/* test_gemm.c - every back end's products against sums in double: shapes, transposes, row lengths,
 * factors, memory outside C; that errors are no larger than those of fp32 sums; and that a part of
 * a product has the bits of the whole. meson runs it for each back end and kernel set (ABLATE_GEMM,
 * ABLATE_KERNELS). */
#include "code_path.h"
#include "gemm.h"
#include "rng.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM ((size_t)1 << 20)

static float *a, *b, *c, *want;
static struct abl_compute *compute, *two, *three; /* of so many threads */
static char set[64];                              /* of kernels that multiply */

static void draw(float *out, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (float)(2 * abl_rng_uniform(key, i, 0) - 1);
}

static void set_up(void)
{
	a = malloc(ROOM * sizeof *a), b = malloc(ROOM * sizeof *b);
	c = malloc(ROOM * sizeof *c), want = malloc(ROOM * sizeof *want);
	draw(a, ROOM, 1), draw(b, ROOM, 2), draw(c, ROOM, 3);
	memcpy(want, c, ROOM * sizeof *c);
}

static void tear_down(void)
{
	free(a), free(b), free(c), free(want);
}

static struct abl_gemm product(size_t m, size_t n, size_t k, int form, size_t extra)
{
	return (struct abl_gemm){.at = form & 1,
				 .bt = form & 2,
				 .m = m,
				 .n = n,
				 .k = k,
				 .alpha = 1,
				 .a = a,
				 .lda = (form & 1 ? m : k) + extra,
				 .b = b,
				 .ldb = (form & 2 ? k : n) + extra,
				 .c = c,
				 .ldc = n + extra,
				 .rounds = true /* a dense layer's: by the back end of this run */};
}

/* By the sums' own definition; what lies between C's rows stays as it was. */
static void compare(const struct abl_gemm *g, const float *before)
{
	for (size_t i = 0; i < g->m; i++)
		for (size_t j = 0; j < g->ldc; j++) {
			double sum = 0, size = 0, got = (double)g->c[i * g->ldc + j];

			if (j >= g->n) {
				ck_assert(i + 1 == g->m ||
					  g->c[i * g->ldc + j] == before[i * g->ldc + j]);
				continue;
			}
			for (size_t p = 0; p < g->k; p++) {
				double x = (double)(g->at ? g->a[p * g->lda + i]
							  : g->a[i * g->lda + p]),
				       y = (double)(g->bt ? g->b[j * g->ldb + p]
							  : g->b[p * g->ldb + j]);

				sum += x * y, size += fabs(x * y);
			}
			sum *= (double)g->alpha;
			if (g->beta != 0)
				sum += (double)g->beta * (double)before[i * g->ldc + j];
			if (g->bias)
				sum += (double)g->bias[j];
			ck_assert_msg(fabs(got - sum) <= 2e-6 * (size + 1),
				      "%s %s, form %d%d, %zu x %zu x %zu, element %zu, %zu: "
				      "%.9g, by its sum %.9g",
				      abl_compute_backend("fp32"), set, g->at, g->bt, g->m, g->n,
				      g->k, i, j, got, sum);
		}
}

START_TEST(test_gemm__sums)
{
	static const size_t sides[] = {1, 2, 5, 6, 7, 13, 14, 15, 16, 17, 31, 33, 64, 129};
	static const size_t depths[] = {0, 1, 3, 8, 15, 16, 17, 40, 131};
	static const float alphas[] = {1, .7f, -2, 1}, betas[] = {0, 1, 0, -.5f};
	const size_t count = sizeof sides / sizeof *sides;
	uint64_t draws = 0;

	/* Every pair of sides, each with a few of the depths. */
	for (size_t i = 0; i < count * count; i++)
		for (int form = 0; form < 4; form++) {
			size_t k = depths[abl_rng_below(4, draws, 0, 9)];
			int factor = (int)abl_rng_below(4, draws, 1, 4);
			struct abl_gemm g = product(sides[i / count], sides[i % count], k, form,
						    (size_t)abl_rng_below(4, draws, 2, 4));

			draws++;
			g.alpha = alphas[factor], g.beta = betas[factor];
			g.bias = draws % 3 ? NULL : want + ROOM / 2;
			memcpy(c, want, ROOM * sizeof *c / 16);
			abl_gemm(compute, &g);
			compare(&g, want);
		}
}
END_TEST

/* More than one block along each side. */
START_TEST(test_gemm__blocks)
{
	static const size_t shapes[][3] = {{200, 70, 900}, {9, 1100, 130}, {400, 33, 777}};

	for (size_t i = 0; i < 3; i++)
		for (int form = 0; form < 4; form++) {
			struct abl_gemm g =
				product(shapes[i][0], shapes[i][1], shapes[i][2], form, 1);

			g.beta = form & 1;
			g.bias = form & 2 ? want + ROOM / 2 : NULL;
			memcpy(c, want, ROOM * sizeof *c / 16);
			abl_gemm(compute, &g);
			compare(&g, want);
		}
}
END_TEST

/* To the bit what adding it to the finished product would give, threads or not. */
START_TEST(test_gemm__bias_comes_last)
{
	float *other = a + ROOM / 2;

	for (int threads = 1; threads <= 3; threads += 2)
		for (int form = 0; form < 4; form++) {
			const struct abl_compute *with = threads > 1 ? three : compute;
			struct abl_gemm g = product(210, 530, 800, form, 0);

			abl_gemm(with, &g);
			g.bias = want;
			g.c = other;
			abl_gemm(with, &g);
			for (size_t i = 0; i < g.m * g.n; i++)
				ck_assert(other[i] == c[i] + want[i % g.n]);
		}
}
END_TEST

START_TEST(test_gemm__beta_0_does_not_read_c)
{
	struct abl_gemm g = product(37, 41, 500, 2, 0);

	for (size_t i = 0; i < 37 * 41; i++)
		c[i] = NAN;
	abl_gemm(compute, &g);
	compare(&g, want);
}
END_TEST

/* What a batch of other rows, another number of columns or another thread leaves equal. */
START_TEST(test_gemm__bits_of_a_part)
{
	for (int form = 0; form < 4; form++) {
		struct abl_gemm whole = product(203, 190, 800, form, 0), part = whole;
		float *other = want;

		abl_gemm(compute, &whole);
		part.c = other;
		abl_gemm(two, &part);
		ck_assert_mem_eq(c, other, 203 * 190 * sizeof *c);
		if (!strcmp(set, "haswell")) {
			printf("# SKIP: BLIS's haswell kernels sum small products in another "
			       "order\n");
			continue;
		}
		for (size_t n = 1; n < 60; n += 9) {
			part = whole;
			part.c = other;
			part.m = part.n = part.ldc = n;
			part.a += 11 * (part.at ? 1 : part.lda);
			part.b += 70 * (part.bt ? part.ldb : 1);
			abl_gemm(compute, &part);
			for (size_t i = 0; i < n; i++)
				ck_assert_mem_eq(other + i * n, c + (11 + i) * 190 + 70,
						 n * sizeof *c);
		}
	}
}
END_TEST

/* -- as good as sums of fp32 multiply-adds -- */

static void draw_evenly(float *out, size_t n, uint64_t key)
{
	draw(out, n, key);
}

static void draw_positive(float *out, size_t n, uint64_t key)
{
	draw(out, n, key);
	for (size_t i = 0; i < n; i++)
		out[i] = fabsf(out[i]);
}

static void draw_many_sizes(float *out, size_t n, uint64_t key)
{
	draw(out, n, key);
	for (size_t i = 0; i < n; i++)
		out[i] = ldexpf(out[i], (int)abl_rng_below(key, i, 7, 41) - 20);
}

static void draw_small(float *out, size_t n, uint64_t key)
{
	draw(out, n, key);
	for (size_t i = 0; i < n; i++)
		out[i] *= 1e-12f;
}

/* All bits of the significand set, or just above a bf16's half: where parts are rounded most. */
static void draw_awkward(float *out, size_t n, uint64_t key)
{
	static const uint32_t low[] = {0xffff, 0x8000, 0x7fff, 0x8001, 0x80ff, 0x7f80};

	for (size_t i = 0; i < n; i++) {
		uint32_t bits = 0x3f000000 | (uint32_t)abl_rng_below(key, i, 1, 256) << 16 |
				low[abl_rng_below(key, i, 2, 6)];

		memcpy(&out[i], &bits, sizeof bits);
		if (abl_rng_below(key, i, 3, 2))
			out[i] = -out[i];
	}
}

static const struct numbers {
	const char *name;
	void (*draw)(float *out, size_t n, uint64_t key);
} numbers[] = {{"even", draw_evenly},
	       {"positive", draw_positive},
	       {"of many sizes", draw_many_sizes},
	       {"small", draw_small},
	       {"awkward", draw_awkward}};

/* Errors relative to the sum of the products' sizes: root mean square, and largest. */
struct error {
	double square, largest;
};

static void add_error(struct error *e, double got, double sum, double size)
{
	double x = fabs(got - sum) / size;

	e->square += x * x;
	e->largest = fmax(e->largest, x);
}

START_TEST(test_gemm__as_good_as_fp32)
{
	static const size_t depths[] = {1, 2, 64, 768, 2048};
	const struct numbers *by = &numbers[_i];

	for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
		struct abl_gemm g = product(48, 80, depths[d], 2, 0);
		struct error ours = {0}, chains = {0};

		by->draw(a, g.m * g.k, 11), by->draw(b, g.n * g.k, 12);
		abl_gemm(compute, &g);
		for (size_t i = 0; i < g.m * g.n; i++) {
			const float *x = a + i / g.n * g.k, *y = b + i % g.n * g.k;
			double sum = 0, size = 0;
			float chain = 0;

			for (size_t p = 0; p < g.k; p++) {
				sum += (double)x[p] * (double)y[p];
				size += fabs((double)x[p] * (double)y[p]);
				chain = fmaf(x[p], y[p], chain);
			}
			add_error(&ours, (double)c[i], sum, size);
			add_error(&chains, (double)chain, sum, size);
		}
		/* a single product of fp32 is rounded once; of parts, twice */
		ck_assert_msg(ours.square <= 1.1 * chains.square || ours.largest < 0x1p-23,
			      "%s, k %zu: square error %.3g, of fp32 sums %.3g", by->name, g.k,
			      ours.square, chains.square);
		ck_assert_msg(ours.largest <= 1.1 * chains.largest || ours.largest < 0x1p-23,
			      "%s, k %zu: largest error %.3g, of fp32 sums %.3g", by->name, g.k,
			      ours.largest, chains.largest);
	}
}
END_TEST

/* A run that has diverged must not look as if it had not. */
START_TEST(test_gemm__what_is_not_finite_stays_so)
{
	static const float what[] = {NAN, -NAN, INFINITY, -INFINITY};

	for (size_t i = 0; i < 4; i++)
		for (int form = 0; form < 4; form++) {
			struct abl_gemm g = product(37, 45, 70, form, 0);
			uint32_t bits = 0x7fffffff; /* not-a-number as well, all bits set */

			draw(a, ROOM, 1);
			a[form & 1 ? 41 * g.lda + 35 : 35 * g.lda + 41] = what[i];
			memcpy(&a[form & 1 ? 2 * g.lda + 9 : 9 * g.lda + 2], &bits, sizeof bits);
			abl_gemm(compute, &g);
			for (size_t r = 0; r < g.m; r++)
				for (size_t j = 0; j < g.n; j++)
					ck_assert_int_eq(!!isfinite(c[r * g.n + j]),
							 r != 35 && r != 9);
		}
}
END_TEST

/* A back end may leave products to another: of attention by their shape, of a dense layer none. */
START_TEST(test_gemm__small_ones_go_elsewhere)
{
	static const size_t shapes[][3] = {
		{12, 12, 64}, {100, 64, 100}, {140, 140, 80}, {128, 128, 64}};
	const char *here = abl_compute_backend("fp32"), *elsewhere = abl_compute_fp32_backend();
	struct abl_compute *other = compute_by("fp32", 1, NULL, elsewhere);

	for (size_t i = 0; i < 8; i++) {
		const size_t *s = shapes[i / 2];
		struct abl_gemm g = product(s[0], s[1], s[2], 2, 0);
		bool same;

		g.rounds = i % 2;
		abl_gemm(compute, &g);
		memcpy(want, c, g.m * g.n * sizeof *c);
		abl_gemm(other, &g);
		same = !memcmp(want, c, g.m * g.n * sizeof *c);
		ck_assert_int_eq(same, !strcmp(here, elsewhere) || (i / 2 < 3 && !g.rounds));
	}
	abl_compute_destroy(other);
}
END_TEST

START_TEST(test_gemm__names)
{
	const char *kernels = getenv("ABLATE_KERNELS"), *gemm = getenv("ABLATE_GEMM");

	if (gemm)
		ck_assert_str_eq(abl_compute_backend("fp32"), gemm);
	if (kernels && !strcmp(abl_compute_backend("fp32"), "panels"))
		ck_assert_str_eq(set, kernels);
}
END_TEST

static int run_suite(void)
{
	TCase *t = tcase_create("gemm");
	int failed;

	abl_compute_kernel_sets("fp32", set, sizeof set);
	compute = compute_of("fp32", 1);
	two = compute_of("fp32", 2), three = compute_of("fp32", 3);
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_gemm__names);
	tcase_add_test(t, test_gemm__sums);
	tcase_add_test(t, test_gemm__blocks);
	tcase_add_test(t, test_gemm__bias_comes_last);
	tcase_add_test(t, test_gemm__beta_0_does_not_read_c);
	tcase_add_test(t, test_gemm__bits_of_a_part);
	tcase_add_loop_test(t, test_gemm__as_good_as_fp32, 0, sizeof numbers / sizeof *numbers);
	tcase_add_test(t, test_gemm__what_is_not_finite_stays_so);
	tcase_add_test(t, test_gemm__small_ones_go_elsewhere);
	failed = run_case(t, "gemm");
	abl_compute_destroy(compute), abl_compute_destroy(two), abl_compute_destroy(three);
	return failed;
}

int main(void)
{
	return code_path_missing() ? 0 : run_suite();
}
