/* SPDX-License-Identifier: Apache-2.0 */
/* test_tensor.c - every fast kernel against its plain form on odd sizes, matrix products against
 * the plain back end's sums, and the split by threads against one thread, bit for bit. */
#include "code_path.h"
#include "gemm.h"
#include "rng.h"
#include "str.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

#define N 1003

static const char *const sets[] = {"avx2", "avx512"};
static const struct abl_kernels *fast;
static const struct abl_kernels *const plain = &abl_kernels_plain;

static float x[N * 4], y[N * 4], a[N * 4], b[N * 4], c[N * 4], d[N * 4];

/* Numbers from -range to range, the same each time. */
static void draw(float *out, size_t n, double range, uint64_t key)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (float)(range * (2 * abl_rng_uniform(key, i, 0) - 1));
}

static void near(const float *got, const float *want, size_t n, double relative, double absolute,
		 const char *what)
{
	for (size_t i = 0; i < n; i++) /* an assertion that holds takes microseconds */
		if (!(fabs((double)got[i] - (double)want[i]) <=
		      relative * fabs((double)want[i]) + absolute))
			ck_abort_msg("%s %s [%zu]: %.9g, plain %.9g", fast->name, what, i,
				     (double)got[i], (double)want[i]);
}

static bool set_up(int i)
{
	fast = abl_kernels_find(sets[i]);
	if (!fast)
		printf("# SKIP: this CPU has no %s\n", sets[i]);
	return fast != NULL;
}

START_TEST(test_kernels__activations)
{
	if (!set_up(_i))
		return;
	const struct {
		const char *name;
		void (*got[2])(float *, const float *, size_t);
		void (*slope[2])(float *, const float *, const float *, size_t);
	} rows[] = {
		{"gelu", {fast->gelu, plain->gelu}, {fast->gelu_backward, plain->gelu_backward}},
		{"gelu_tanh",
		 {fast->gelu_tanh, plain->gelu_tanh},
		 {fast->gelu_tanh_backward, plain->gelu_tanh_backward}},
		{"relu", {fast->relu, plain->relu}, {fast->relu_backward, plain->relu_backward}},
	};

	draw(x, N, 12, 1);
	x[0] = 0, x[1] = -100, x[2] = 100, x[3] = 1e-20f;
	draw(y, N, 2, 2);
	for (size_t k = 0; k < 3; k++) {
		rows[k].got[0](a, x, N);
		rows[k].got[1](b, x, N);
		near(a, b, N, 2e-6, 3e-7, rows[k].name);
		rows[k].slope[0](a, y, x, N);
		rows[k].slope[1](b, y, x, N);
		near(a, b, N, 2e-6, 4e-6, rows[k].name);
		rows[k].slope[0](y, y, x, N); /* in place */
		ck_assert_mem_eq(a, y, N * sizeof *a);
		draw(y, N, 2, 2);
	}
}
END_TEST

/* So that a training that has come apart is seen. */
START_TEST(test_kernels__not_a_number_stays_one)
{
	struct abl_row_loss row = {.target = 9};

	if (!set_up(_i))
		return;
	draw(x, N, 2, 17);
	x[5] = NAN;
	fast->gelu(a, x, N), fast->gelu_tanh(b, x, N);
	ck_assert(isnan(a[5]) && isnan(b[5]));
	ck_assert(isfinite(a[4]) && isfinite(b[6]));
	memcpy(a, x, N * sizeof *a);
	fast->cross_entropy(&row, 1, a, NULL, NULL, N, .1f);
	ck_assert(isnan(row.loss) && row.best < N);
	memcpy(a, x, N * sizeof *a);
	fast->softmax(a, N, ABL_SCORE_STRIDE(N), 1);
	ck_assert(isnan(a[5]) && isnan(a[4]));
}
END_TEST

