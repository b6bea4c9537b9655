/* SPDX-License-Identifier: Apache-2.0 */
/* test_sharpness.c - sharpness: to first order what the gradient says, never negative, larger in a
 * larger region, the same bits each time, and blind to a rescaling where it should be. The gradient
 * noise scale: what was put in comes out. */
#include "component.h"
#include "noise.h"
#include "rng.h"
#include "sharpness.h"
#include "small_model.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS 6

static const struct abl_layout layout = {2, 3, 3, true, 14};

static void put(void *data, size_t item, struct abl_batch *b)
{
	static const int32_t text[] = {9, 12, 8, 20, 15, 11, 28, 10, 14, 25};

	(void)data;
	abl_batch_add(b, &layout,
		      &(struct abl_sequence){.a = text + item,
					     .a_length = 4,
					     .example = 100 + item,
					     .label = (int32_t)(item % 3)});
}

static const struct abl_source source = {.put = put, .sequences = 1, .longest = 14};
static const uint32_t items[ITEMS] = {0, 1, 2, 3, 4, 5};
static struct abl_compute *compute;
static struct abl_model *model;
static struct abl_sharpness_loss loss;

static void make(void)
{
	struct abl_config c;

	small_config(&c);
	c.finetune.dropout = c.finetune.attention_dropout = 0;
	ck_assert(small_choose(&c, abl_component_find(ABL_SLOT_ACTIVATION, "relu")));
	compute = compute_of("fp32", 1);
	model = small_model(compute, &c, false);
	loss = (struct abl_sharpness_loss){
		.model = model, .source = &source, .items = items, .count = ITEMS, .micro = 30};
}

static void drop(void)
{
	abl_model_destroy(model);
	abl_compute_destroy(compute);
}

static struct abl_sharpness measure(enum abl_sharpness_region region, double epsilon, int steps)
{
	struct abl_sharpness_rule rule = {region, epsilon, steps};
	struct abl_sharpness out;
	struct abl_err err = {0};

	ck_assert_msg(!abl_sharpness_measure(&out, &loss, &rule, &err), "%s", err.text);
	return out;
}

/* How far the loss rises per epsilon, by the gradient alone: in the box sum (|x| + 1) |g|, relative
 * to the tensors sum ||x_t|| ||g_t||. */
static double slope(enum abl_sharpness_region region)
{
	struct abl_params *p = abl_model_params(model);
	struct abl_pass pass = {.train = true, .sequence_scale = 1. / ITEMS};
	struct abl_batch b;
	struct abl_err err = {0};
	double sum = 0;

	ck_assert_int_eq(abl_batch_init(&b, 64, ITEMS, &err), 0);
	for (size_t i = 0; i < ITEMS; i++) {
		abl_batch_clear(&b);
		put(NULL, i, &b);
		abl_model_pass(model, &b, &pass);
	}
	for (size_t t = 0; t < p->count; t++) {
		const real *x = abl_weight(p, t), *g = abl_gradient(p, t);
		double box = 0, xx = 0, gg = 0;

		for (size_t i = 0; i < p->items[t].count; i++) {
			box += (fabs((double)x[i]) + 1) * fabs((double)g[i]);
			xx += (double)x[i] * (double)x[i];
			gg += (double)g[i] * (double)g[i];
		}
		sum += region == ABL_SHARPNESS_BOX ? box : sqrt(xx) * sqrt(gg);
	}
	memset(p->g, 0, p->values * sizeof *p->g);
	abl_batch_finish(&b);
	return sum;
}

START_TEST(test_sharpness__small_regions_follow_the_gradient)
{
	enum abl_sharpness_region region = (enum abl_sharpness_region)_i;
	const double epsilon = 2e-4;
	struct abl_sharpness s = measure(region, epsilon, 1);
	double expected = epsilon * slope(region);

	ck_assert_double_gt(s.loss, 0);
	ck_assert_double_eq_tol(s.highest - s.loss, expected, .03 * expected);
	ck_assert_double_eq_tol(s.sharpness, 100 * (s.highest - s.loss) / (1 + s.loss), 1e-12);
}
END_TEST

START_TEST(test_sharpness__grows_with_the_region)
{
	enum abl_sharpness_region region = (enum abl_sharpness_region)_i;
	double before = 0;

	for (double epsilon = 1e-3; epsilon < .1; epsilon *= 2) {
		double now = measure(region, epsilon, 10).sharpness;

		ck_assert_double_gt(now, before);
		before = now;
	}
}
END_TEST

