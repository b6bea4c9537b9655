/* SPDX-License-Identifier: Apache-2.0 */
/* test_gradients.c - the double build, with the plain kernels: the analytic derivative along a
 * random direction against a central difference, for every component by itself (tensor by tensor)
 * and for every allowed pair of components (all tensors together). Dropout is on: its masks are
 * fixed by the step. */
#include "rng.h"
#include "small_model.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-5

static struct abl_compute *compute;

static double loss_of(struct abl_model *m, const struct abl_batch *b)
{
	struct abl_pass pass = {.train = true, .step = 3, .token_scale = .5, .sequence_scale = .25};
	struct abl_params *p = abl_model_params(m);

	memset(p->g, 0, p->values * sizeof *p->g);
	abl_model_pass(m, b, &pass);
	return pass.loss;
}

static void check_direction(struct abl_model *m, const struct abl_batch *b, size_t from, size_t to,
			    const char *what)
{
	struct abl_params *p = abl_model_params(m);
	double *direction = calloc(p->values, sizeof *direction), analytic = 0, numeric, up, down;
	const double step = 1e-5;

	loss_of(m, b);
	for (size_t i = from; i < to; i++) {
		direction[i] = 2 * abl_rng_uniform(77, i, 0) - 1;
		analytic += direction[i] * p->g[i];
	}
	for (size_t i = from; i < to; i++)
		p->w[i] += step * direction[i];
	up = loss_of(m, b);
	for (size_t i = from; i < to; i++)
		p->w[i] -= 2 * step * direction[i];
	down = loss_of(m, b);
	for (size_t i = from; i < to; i++)
		p->w[i] += step * direction[i];
	numeric = (up - down) / (2 * step);
	ck_assert_msg(fabs(analytic - numeric) <=
			      TOLERANCE * (fabs(analytic) + fabs(numeric) + 1e-3),
		      "%s: analytic %.10g, numeric %.10g", what, analytic, numeric);
	free(direction);
}

static void check_config(const struct abl_config *c, bool pretraining, bool each_tensor,
			 const char *what)
{
	struct abl_model *m = small_model(compute, c, pretraining);
	struct abl_batch b;

	small_batch(&b, c, pretraining);
	check_direction(m, &b, 0, abl_model_params(m)->values, what);
	for (size_t i = 0; each_tensor && i < abl_model_params(m)->count; i++) {
		const struct abl_param *t = &abl_model_params(m)->items[i];

		check_direction(m, &b, t->offset, t->offset + t->count, t->name);
	}
	abl_model_destroy(m);
	abl_batch_finish(&b);
}

START_TEST(test_gradients__each_component)
{
	const struct abl_component *x = abl_component_at((size_t)_i);
	struct abl_config c;
	struct abl_err err = {0};

	small_config(&c);
	ck_assert(small_choose(&c, x));
	if (!strcmp(abl_slot_info(x->slot)->name, "lm") && abl_config_is(&c, ABL_SLOT_LM, "on"))
		small_choose(&c, abl_component_find(ABL_SLOT_MLM, "none"));
	ck_assert_msg(!abl_config_resolve(&c, NULL, &err), "%s", err.text);
	check_config(&c, true, true, x->name);
	check_config(&c, false, true, x->name);
}
END_TEST

START_TEST(test_gradients__each_allowed_pair)
{
	const struct abl_component *x = abl_component_at((size_t)_i);
	char what[200];

	for (size_t k = (size_t)_i + 1; k < abl_component_count(); k++) {
		const struct abl_component *y = abl_component_at(k);
		struct abl_config c;
		struct abl_err err = {0};

		if (y->slot == x->slot)
			continue;
		small_config(&c);
		small_choose(&c, x), small_choose(&c, y);
		if (abl_config_resolve(&c, NULL, &err))
			continue; /* constraints.def forbids it: not a model */
		snprintf(what, sizeof what, "%s: %s, %s: %s", abl_slot_info(x->slot)->name, x->name,
			 abl_slot_info(y->slot)->name, y->name);
		check_config(&c, true, false, what);
		check_config(&c, false, false, what);
	}
}
END_TEST

START_TEST(test_gradients__each_head)
{
	struct abl_config c;
	struct abl_model *m;
	struct abl_batch b;

	small_config(&c);
	m = small_head_model(compute, &c, &b, (size_t)_i);
	ck_assert(loss_of(m, &b) > 0);
	for (size_t i = 0; i < abl_model_params(m)->count; i++) {
		const struct abl_param *t = &abl_model_params(m)->items[i];

		check_direction(m, &b, t->offset, t->offset + t->count, t->name);
	}
	abl_model_destroy(m);
	abl_batch_finish(&b);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("gradients");
	int failed;

	compute = compute_of("fp32", 1);
	small_vocab_make();
	tcase_set_timeout(c, 300);
	tcase_add_loop_test(c, test_gradients__each_component, 0, (int)abl_component_count());
	tcase_add_loop_test(c, test_gradients__each_allowed_pair, 0, (int)abl_component_count());
	tcase_add_loop_test(c, test_gradients__each_head, 0, SMALL_HEADS);
	failed = run_case(c, "gradients");
	small_vocab_drop();
	abl_compute_destroy(compute);
	return failed;
}