/* Of x and y, as threads divide it: dx alone, and the gains by columns. To the bit. */
static void check_divided(const float *gamma, size_t rows, size_t w, const float *dx,
			  const float *dgamma, const float *dbeta)
{
	float stats[64], some[2][128] = {0};

	fast->layernorm(d, stats, x, gamma, gamma, rows, w, (real)1e-12);
	fast->layernorm_backward(d, NULL, NULL, y, x, stats, gamma, rows, w);
	ck_assert_mem_eq(d, dx, rows * w * sizeof *dx);
	for (size_t at = 0, n; at < w; at += n) {
		n = w - at < 16 ? w - at : 16;
		fast->layernorm_gains(some[0] + at, some[1] + at, y + at, x + at, stats, rows, n,
				      w);
	}
	ck_assert_mem_eq(some[0], dgamma, w * sizeof *dgamma);
	ck_assert_mem_eq(some[1], dbeta, w * sizeof *dbeta);
}

START_TEST(test_kernels__layernorm)
{
	static const size_t widths[] = {8, 16, 37, 128, 100};
	float stats[2][64];

	for (size_t k = 0; set_up(_i) && k < sizeof widths / sizeof *widths; k++) {
		size_t w = widths[k], rows = 13; /* 8, 4 and 1 */
		float gamma[128], beta[128], dgamma[2][128] = {0}, dbeta[2][128] = {0};

		draw(x, rows * w, 3, 4), draw(gamma, w, 2, 5), draw(beta, w, 1, 6),
			draw(y, rows * w, 1, 7);
		fast->layernorm(a, stats[0], x, gamma, beta, rows, w, (real)1e-12);
		plain->layernorm(b, stats[1], x, gamma, beta, rows, w, (real)1e-12);
		near(a, b, rows * w, 1e-5, 2e-6, "layernorm");
		fast->layernorm_backward(a, dgamma[0], dbeta[0], y, x, stats[0], gamma, rows, w);
		plain->layernorm_backward(b, dgamma[1], dbeta[1], y, x, stats[1], gamma, rows, w);
		near(a, b, rows * w, 1e-4, 5e-6, "layernorm backward");
		near(dgamma[0], dgamma[1], w, 1e-5, 2e-6, "layernorm gain");
		near(dbeta[0], dbeta[1], w, 1e-5, 2e-6, "layernorm bias");
		check_divided(gamma, rows, w, a, dgamma[0], dbeta[0]);
	}
}
END_TEST

/* Of rows of n logits, with a bias and without: near the plain form, and each row's bits, and those
 * of the bias's gradient, as if they had come one by one. */
static void check_losses(size_t n)
{
	enum { ROWS = 6 };
	float rows[3][ROWS * 200], d_bias[3][200] = {0}, *bias = n % 2 ? y : NULL;
	struct abl_row_loss of[3][ROWS];

	draw(y, n, 3, n + 2);
	for (size_t k = 0; k < 3; k++) {
		draw(rows[k], ROWS * n, 30, n);
		for (size_t r = 0; r < ROWS; r++)
			of[k][r].target = (n / 2 + 7 * r) % n;
	}
	fast->cross_entropy(of[0], ROWS, rows[0], bias, bias ? d_bias[0] : NULL, n, .5f);
	plain->cross_entropy(of[1], ROWS, rows[1], bias, bias ? d_bias[1] : NULL, n, .5f);
	for (size_t r = 0; r < ROWS; r++)
		fast->cross_entropy(&of[2][r], 1, rows[2] + r * n, bias, bias ? d_bias[2] : NULL, n,
				    .5f);
	near(rows[0], rows[1], ROWS * n, 1e-5, 1e-7, "cross-entropy gradient");
	near(d_bias[0], d_bias[1], n, 1e-5, 1e-6, "cross-entropy gradient of the bias");
	ck_assert_mem_eq(rows[0], rows[2], ROWS * n * sizeof(float));
	ck_assert_mem_eq(d_bias[0], d_bias[2], n * sizeof(float));
	for (size_t r = 0; r < ROWS; r++) {
		near(&of[0][r].loss, &of[1][r].loss, 1, 1e-5, 3e-6, "cross-entropy");
		ck_assert_mem_eq(&of[0][r].loss, &of[2][r].loss, sizeof(float));
		ck_assert_uint_eq(of[0][r].best, of[1][r].best);
		ck_assert_uint_eq(of[0][r].best, of[2][r].best);
	}
}

