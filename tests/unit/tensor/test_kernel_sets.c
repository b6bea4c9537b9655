/* SPDX-License-Identifier: Apache-2.0 */
/* test_kernel_sets.c - which set of vectors ran changes no result: every kernel has the same bits
 * in each, at every width up to four vectors and some beyond. */
#include "kernels.h"
#include "rng.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 13, WIDEST = 700, VALUES = ROWS * (WIDEST + 16) };

/* What a kernel reads, drawn anew for each, and what it has made. V holds no negative value. */
static float x[VALUES], y[VALUES], z[VALUES], v[VALUES], out[VALUES], more[VALUES];

typedef const struct abl_kernels set;

static void layernorm(set *k, size_t width)
{
	k->layernorm(out, more, x, y, z, ROWS, width, 1e-12f);
}

static void layernorm_backward(set *k, size_t width)
{
	k->layernorm(out, v, x, y, z, ROWS, width, 1e-12f);
	k->layernorm_backward(out, more, more + width, y, x, v, z, ROWS, width);
}

static void layernorm_gains(set *k, size_t width)
{
	k->layernorm_gains(out, more, y, x, v, ROWS, width, width);
}

static void softmax(set *k, size_t width)
{
	memcpy(out, x, sizeof out);
	for (size_t r = 0; r < ROWS; r++)
		k->softmax(out + r * ABL_SCORE_STRIDE(width), width, ABL_SCORE_STRIDE(width), 3);
}

static void softmax_backward(set *k, size_t width)
{
	memcpy(out, x, sizeof out);
	for (size_t r = 0; r < ROWS; r++)
		k->softmax_backward(out + r * width, v + r * width, width, .3f);
}

static void cross_entropy(set *k, size_t width)
{
	struct abl_row_loss of[ROWS];

	for (size_t r = 0; r < ROWS; r++)
		of[r].target = r * 7 % width;
	memcpy(out, x, sizeof out);
	k->cross_entropy(of, ROWS, out, y, more, width, .5f);
	for (size_t r = 0; r < ROWS; r++)
		out[ROWS * width + r] = of[r].loss + (float)of[r].best;
}

static void activations(set *k, size_t width)
{
	k->gelu(out, x, width), k->gelu_backward(out + width, y, x, width);
	k->gelu_tanh(out + 2 * width, x, width);
	k->gelu_tanh_backward(out + 3 * width, y, x, width);
	k->relu(out + 4 * width, x, width), k->relu_backward(out + 5 * width, y, x, width);
}

static void dropout(set *k, size_t width)
{
	const struct abl_dropout drop = abl_dropout_make(abl_rng_key(3, "dropout/test"), .1);
	uint16_t mask[ABL_MASK_WORDS(WIDEST)];

	k->draw_mask(mask, width, &drop, 12, 5);
	k->apply_mask(out, x, width, mask, drop.scale);
	k->join_row(out + width, x, y, z, .7f, width, mask, drop.scale);
	k->join_row(out + 2 * width, x, y, z, .7f, width, NULL, 1);
}

static void sums(set *k, size_t width)
{
	const double squares = k->sum_squares(x, ROWS * width);

	k->add_bias(out, y, ROWS, width);
	k->sum_rows(out, x, ROWS, width);
	k->add(out + width, y, .3f, width);
	k->scale_by(out + 2 * width, width, z, 3);
	memcpy(more, &squares, sizeof squares);
}

static void adam(set *k, size_t width)
{
	const struct abl_step_factors s = {.scale = .9f,
					   .beta1 = .9f,
					   .beta2 = .999f,
					   .rate = 1e-2f,
					   .root = 1.1f,
					   .eps = 1e-6f,
					   .keep = .99f};

	memcpy(out, x, sizeof out);
	memcpy(more, z, sizeof more);
	k->adam(out, y, more, v, width, &s);
}

static const struct {
	const char *name;
	void (*run)(set *k, size_t width);
} table[] = {
	{"layernorm", layernorm},
	{"layernorm_backward", layernorm_backward},
	{"layernorm_gains", layernorm_gains},
	{"softmax", softmax},
	{"softmax_backward", softmax_backward},
	{"cross_entropy", cross_entropy},
	{"activations", activations},
	{"dropout", dropout},
	{"sums", sums},
	{"adam", adam},
};

static void draw(float *a, double range, uint64_t key)
{
	for (size_t i = 0; i < VALUES; i++)
		a[i] = (float)(range * (2 * abl_rng_uniform(key, i, 0) - 1));
}

static void run_row(size_t row, set *k, size_t width)
{
	draw(x, 4, 1), draw(y, 1, 2), draw(z, 1, 3), draw(v, 1, 4);
	for (size_t i = 0; i < VALUES; i++)
		v[i] *= v[i];
	memset(out, 0, sizeof out), memset(more, 0, sizeof more);
	table[row].run(k, width);
}

static void compare(size_t row, const float *got, const float *want, size_t width)
{
	for (size_t i = 0; i < VALUES; i++)
		if (memcmp(&got[i], &want[i], sizeof *got) != 0)
			ck_abort_msg("%s, width %zu: [%zu] is %.9g in one set, %.9g in the other",
				     table[row].name, width, i, (double)got[i], (double)want[i]);
}

START_TEST(test_kernel_sets__same_bits)
{
	static float first[2][VALUES];
	set *avx2 = abl_kernels_find("avx2"), *avx512 = abl_kernels_find("avx512");

	if (!avx2 || !avx512) {
		printf("# SKIP: this CPU has one set of vectors\n");
		return;
	}
	for (size_t width = 1; width <= WIDEST; width += width < 65 ? 1 : 127) {
		run_row((size_t)_i, avx2, width);
		memcpy(first[0], out, sizeof out), memcpy(first[1], more, sizeof more);
		run_row((size_t)_i, avx512, width);
		compare((size_t)_i, out, first[0], width);
		compare((size_t)_i, more, first[1], width);
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("kernel_sets");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_kernel_sets__same_bits, 0, sizeof table / sizeof *table);
	return run_case(t, "kernel_sets");
}
