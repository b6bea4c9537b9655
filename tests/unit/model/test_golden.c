/* SPDX-License-Identifier: Apache-2.0 */
/* test_golden.c - the numerics of each component, pinned: the loss of the third training step in
 * the double build, by component and version (tests/reference/golden_losses.txt). A change of
 * numbers without a new version fails here, because results under old stage keys would be taken for
 * the new ones. To add a line, copy what the failure prints. */
#include "files.h"
#include "optimize.h"
#include "small_model.h"
#include "str.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct abl_str golden;
static struct abl_compute *compute;

static double third_loss(const struct abl_config *c, bool pretraining)
{
	struct abl_model *m = small_model(compute, c, pretraining);
	const struct abl_recipe *recipe = pretraining ? &c->pretrain : &c->finetune;
	struct abl_batch b;
	double loss = 0;

	small_batch(&b, c, pretraining);
	for (int64_t step = 0; step < 3; step++) {
		struct abl_pass pass = {
			.train = true, .step = step, .token_scale = .5, .sequence_scale = .25};

		abl_model_pass(m, &b, &pass);
		abl_optimize(m, recipe, step, 5, NULL);
		loss = pass.loss;
	}
	abl_batch_finish(&b);
	abl_model_destroy(m);
	return loss;
}

/* The two numbers on the line that begins with `name`; false when there is no such line. */
static bool pinned(const char *name, double out[2])
{
	size_t n = strlen(name);

	for (const char *p = golden.text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, name, n) && p[n] == ' ')
			return sscanf(p + n, "%lf %lf", &out[0], &out[1]) == 2;
	return false;
}

START_TEST(test_golden__numbers_change_with_the_version_only)
{
	const struct abl_component *x = abl_component_at((size_t)_i);
	struct abl_config c;
	struct abl_err err = {0};
	double is[2], want[2] = {0, 0};
	char name[100];

	small_config(&c);
	c.pretrain.learning_rate = c.finetune.learning_rate = .05;
	ck_assert(small_choose(&c, x));
	if (x->slot >= ABL_FIRST_RECIPE_SLOT)
		(x->slot == ABL_SLOT_OPTIMIZER ? &c.pretrain.optimizer : &c.pretrain.schedule)
			->component = x;
	if (x->slot == ABL_SLOT_LM && strcmp(x->name, "none"))
		small_choose(&c, abl_component_find(ABL_SLOT_MLM, "none"));
	ck_assert_msg(!abl_config_resolve(&c, NULL, &err), "%s", err.text);
	is[0] = third_loss(&c, true);
	is[1] = third_loss(&c, false);
	snprintf(name, sizeof name, "%s=%s/%d", abl_slot_info(x->slot)->name, x->name, x->version);
	ck_assert_msg(
		pinned(name, want) && fabs(is[0] - want[0]) < 1e-9 && fabs(is[1] - want[1]) < 1e-9,
		"tests/reference/golden_losses.txt lacks: %s %.12f %.12f", name, is[0], is[1]);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("golden");
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/golden_losses.txt");
	struct abl_err err = {0};
	int failed;

	small_vocab_make();
	if (abl_file_read(path, &golden, 1 << 20, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	compute = compute_of("fp32", 1);
	tcase_add_loop_test(c, test_golden__numbers_change_with_the_version_only, 0,
			    (int)abl_component_count());
	failed = run_case(c, "golden");
	small_vocab_drop();
	abl_compute_destroy(compute);
	abl_str_finish(&golden);
	free(path);
	return failed;
}