START_TEST(test_kernels__softmax_and_cross_entropy)
{
	for (size_t n = 1; set_up(_i) && n < 200; n += 1 + n / 7) {
		size_t stride = ABL_SCORE_STRIDE(n) + 16;

		draw(a, stride, 30, n), draw(b, stride, 30, n), draw(c, n, 2, n + 1),
			draw(d, n, 2, n + 1);
		fast->softmax(a, n, stride, .3f);
		plain->softmax(b, n, stride, .3f);
		near(a, b, stride, 1e-5, 1e-9, "softmax");
		fast->softmax_backward(c, a, n, .3f);
		plain->softmax_backward(d, b, n, .3f);
		near(c, d, n, 1e-4, 1e-7, "softmax backward");
		check_losses(n);
	}
}
END_TEST

/* Rows of several chunks: the first of equals, whichever chunk it lies in. */
START_TEST(test_kernels__best_of_a_long_row)
{
	static const size_t first[] = {0, 15, 511, 512, 700, N - 1};

	for (size_t k = 0; set_up(_i) && k < sizeof first / sizeof *first; k++) {
		struct abl_row_loss of[2] = {{.target = 600}, {.target = 600}};

		draw(a, N, 5, 18), draw(y, N, 1, 19);
		a[first[k]] = 9 - y[first[k]];
		for (size_t i = first[k] + 100; i < N; i += 100)
			a[i] = 9 - y[i];
		memcpy(b, a, N * sizeof *b);
		fast->cross_entropy(&of[0], 1, a, y, NULL, N, .5f);
		plain->cross_entropy(&of[1], 1, b, y, NULL, N, .5f);
		near(&of[0].loss, &of[1].loss, 1, 1e-5, 3e-6, "cross-entropy of a long row");
		near(a, b, N, 1e-5, 1e-7, "cross-entropy gradient of a long row");
		ck_assert_uint_eq(of[0].best, of[1].best);
	}
}
END_TEST

#define MANY (6 * 4096 + 77) /* more than the short sums that are made at once */

/* The same bits as of the whole, which is 0 outside the spans; spans end within short sums. */
START_TEST(test_kernels__sums_of_spans)
{
	static const struct abl_span spans[] = {
		{32, 50}, {4096, 4096 + 700}, {8192, 5 * 4096 + 3}, {5 * 4096 + 16, MANY}};
	static const size_t count = sizeof spans / sizeof *spans;
	float *all = calloc(MANY, sizeof *all);
	double sums[3];

	for (size_t k = 0; k < count; k++)
		draw(all + spans[k].from, spans[k].to - spans[k].from, 1, 20 + k);
	if (set_up(_i)) {
		sums[0] = fast->sum_squares(all, MANY);
		sums[1] = fast->sum_squares_in(all, spans, count);
		sums[2] = plain->sum_squares(all, MANY);
		ck_assert(sums[0] == sums[1]);
		ck_assert(fabs(sums[0] - sums[2]) < 1e-5 * sums[2]);
		/* one after the other: what is made at once is added in the same order */
		sums[1] = 0;
		for (size_t from = 0; from < MANY; from += 4096)
			sums[1] += fast->sum_squares(all + from,
						     from + 4096 < MANY ? 4096 : MANY - from);
		ck_assert(sums[0] == sums[1]);
	}
	free(all);
}
END_TEST

