/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_vector.c - the fast forms, in GCC's vector extension (gcc and clang). Built once for each
 * instruction set with -DABL_SET=avx2 or avx512. Ends of rows that do not fill a vector are read
 * and written under a mask, so every value is computed alike. */
#include "kernels_vector.h"

#include <math.h>

#define BELL_SCALE .398942280f /* 1 / sqrt(2 pi) */
#define TANH_SCALE .797884561f /* sqrt(2 / pi) */

/* An activation's values and slopes, in place of n vectors (vector_math.h). */
INLINE void gelu_values(const size_t n, vf x[])
{
	vf cdf[ABREAST], bell[ABREAST];

	normal_cdfs(n, cdf, bell, x);
	EACH(j, n)
		x[j] *= cdf[j];
}

INLINE void gelu_slopes(const size_t n, vf x[])
{
	vf cdf[ABREAST], bell[ABREAST];

	normal_cdfs(n, cdf, bell, x);
	EACH(j, n)
		x[j] = cdf[j] + x[j] * bell[j] * BELL_SCALE;
}

INLINE void gelu_tangents(const size_t n, vf t[], const vf x[])
{
	EACH(j, n)
		t[j] = TANH_SCALE * (x[j] + .044715f * x[j] * x[j] * x[j]);
	tangents(n, t);
}

INLINE void gelu_tanh_values(const size_t n, vf x[])
{
	vf t[ABREAST];

	gelu_tangents(n, t, x);
	EACH(j, n)
		x[j] = .5f * x[j] * (1.f + t[j]);
}

INLINE void gelu_tanh_slopes(const size_t n, vf x[])
{
	vf t[ABREAST];

	gelu_tangents(n, t, x);
	EACH(j, n)
		x[j] = .5f * (1.f + t[j]) + .5f * x[j] * (1.f - t[j] * t[j]) * TANH_SCALE *
						    (1.f + 3 * .044715f * x[j] * x[j]);
}

INLINE void relu_values(const size_t n, vf x[])
{
	EACH(j, n)
		x[j] = larger(x[j], splat(0));
}

INLINE void relu_slopes(const size_t n, vf x[])
{
	EACH(j, n)
		x[j] = choose(x[j] > 0, splat(1), splat(0));
}

#define ACTIVATION(name)                                                                    \
	static void name(float *y, const float *x, size_t n)                                \
	{                                                                                   \
		size_t i = 0;                                                               \
		for (; i + ABREAST * LANES <= n; i += ABREAST * LANES) {                    \
			vf v[ABREAST];                                                      \
			EACH(j, ABREAST)                                                    \
				v[j] = load(x + i + j * LANES);                             \
			name##_values(ABREAST, v);                                          \
			EACH(j, ABREAST)                                                    \
				store(y + i + j * LANES, v[j]);                             \
		}                                                                           \
		for (; i < n; i += LANES) {                                                 \
			size_t part = n - i < LANES ? n - i : LANES;                        \
			vf v = load_part(x + i, part);                                      \
			name##_values(1, &v);                                               \
			store_part(y + i, v, part);                                         \
		}                                                                           \
	}                                                                                   \
	static void name##_backward(float *dx, const float *dy, const float *x, size_t n)   \
	{                                                                                   \
		size_t i = 0;                                                               \
		for (; i + ABREAST * LANES <= n; i += ABREAST * LANES) {                    \
			vf v[ABREAST];                                                      \
			EACH(j, ABREAST)                                                    \
				v[j] = load(x + i + j * LANES);                             \
			name##_slopes(ABREAST, v);                                          \
			EACH(j, ABREAST)                                                    \
				store(dx + i + j * LANES, load(dy + i + j * LANES) * v[j]); \
		}                                                                           \
		for (; i < n; i += LANES) {                                                 \
			size_t part = n - i < LANES ? n - i : LANES;                        \
			vf v = load_part(x + i, part);                                      \
			name##_slopes(1, &v);                                               \
			store_part(dx + i, load_part(dy + i, part) * v, part);              \
		}                                                                           \
	}

ACTIVATION(gelu)
ACTIVATION(gelu_tanh)
ACTIVATION(relu)

static void add_bias(float *x, const float *bias, size_t rows, size_t width)
{
	for (size_t r = 0; r < rows; r++, x += width) {
		size_t i = 0;

		for (; i + LANES <= width; i += LANES)
			store(x + i, load(x + i) + load(bias + i));
		for (; i < width; i++)
			x[i] += bias[i];
	}
}

static void add(float *y, const float *x, float scale, size_t n)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		store(y + i, load(y + i) + scale * load(x + i));
	for (; i < n; i++)
		y[i] += scale * x[i];
}

/* Down each column, so that the sums stay in registers. */
enum { TOGETHER = 8 }; /* vectors of a row that are read in one go: whole stretches of memory */

static void sum_rows(float *sum, const float *x, size_t rows, size_t width)
{
	size_t i = 0;

	for (; i + TOGETHER * LANES <= width; i += TOGETHER * LANES) {
		vf total[TOGETHER];

#pragma GCC unroll 8
		for (size_t v = 0; v < TOGETHER; v++)
			total[v] = load(sum + i + v * LANES);
		for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 8
			for (size_t v = 0; v < TOGETHER; v++)
				total[v] += load(x + r * width + i + v * LANES);
#pragma GCC unroll 8
		for (size_t v = 0; v < TOGETHER; v++)
			store(sum + i + v * LANES, total[v]);
	}
	for (; i + LANES <= width; i += LANES) {
		vf total = load(sum + i);

		for (size_t r = 0; r < rows; r++)
			total += load(x + r * width + i);
		store(sum + i, total);
	}
	for (; i < width; i++)
		for (size_t r = 0; r < rows; r++)
			sum[i] += x[r * width + i];
}

