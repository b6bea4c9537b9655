/* SPDX-License-Identifier: Apache-2.0 */
/* test_bf16_amx.c - the products in bf16 on AMX, whose tiles are emulated here, so that it needs
 * avx512_bf16 alone: all forms against sums in double of the rounded operands, and that a row's
 * bits depend neither on threads nor on the other rows. */
#include "bf16.h"
#include "gemm.h"
#include "gemm_bf16_tile.h"
#include "rng.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct abl_bf16_tiles emulated_tiles;

#define ROOM ((size_t)1 << 18)

static float *a, *b, *c, *before;
static struct abl_compute *compute, *three; /* of one thread, and of three */

static float *drawn(uint64_t key)
{
	float *x = malloc(ROOM * sizeof *x);

	ck_assert_ptr_nonnull(x);
	for (size_t i = 0; i < ROOM; i++)
		x[i] = (float)(2 * abl_rng_uniform(key, 0, i) - 1);
	return x;
}

static void set_up(void)
{
	a = drawn(1), b = drawn(2), c = drawn(3), before = drawn(3);
	compute = compute_of("fp32", 1), three = compute_of("fp32", 3);
}

static void tear_down(void)
{
	free(a), free(b), free(c), free(before);
	abl_compute_destroy(compute), abl_compute_destroy(three);
}

static double rounded(float x)
{
	uint16_t half;
	uint32_t bits;
	float wide;

	abl_bf16_from_plain(&half, &x, 1);
	bits = (uint32_t)half << 16;
	memcpy(&wide, &bits, sizeof wide);
	return (double)wide;
}

static struct abl_gemm product(size_t m, size_t n, size_t k, int form)
{
	return (struct abl_gemm){.at = form & 1,
				 .bt = form & 2,
				 .m = m,
				 .n = n,
				 .k = k,
				 .alpha = form & 8 ? .7f : 1,
				 .a = a,
				 .lda = (form & 1 ? m : k) + 3,
				 .b = b,
				 .ldb = (form & 2 ? k : n) + 1,
				 .beta = form & 8   ? .5f
					 : form & 4 ? 1
						    : 0,
				 .c = c,
				 .ldc = n + 2,
				 .bias = form & 4 ? before + ROOM / 2 : NULL};
}

static void compare(const struct abl_gemm *g)
{
	for (size_t i = 0; i < g->m; i++) {
		for (size_t j = 0; j < g->n; j++) {
			double sum = 0, size = 1, got = (double)c[i * g->ldc + j];

			for (size_t p = 0; p < g->k; p++) {
				double x = rounded(g->at ? a[p * g->lda + i] : a[i * g->lda + p]),
				       y = rounded(g->bt ? b[j * g->ldb + p] : b[p * g->ldb + j]);

				sum += x * y, size += fabs(x * y);
			}
			sum = (double)g->alpha * sum +
			      (double)g->beta * (double)before[i * g->ldc + j];
			sum += g->bias ? (double)g->bias[j] : 0;
			ck_assert_msg(fabs(got - sum) <= 2e-6 * size,
				      "form %d%d, %zu x %zu x %zu, element %zu, %zu: %.9g, by its "
				      "sum %.9g",
				      g->at, g->bt, g->m, g->n, g->k, i, j, got, sum);
		}
		ck_assert_mem_eq(c + i * g->ldc + g->n, before + i * g->ldc + g->n, 2 * sizeof *c);
	}
}

START_TEST(test_tiles__all_forms)
{
	static const size_t shapes[][3] = {{1, 1, 1},     {7, 5, 3},      {31, 65, 17},
					   {64, 32, 32},  {33, 16, 33},   {40, 17, 31},
					   {100, 48, 64}, {35, 34, 1100}, {5, 300, 70}};

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		for (int form = 0; form < 16; form++) {
			struct abl_gemm g = product(shapes[i][0], shapes[i][1], shapes[i][2], form);

			memcpy(c, before, ROOM * sizeof *c);
			abl_gemm_bf16_multiply(compute, &emulated_tiles, &g);
			compare(&g);
		}
}
END_TEST

START_TEST(test_tiles__rows_and_threads_change_no_bits)
{
	static const size_t counts[] = {1, 31, 33, 90};

	for (int form = 0; form < 4; form++) {
		struct abl_gemm whole = product(150, 70, 200, form), part = whole;

		abl_gemm_bf16_multiply(compute, &emulated_tiles, &whole);
		part.c = before;
		abl_gemm_bf16_multiply(three, &emulated_tiles, &part);
		for (size_t r = 0; r < whole.m; r++)
			ck_assert_mem_eq(c + r * whole.ldc, before + r * whole.ldc,
					 whole.n * sizeof *c);
		for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
			part.m = counts[i];
			memset(before, 0, ROOM / 2 * sizeof *before);
			abl_gemm_bf16_multiply(compute, &emulated_tiles, &part);
			for (size_t r = 0; r < part.m; r++)
				ck_assert_mem_eq(c + r * whole.ldc, before + r * whole.ldc,
						 whole.n * sizeof *c);
		}
	}
}
END_TEST

/* The padding is 0 times 0, and beta 0 reads nothing. */
START_TEST(test_tiles__what_is_not_finite_stays_in_its_row)
{
	for (int form = 0; form < 4; form++) {
		struct abl_gemm g = product(37, 45, 71, form);

		a[form & 1 ? 41 * g.lda + 35 : 35 * g.lda + 41] = INFINITY;
		a[form & 1 ? 70 * g.lda + 9 : 9 * g.lda + 70] = NAN;
		for (size_t i = 0; i < g.m * g.ldc; i++)
			c[i] = NAN;
		abl_gemm_bf16_multiply(compute, &emulated_tiles, &g);
		for (size_t r = 0; r < g.m; r++)
			for (size_t j = 0; j < g.n; j++)
				ck_assert_int_eq(!!isfinite(c[r * g.ldc + j]), r != 35 && r != 9);
		free(a);
		a = drawn(1);
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("bf16_amx");

	if (!abl_bf16_supported()) {
		printf("1..0 # SKIP this CPU has no avx512_bf16, with which the tiles' copies are "
		       "made\n");
		return 0;
	}
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_tiles__all_forms);
	tcase_add_test(t, test_tiles__rows_and_threads_change_no_bits);
	tcase_add_test(t, test_tiles__what_is_not_finite_stays_in_its_row);
	return run_case(t, "bf16_amx");
}