START_TEST(test_kernels__dropout_masks_are_equal)
{
	const struct abl_dropout drop = abl_dropout_make(abl_rng_key(3, "dropout/test"), .1);
	size_t dropped = 0;

	for (size_t width = 1; set_up(_i) && width < 400; width += 13) {
		size_t words = ABL_MASK_WORDS(width);
		uint16_t mask[2][ABL_MASK_WORDS(400)], beyond = (uint16_t)(0xffffu << width % 16);

		fast->draw_mask(mask[0], width, &drop, 1234567890123u + width, (uint32_t)width);
		plain->draw_mask(mask[1], width, &drop, 1234567890123u + width, (uint32_t)width);
		if (width % 16) /* bits beyond the width say nothing */
			for (int k = 0; k < 2; k++)
				mask[k][words - 1] = (uint16_t)(mask[k][words - 1] & ~beyond);
		ck_assert_mem_eq(mask[0], mask[1], words * sizeof *mask[0]);
		draw(x, width, 1, 8), draw(y, width, 1, 9);
		a[width] = b[width] = 7;
		fast->apply_mask(a, x, width, mask[0], drop.scale);
		plain->apply_mask(b, x, width, mask[0], drop.scale);
		ck_assert_mem_eq(a, b, (width + 1) * sizeof *a);
		fast->join_row(a, x, y, x + 50, .5f, width, mask[0], drop.scale);
		plain->join_row(b, x, y, x + 50, .5f, width, mask[0], drop.scale);
		near(a, b, width, 1e-6, 3e-7, "join with dropout");
		fast->join_row(a, x, y, x + 50, .5f, width, NULL, 0);
		plain->join_row(b, x, y, x + 50, .5f, width, NULL, 0);
		near(a, b, width, 1e-6, 3e-7, "join");
		ck_assert(a[width] == 7 && b[width] == 7);
	}
	for (uint32_t row = 0; row < 300; row++) {
		uint16_t mask[ABL_MASK_WORDS(N)];

		plain->draw_mask(mask, N, &drop, 5, row);
		for (size_t i = 0; i < N; i++)
			dropped += !(mask[i / 16] >> i % 16 & 1);
	}
	ck_assert(fabs((double)dropped / (300. * N) - .1) < .002);
}
END_TEST

START_TEST(test_kernels__sums_and_adam)
{
	const struct abl_step_factors s = {.scale = .5f,
					   .beta1 = .9f,
					   .beta2 = .999f,
					   .rate = 1e-3f,
					   .root = 1.2f,
					   .eps = 1e-6f,
					   .keep = .999f};
	float m[2][N], v[2][N];
	double sums[2];

	if (!set_up(_i))
		return;
	draw(a, N, 1, 9), draw(b, N, 1, 9), draw(x, N, 1, 10), draw(m[0], N, 1, 11),
		draw(m[1], N, 1, 11);
	for (int i = 0; i < N; i++)
		v[0][i] = v[1][i] = x[i] * x[i];
	fast->adam(a, x, m[0], v[0], N, &s);
	plain->adam(b, x, m[1], v[1], N, &s);
	near(a, b, N, 1e-5, 1e-6, "adam");
	near(m[0], m[1], N, 1e-6, 1e-7, "adam m");
	near(v[0], v[1], N, 1e-6, 1e-7, "adam v");
	sums[0] = fast->sum_squares(x, N);
	sums[1] = plain->sum_squares(x, N);
	ck_assert(fabs(sums[0] - sums[1]) < 1e-5 * sums[1]);
	ck_assert(fast->sum_squares_in(x, &(struct abl_span){0, N}, 1) == sums[0]);
	draw(a, 3 * 37, 1, 12), draw(b, 3 * 37, 1, 12);
	fast->scale_by(a, 3 * 37, x, 5), plain->scale_by(b, 3 * 37, x, 5);
	ck_assert_mem_eq(a, b, 3 * 37 * sizeof *a);
	fast->add_bias(a, x, 3, 37), plain->add_bias(b, x, 3, 37);
	ck_assert_mem_eq(a, b, 3 * 37 * sizeof *a);
	draw(y, 37, 1, 16), draw(y + 64, 37, 1, 16); /* it adds to what is there */
	fast->sum_rows(y, a, 3, 37), plain->sum_rows(y + 64, b, 3, 37);
	near(y, y + 64, 37, 1e-6, 1e-6, "sum of rows");
	fast->add(a, x, .3f, N), plain->add(b, x, .3f, N);
	near(a, b, N, 1e-6, 1e-7, "add");
}
END_TEST