static void scale_by(float *x, size_t n, const float *factors, size_t count)
{
	size_t i = 0;

	for (; i + ABREAST * LANES <= n; i += ABREAST * LANES) {
		vf part[ABREAST];

		EACH(j, ABREAST)
			part[j] = load(x + i + j * LANES);
		for (size_t k = 0; k < count; k++)
			EACH(j, ABREAST)
				part[j] *= factors[k];
		EACH(j, ABREAST)
			store(x + i + j * LANES, part[j]);
	}
	for (; i < n; i++)
		for (size_t k = 0; k < count; k++)
			x[i] *= factors[k];
}

#define SHORT_SUM 4096 /* values: short float sums, added in double */

/* ABREAST short sums of whole strips, added to the total one after the other. */
static double short_sums(const float *x, double total)
{
	vf sum[ABREAST][PARTS] = {0};

	for (size_t i = 0; i < SHORT_SUM; i += STRIP)
		EACH(s, ABREAST)
			EACH_PART(k) {
				vf part = load(x + s * SHORT_SUM + i + k * LANES);

				sum[s][k] += part * part;
			}
	for (size_t s = 0; s < ABREAST; s++)
		total += (double)sum_lanes(sum[s]);
	return total;
}

/* Values [0, n) of a short sum. */
INLINE void add_squares(vf sum[PARTS], const float *x, size_t n)
{
	size_t i = 0;

	for (; i + STRIP <= n; i += STRIP)
		EACH_PART(k) {
			vf part = load(x + i + k * LANES);

			sum[k] += part * part;
		}
	EACH_PART(k) {
		vf part = load_part(x + i + k * LANES, part_of(n - i, k));

		sum[k] += part * part;
	}
}

/* A vector of zeros adds nothing to a lane's sum, nor a short sum of zeros to the total: so what
 * lies between spans can be left out. */
static double sum_squares_in(const float *x, const struct abl_span *spans, size_t count)
{
	double total = 0;
	size_t until = 0; /* where the present short sum ends */
	vf sum[PARTS] = {0};

	for (size_t k = 0; k < count; k++) {
		size_t to = spans[k].to;

		for (size_t i = spans[k].from, end; i < to; i = end) {
			if (i >= until) {
				total += (double)sum_lanes(sum);
				memset(sum, 0, sizeof sum);
				for (; i % SHORT_SUM == 0 && to - i >= ABREAST * SHORT_SUM;
				     i += ABREAST * SHORT_SUM)
					total = short_sums(x + i, total);
				until = (i / SHORT_SUM + 1) * SHORT_SUM;
			}
			end = to < until ? to : until;
			add_squares(sum, x + i, end - i);
		}
	}
	return total + (double)sum_lanes(sum);
}

static double sum_squares(const float *x, size_t n)
{
	return sum_squares_in(x, &(struct abl_span){0, n}, 1);
}

INLINE vf adam_lanes(vf w, vf g, vf *m, vf *v, const struct abl_step_factors *s)
{
	g *= s->scale;
	*m = s->beta1 * *m + (1 - s->beta1) * g;
	*v = s->beta2 * *v + (1 - s->beta2) * g * g;
	return s->keep * w - s->rate * *m / (root(*v) * s->root + s->eps);
}

static void adam(float *w, const float *g, float *m, float *v, size_t n,
		 const struct abl_step_factors *s)
{
	size_t i = 0, rest;
	vf m1, v1;

	for (; i + LANES <= n; i += LANES) {
		m1 = load(m + i), v1 = load(v + i);
		store(w + i, adam_lanes(load(w + i), load(g + i), &m1, &v1, s));
		store(m + i, m1), store(v + i, v1);
	}
	rest = n - i;
	if (!rest)
		return;
	m1 = load_part(m + i, rest), v1 = load_part(v + i, rest);
	store_part(w + i, adam_lanes(load_part(w + i, rest), load_part(g + i, rest), &m1, &v1, s),
		   rest);
	store_part(m + i, m1, rest), store_part(v + i, v1, rest);
}

#define TEXT(name) #name
#define NAME(name) TEXT(name)

const struct abl_kernels IN_SET(abl_kernels_) = {
	.name = NAME(ABL_SET),
	.gelu = gelu,
	.gelu_backward = gelu_backward,
	.gelu_tanh = gelu_tanh,
	.gelu_tanh_backward = gelu_tanh_backward,
	.relu = relu,
	.relu_backward = relu_backward,
	.layernorm = IN_SET(layernorm_),
	.layernorm_backward = IN_SET(layernorm_backward_),
	.layernorm_gains = IN_SET(layernorm_gains_),
	.softmax = IN_SET(softmax_),
	.softmax_backward = IN_SET(softmax_backward_),
	.draw_mask = IN_SET(draw_mask_),
	.apply_mask = IN_SET(apply_mask_),
	.join_row = IN_SET(join_row_),
	.cross_entropy = IN_SET(cross_entropy_),
	.add_bias = add_bias,
	.sum_rows = sum_rows,
	.add = add,
	.scale_by = scale_by,
	.sum_squares = sum_squares,
	.sum_squares_in = sum_squares_in,
	.adam = adam,
};