START_TEST(test_sharpness__leaves_the_model_as_it_was)
{
	enum abl_sharpness_region region = (enum abl_sharpness_region)_i;
	struct abl_params *p = abl_model_params(model);
	size_t bytes = p->values * sizeof *p->w;
	real *before = malloc(bytes);
	struct abl_sharpness a, b;

	memcpy(before, p->w, bytes);
	a = measure(region, .01, 5);
	ck_assert_int_eq(memcmp(before, p->w, bytes), 0);
	b = measure(region, .01, 5);
	ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
	ck_assert_double_gt(a.sharpness, 0);
	free(before);
}
END_TEST

static void scale(const char *name, real factor)
{
	struct abl_params *p = abl_model_params(model);
	long t = abl_params_find(p, name);

	ck_assert_msg(t >= 0, "no tensor %s", name);
	for (size_t i = 0; i < p->items[t].count; i++)
		abl_weight(p, (size_t)t)[i] *= factor;
}

/* relu(c x) = c relu(x): what goes into the hidden layer times c, what comes out of it by c, and
 * the function is the same. */
START_TEST(test_sharpness__relative_is_blind_to_rescaling)
{
	struct abl_sharpness box = measure(ABL_SHARPNESS_BOX, .01, 10),
			     relative = measure(ABL_SHARPNESS_RELATIVE, .05, 10), after;

	scale("bert.encoder.layer.0.intermediate.dense.weight", 8);
	scale("bert.encoder.layer.0.intermediate.dense.bias", 8);
	scale("bert.encoder.layer.0.output.dense.weight", (real).125);
	after = measure(ABL_SHARPNESS_RELATIVE, .05, 10);
	ck_assert_double_eq_tol(after.loss, relative.loss, 1e-6);
	ck_assert_double_eq_tol(after.sharpness, relative.sharpness, 1e-4 * relative.sharpness);
	after = measure(ABL_SHARPNESS_BOX, .01, 10);
	ck_assert_double_gt(fabs(after.sharpness - box.sharpness), .01 * box.sharpness);
}
END_TEST

static bool yes(void *data)
{
	(void)data;
	return true;
}

START_TEST(test_sharpness__refusals)
{
	struct abl_sharpness_rule rule = {ABL_SHARPNESS_BOX, 1e-3, 1};
	struct abl_sharpness_loss none = loss;
	struct abl_sharpness out;
	struct abl_err err = {0};

	none.count = 0;
	ck_assert_int_eq(abl_sharpness_measure(&out, &none, &rule, &err), ABL_EINPUT);
	none = loss;
	none.stopping = yes;
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_sharpness_measure(&out, &none, &rule, &err), ABL_ESTOP);
	for (size_t i = 0; i < abl_model_params(model)->items[0].count; i++)
		abl_weight(abl_model_params(model), 0)[i] = (real)NAN;
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_sharpness_measure(&out, &loss, &rule, &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "the loss of the model is nan"));
}
END_TEST

#define WIDTH 50

/* Squared length of the mean of n gradients: `mean` in each place, noise of deviation 3 around it.
 */
static double squared_length(uint64_t key, uint64_t step, size_t from, size_t n, double mean)
{
	double sum = 0;

	for (uint64_t i = 0; i < WIDTH; i++) {
		double g = 0;

		for (size_t k = from; k < from + n; k++)
			g += mean + 6 * sqrt(3) * (abl_rng_uniform(key, step * 64 + k, i) - .5);
		sum += g / (double)n * (g / (double)n);
	}
	return sum;
}

/* Mean gradient .5 in 50 places, deviation 3: |G|^2 = 12.5, tr(Sigma) = 450, their ratio 36. */
START_TEST(test_noise__finds_the_scale)
{
	uint64_t key = abl_rng_key(1, "noise");
	struct abl_noise n = {0};

	ck_assert(isnan(abl_noise_scale(&n)));
	for (uint64_t step = 0; step < 400; step++) {
		size_t small = 2 + step % 3,
		       big = 12 + step % 5; /* sizes differ from step to step */

		abl_noise_add(&n, squared_length(key, step, 0, small, .5), small,
			      squared_length(key, step, 0, big, .5), big);
	}
	ck_assert_int_eq(n.samples, 400);
	ck_assert_double_eq_tol(n.square / 400, 12.5, .8);
	ck_assert_double_eq_tol(n.trace / 400, 450, 15);
	ck_assert_double_eq_tol(abl_noise_scale(&n), 36, 3);
	n.square = -1; /* drowned in noise: no number rather than a wrong one */
	ck_assert(isnan(abl_noise_scale(&n)));
}
END_TEST

/* ---- the loop's own measurement, on a model that stays as it is ---- */

static size_t population; /* items */

static void put_one(void *data, size_t item, struct abl_batch *b)
{
	int32_t text[12];

	(void)data;
	for (uint64_t i = 0; i < 12; i++)
		text[i] = 8 + (int32_t)abl_rng_below(3, item, i, PIECES - 8);
	abl_batch_add(
		b, &layout,
		&(struct abl_sequence){
			.a = text, .a_length = 12, .example = item, .label = (int32_t)(item % 3)});
}