START_TEST(test_gemm__against_sums_and_threads)
{
	static const size_t shapes[][3] = {
		{1, 1, 1}, {7, 5, 3}, {33, 65, 17}, {200, 130, 64}, {300, 400, 40}};
	float *p = malloc(400 * 400 * sizeof *p), *q = malloc(400 * 400 * sizeof *q);
	struct abl_compute *compute[2] = {compute_of("fp32", 1), compute_of("fp32", 2)};
	float *r[3] = {malloc(400 * 400 * sizeof **r), malloc(400 * 400 * sizeof **r),
		       malloc(400 * 400 * sizeof **r)};

	draw(p, 400 * 400, 1, 13), draw(q, 400 * 400, 1, 14);
	for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
		for (int form = 0; form < 8; form++) {
			size_t rows = shapes[k][0], cols = shapes[k][1], inner = shapes[k][2];
			struct abl_gemm g = {.at = form & 1,
					     .bt = form & 2,
					     .m = rows,
					     .n = cols,
					     .k = inner,
					     .alpha = .7f,
					     .a = p,
					     .lda = form & 1 ? rows + 3 : inner + 3,
					     .b = q,
					     .ldb = form & 2 ? inner + 1 : cols + 1,
					     .beta = form & 4 ? 1 : 0,
					     .ldc = cols};

			for (int i = 0; i < 3; i++) {
				draw(r[i], rows * cols, 1, 15);
				g.c = r[i];
				if (i < 2)
					abl_gemm(compute[i], &g);
			}
			ck_assert_mem_eq(r[0], r[1], rows * cols * sizeof **r);
			for (size_t i = 0; i < rows; i++)
				for (size_t j = 0; j < cols; j++) {
					double sum = 0;

					for (size_t t = 0; t < inner; t++)
						sum += (double)(g.at ? p[t * g.lda + i]
								     : p[i * g.lda + t]) *
						       (double)(g.bt ? q[j * g.ldb + t]
								     : q[t * g.ldb + j]);
					sum = .7f * sum + (double)(g.beta * r[2][i * cols + j]);
					if (!(fabs(sum - (double)r[0][i * cols + j]) < 1e-4))
						ck_abort_msg("product %zu, form %d, at %zu, %zu", k,
							     form, i, j);
				}
		}
	abl_compute_destroy(compute[0]), abl_compute_destroy(compute[1]);
	free(p), free(q), free(r[0]), free(r[1]), free(r[2]);
}
END_TEST

#ifdef __SSE__
/* As results and as operands. */
static bool denormals_are_zero(void)
{
	volatile float normal = 1.2e-38f, denormal = 1e-40f, half = normal * .5f;

	return half == 0 && denormal * 0x1p100f == 0;
}

static void count_flushed(void *data)
{
	atomic_fetch_add((atomic_int *)data, denormals_are_zero());
}
#endif

/* Also on threads that OpenMP has started before: results do not depend on how many there are. */
START_TEST(test_threads__all_take_denormals_as_zero)
{
#ifdef __SSE__
	struct abl_compute *compute;
	atomic_int flushed = 0;
	int kept = 0;

#pragma omp parallel num_threads(3) reduction(+ : kept)
	{
		_mm_setcsr(_mm_getcsr() & ~0x8040u);
		kept += !denormals_are_zero();
	}
	compute = compute_of("fp32", 3);
	ck_assert(denormals_are_zero());
	abl_team_all(&compute->team, count_flushed, &flushed);
	abl_compute_destroy(compute);
	ck_assert_int_eq(kept, 3);
	ck_assert_int_eq(flushed, 3);
#else
	printf("# SKIP: only SSE's denormals are set to zero\n");
#endif
}
END_TEST

static int run_suite(void)
{
	TCase *t = tcase_create("tensor");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_kernels__activations, 0, 2);
	tcase_add_loop_test(t, test_kernels__not_a_number_stays_one, 0, 2);
	tcase_add_loop_test(t, test_kernels__layernorm, 0, 2);
	tcase_add_loop_test(t, test_kernels__softmax_and_cross_entropy, 0, 2);
	tcase_add_loop_test(t, test_kernels__best_of_a_long_row, 0, 2);
	tcase_add_loop_test(t, test_kernels__sums_of_spans, 0, 2);
	tcase_add_loop_test(t, test_kernels__dropout_masks_are_equal, 0, 2);
	tcase_add_loop_test(t, test_kernels__sums_and_adam, 0, 2);
	tcase_add_test(t, test_gemm__against_sums_and_threads);
	tcase_add_test(t, test_threads__all_take_denormals_as_zero);
	return run_case(t, "tensor");
}

int main(void)
{
	return code_path_missing() ? 0 : run_suite();
}