static size_t begin_epoch(void *data, uint64_t epoch)
{
	(void)data, (void)epoch;
	return population;
}

static const struct abl_source everything = {
	.begin_epoch = begin_epoch, .put = put_one, .sequences = 1, .longest = 14};

static struct abl_model *still_model(struct abl_config *c)
{
	struct abl_model_request r = {.compute = compute,
				      .config = c,
				      .vocab_size = PIECES,
				      .heads = {{"classify", 3}},
				      .head_count = 1,
				      .train = true,
				      .max_tokens = 1024,
				      .max_sequences = 1024,
				      .seed = 5};
	struct abl_model *m = NULL;
	struct abl_err err = {0};

	small_config(c);
	c->finetune.dropout = c->finetune.attention_dropout = 0;
	c->finetune.learning_rate = 0;
	ck_assert_int_eq(abl_model_create(&m, &r, &err), 0);
	return m;
}

/* [population, values] each item's own gradient; caller's. */
static real *own_gradients(struct abl_model *m)
{
	struct abl_params *p = abl_model_params(m);
	real *all = malloc(population * p->values * sizeof *all);
	struct abl_batch b;
	struct abl_err err = {0};

	ck_assert_int_eq(abl_batch_init(&b, 14, 1, &err), 0);
	for (size_t i = 0; i < population; i++) {
		struct abl_pass pass = {.train = true, .sequence_scale = 1};

		abl_batch_clear(&b);
		put_one(NULL, i, &b);
		abl_model_pass(m, &b, &pass);
		memcpy(all + i * p->values, p->g, p->values * sizeof *all);
		memset(p->g, 0, p->values * sizeof *p->g);
	}
	abl_batch_finish(&b);
	return all;
}

/* |mean|^2 of the gradients of the first n items of `order`. */
static double length_of_mean(const real *all, size_t values, const uint32_t *order, size_t n)
{
	double sum = 0;

	for (size_t k = 0; k < values; k++) {
		double g = 0;

		for (size_t i = 0; i < n; i++)
			g += (double)all[order[i] * values + k];
		sum += g / (double)n * (g / (double)n);
	}
	return sum;
}

static void on_result(void *data, const char *name, double value)
{
	ck_assert_str_eq(name, "gradient_noise_scale");
	*(double *)data = value;
}

/* Batches of one micro-batch, of which every 32nd is measured by its half, and of two. Each is an
 * epoch, so that the order of the items is known. */
START_TEST(test_noise__of_the_loop)
{
	static const struct {
		size_t items, part, every;
	} cases[] = {{40, 20, 32}, {120, 1024 / 14, 1}};
	const size_t every = cases[_i].every, part = cases[_i].part;
	struct abl_config c;
	struct abl_model *m = still_model(&c);
	double scale = NAN;
	struct abl_events events = {.data = &scale, .result = on_result};
	struct abl_loop l = {.model = m,
			     .recipe = &c.finetune,
			     .source = &everything,
			     .seed = 3,
			     .folder = "no-such-folder",
			     .events = &events};
	size_t values = abl_model_params(m)->values;
	struct abl_noise expected = {0};
	struct abl_err err = {0};
	uint32_t order[120];
	real *all;

	population = cases[_i].items;
	c.finetune.batch_size = (int64_t)population;
	c.finetune.steps = (int64_t)(12 * every);
	all = own_gradients(m);
	for (uint64_t epoch = every - 1; epoch < 12 * every; epoch += every) {
		abl_rng_shuffle(abl_rng_derive(abl_rng_key(3, "order"), epoch), order, population);
		abl_noise_add(&expected, length_of_mean(all, values, order, part), part,
			      length_of_mean(all, values, order, population), population);
	}
	ck_assert_msg(!abl_loop_run(&l, &err), "%s", err.text);
	ck_assert_double_gt(scale, 1);
	ck_assert_double_eq_tol(scale / abl_noise_scale(&expected), 1, .01);
	abl_model_destroy(m);
	free(all);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("sharpness");

	tcase_add_checked_fixture(t, make, drop);
	tcase_add_loop_test(t, test_sharpness__small_regions_follow_the_gradient, 0, 2);
	tcase_add_loop_test(t, test_sharpness__grows_with_the_region, 0, 2);
	tcase_add_loop_test(t, test_sharpness__leaves_the_model_as_it_was, 0, 2);
	tcase_add_test(t, test_sharpness__relative_is_blind_to_rescaling);
	tcase_add_test(t, test_sharpness__refusals);
	tcase_add_test(t, test_noise__finds_the_scale);
	tcase_add_loop_test(t, test_noise__of_the_loop, 0, 2);
	return run_case(t, "sharpness");
}
