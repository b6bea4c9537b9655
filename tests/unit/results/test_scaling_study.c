/* SPDX-License-Identifier: Apache-2.0 */
/* Studies put onto lines: what parts them, what is missing, what cannot be judged. */
#include "files.h"
#include "result_store.h"
#include "run_case.h"
#include "scaling.h"
#include "size_names.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZES 6
#define SEEDS 3
#define REFITS 100

static char folder[] = "/tmp/ablate-scaling-XXXXXX";
static char *path;
static struct abl_store *store;
static struct abl_err err;
static char study[48]; /* asked last */

static void setup(void)
{
	err = (struct abl_err){0};
	path = abl_path_join(folder, "store"); /* of all tests: making one takes longest */
	ck_assert_int_eq(abl_store_open(&store, path, ABL_STORE_WRITE, &err), 0);
}

static void teardown(void)
{
	abl_store_close(store);
	free(path);
}

/* Arms of a law; `whole`: parameters with embeddings over those without. */
struct law {
	double values[SIZES][SEEDS];
	char label[SIZES][32];
	struct result_arm arm[SIZES + 2];
	size_t count;
};

static double noise(size_t i)
{
	static const double of[] = {.002, -.003, .001, -.001, .003, -.002, .001, .002};

	return of[i % 8];
}

static void make_law(struct law *l, double (*truth)(double), double embeddings)
{
	*l = (struct law){.count = SIZES};
	for (size_t i = 0; i < SIZES; i++) {
		const double n = 2e4 * pow(2.6, (double)i);

		for (size_t seed = 0; seed < SEEDS; seed++)
			l->values[i][seed] = truth(n) * (1 + noise(SEEDS * i + seed));
		snprintf(l->label[i], sizeof l->label[i], "hidden=%d", 16 << i);
		l->arm[i] = (struct result_arm){
			.variant = {.label = i ? l->label[i] : "baseline",
				    .kind = i ? ABL_VARIANT_GRID : ABL_VARIANT_BASELINE,
				    .subject = l->label[i],
				    .position = (int)i},
			.values = l->values[i],
			.seconds = n / 1e4,
			.hidden = 16 << i,
			.parameters = n + embeddings * sqrt(n),
			.bare = n,
		};
	}
}

/* A study of its own each time. */
static struct abl_scaling *ask(const struct law *l, const char *metric, int seeds, bool lower)
{
	static int asked;
	struct abl_scaling *s = NULL;

	snprintf(study, sizeof study, "sizes-%d-%d", (int)getpid(), asked++);
	result_store_fill(store, &(struct result_study){.name = study,
							.task = "lm",
							.metric = metric,
							.lower_is_better = lower,
							.examples = 100,
							.majority = NAN,
							.arms = l->arm,
							.count = l->count,
							.seeds = seeds});
	ck_assert_msg(!abl_scaling(&s, store, study,
				   &(struct abl_scaling_request){.refits = REFITS}, &err),
		      "%s", err.text);
	return s;
}

static void says(const struct abl_scaling *s, const char *start)
{
	struct abl_str text = {0};

	ck_assert_uint_eq(s->rows, 1);
	abl_scaling_verdict_text(&s->row[0], &text);
	ck_assert_msg(!strncmp(text.text, start, strlen(start)), "%s", text.text);
	abl_str_finish(&text);
}

static double power(double n)
{
	return 9 * pow(n, -.11);
}

static double levelling(double n)
{
	return 2 + 80 * pow(n, -.4);
}

static double flat(double n)
{
	(void)n;
	return 3;
}

static double rising(double n)
{
	return pow(n, .1);
}

START_TEST(test_scaling__a_power_law)
{
	struct abl_scaling *s;
	struct law l;

	make_law(&l, power, 0);
	s = ask(&l, "loss", SEEDS, true);
	says(s, "a power law so far (b .11");
	ck_assert_double_eq_tol(s->row[0].law.fit[ABL_SCALING_POWER].b, .11, .001);
	ck_assert_double_eq_tol(s->row[0].next_x, 2 * 2e4 * pow(2.6, 5), 1);
	ck_assert_double_eq_tol(s->row[0].next_wall.seconds, 2 * 2 * pow(2.6, 5), 1e-6);
	ck_assert(s->row[0].next_low < s->row[0].next_value &&
		  s->row[0].next_value < s->row[0].next_high);
	ck_assert_uint_eq(s->off_line.length, 0);
	abl_scaling_destroy(s);
}
END_TEST

START_TEST(test_scaling__counting_matters)
{
	struct abl_scaling *s;
	struct law l;

	make_law(&l, power, 3000); /* nearly all are embeddings in the small ones */
	s = ask(&l, "loss", SEEDS, true);
	says(s, "depends on how parameters are counted");
	abl_scaling_destroy(s);
}
END_TEST

START_TEST(test_scaling__one_that_levels_off)
{
	struct abl_scaling *s;
	struct law l;

	make_law(&l, levelling, 0);
	s = ask(&l, "loss", SEEDS, true);
	says(s, "bends at this amount of text");
	ck_assert_int_eq(s->row[0].law.chosen, ABL_SCALING_FLOOR);
	ck_assert_double_eq_tol(s->row[0].law.fit[ABL_SCALING_FLOOR].b, .4, .03);
	abl_scaling_destroy(s);
}
END_TEST

START_TEST(test_scaling__a_faster_fall)
{
	struct abl_scaling *s;
	struct law l;

	make_law(&l, power, 0);
	for (size_t seed = 0; seed < SEEDS; seed++)
		l.values[SIZES - 1][seed] *= .9;
	s = ask(&l, "loss", SEEDS, true);
	says(s, "falls faster than a power law");
	abl_scaling_destroy(s);
}
END_TEST

START_TEST(test_scaling__no_smooth_curve)
{
	struct abl_scaling *s;
	struct law l;

	make_law(&l, power, 0);
	for (size_t i = 0; i < SIZES; i++)
		for (size_t seed = 0; seed < SEEDS; seed++)
			l.values[i][seed] *= i % 2 ? .95 : 1.05;
	s = ask(&l, "loss", SEEDS, true);
	says(s, "neither");
	abl_scaling_destroy(s);
}
END_TEST

START_TEST(test_scaling__a_score_is_fitted_by_its_error)
{
	struct abl_scaling *s;
	struct law l;

	make_law(&l, power, 0);
	for (size_t i = 0; i < SIZES; i++)
		for (size_t seed = 0; seed < SEEDS; seed++)
			l.values[i][seed] = 1 - l.values[i][seed] / 10;
	s = ask(&l, "accuracy", SEEDS, false);
	says(s, "a power law so far (b .1");
	ck_assert(s->row[0].ceiling == 1 && s->row[0].next_gain > 0);
	ck_assert(s->row[0].next_low <= s->row[0].next_value && s->row[0].next_high <= 1);
	abl_scaling_destroy(s);
}
END_TEST

/* A size that crashed, one whose number is not one, and a variant that is no size. */
START_TEST(test_scaling__gaps_and_others_are_named)
{
	static const double other[] = {2, 2.1, 2.2};
	struct abl_str notes = {0};
	struct abl_scaling *s;
	struct law l;

	make_law(&l, power, 0);
	for (size_t seed = 0; seed < SEEDS; seed++)
		l.values[2][seed] = NAN;
	l.arm[l.count++] = (struct result_arm){.variant = {.label = "no segments",
							   .kind = ABL_VARIANT_REMOVAL,
							   .subject = "segments",
							   .position = 9},
					       .values = other,
					       .parameters = 3e4,
					       .bare = 1e4};
	s = ask(&l, "loss", SEEDS, true);
	says(s, "a power law so far");
	ck_assert_uint_eq(s->row[0].law.sizes, SIZES - 1);
	abl_scaling_notes(&s->row[0], &notes);
	ck_assert_msg(strstr(notes.text, "sizes without a value: hidden=64"), "%s", notes.text);
	ck_assert_str_eq(s->off_line.text, "no segments");
	abl_str_finish(&notes);
	abl_scaling_destroy(s);
}
END_TEST

START_TEST(test_scaling__what_cannot_be_judged_has_a_reason)
{
	static const struct {
		double (*truth)(double);
		size_t sizes;
		int seeds;
		const char *says;
	} cases[] = {
		{power, 2, 3, "cannot tell from these sizes: there are 2 sizes only"},
		{power, 3, 3, "cannot tell from these sizes: there are 3 sizes only"},
		{power, 6, 1, "cannot tell from these sizes: each size has one seed"},
		{rising, 6, 3, "cannot tell from these sizes: it does not fall with size"},
		{flat, 6, 3, "cannot tell from these sizes"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_scaling *s;
		struct law l;

		make_law(&l, cases[i].truth, 0);
		l.count = cases[i].sizes;
		s = ask(&l, "loss", cases[i].seeds, true);
		says(s, cases[i].says);
		abl_scaling_destroy(s);
	}
	for (int kind = 0; kind < 3; kind++) { /* no spread; all the same; all failed or 0 */
		struct abl_scaling *s = NULL;
		struct law l;

		make_law(&l, flat, 0);
		for (size_t k = 0; k < SIZES * SEEDS; k++)
			l.values[k / SEEDS][k % SEEDS] =
				(double[]){power(1e4 * (double)(1 + k / SEEDS)), 3, 0}[kind];
		s = ask(&l, "loss", SEEDS, true);
		says(s, (const char *const[]){
				"cannot tell from these sizes: there is no spread",
				"cannot tell from these sizes: it is the same",
				"cannot tell from these sizes: at one size it is 0"}[kind]);
		abl_scaling_destroy(s);
	}
}
END_TEST

START_TEST(test_scaling__nothing_to_put_on_a_line)
{
	static const struct abl_scaling_request words = {.axis = ABL_AXIS_WORDS},
						lost = {.task = "nowhere"},
						other = {.metric = "bleu"};
	struct abl_scaling *s;
	struct law l;

	make_law(&l, power, 0);
	for (size_t i = 0; i < SIZES; i++)
		l.values[i][0] = l.values[i][1] = l.values[i][2] = RUN_CRASHED;
	result_store_fill(store, &(struct result_study){.name = "failed",
							.task = "lm",
							.metric = "loss",
							.examples = 100,
							.majority = NAN,
							.arms = l.arm,
							.count = l.count,
							.seeds = SEEDS});
	ck_assert_int_ne(abl_scaling(&s, store, "failed", &(struct abl_scaling_request){0}, &err),
			 0);
	ck_assert(strstr(err.text, "no two variants with finished trials"));
	err = (struct abl_err){0};
	make_law(&l, power, 0);
	abl_scaling_destroy(ask(&l, "loss", SEEDS, true));
	ck_assert_int_ne(abl_scaling(&s, store, study, &words, &err), 0);
	ck_assert_msg(strstr(err.text, "amount of text"), "%s", err.text);
	err = (struct abl_err){0};
	ck_assert_int_ne(abl_scaling(&s, store, study, &lost, &err), 0);
	ck_assert_msg(strstr(err.text, "no task 'nowhere'"), "%s", err.text);
	err = (struct abl_err){0};
	ck_assert_int_ne(abl_scaling(&s, store, study, &other, &err), 0);
	ck_assert_msg(strstr(err.text, "bleu"), "%s", err.text);
}
END_TEST

START_TEST(test_scaling__names_of_sizes)
{
	static const struct {
		const char *name;
		enum abl_size size;
	} cases[] = {
		{"parameters", ABL_SIZE_PARAMETERS},
		{"n_params", ABL_SIZE_PARAMETERS},
		{"Number of parameters", ABL_SIZE_PARAMETERS},
		{"model/num-parameters", ABL_SIZE_PARAMETERS},
		{"parameters_without_embeddings", ABL_SIZE_BARE},
		{"non_embedding_params", ABL_SIZE_BARE},
		{"num_params_non_embedding", ABL_SIZE_BARE},
		{"train_tokens", ABL_SIZE_TOKENS},
		{"num_input_tokens_seen", ABL_SIZE_TOKENS},
		{"n_words", ABL_SIZE_WORDS},
		{"total_flos", ABL_SIZE_FLOPS},
		{"embedding_params", ABL_SIZES},
		{"tokens_per_second", ABL_SIZES},
		{"params_m", ABL_SIZES},
		{"params_2", ABL_SIZES},
		{"model", ABL_SIZES},
		{"", ABL_SIZES},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(abl_size_of_name(cases[i].name) == cases[i].size, "%s",
			      cases[i].name);
}
END_TEST

/* Equal epochs and equal steps share the whole text, which is the baseline's. */
START_TEST(test_scaling__less_text_at_the_same_steps)
{
	double share[] = {1, .1, .25, .5, .1, .25, .5}, epochs[] = {1, 1, 1, 1, 10, 4, 2.0002};
	char text[14][24], *texts[14];
	char names[2][24] = {"pretrain_epochs", "pretrain_fraction"};
	struct abl_axes_option options[] = {{names[0], texts, epochs},
					    {names[1], texts + 7, share}};
	double words[7], seen[7];
	const struct abl_axes a = {
		.variants = 7, .words = words, .seen = seen, .option = options, .options = 2};
	char **line, **same;

	for (size_t v = 0; v < 7; v++)
		snprintf(texts[v] = text[v], 24, "%g", epochs[v]),
			snprintf(texts[v + 7] = text[v + 7], 24, "%g", share[v]),
			words[v] = 1e6 * share[v], seen[v] = words[v] * epochs[v];
	line = abl_axes_lines(&a, words);
	same = abl_axes_lines_same_steps(&a, words, line);
	for (size_t v = 0; v < 7; v++) {
		ck_assert((line[v] != NULL) == (v < 4));
		ck_assert((same[v] != NULL) == (v == 0 || v > 3));
		ck_assert(!same[v] || !strcmp(same[v], "steps=same"));
	}
	abl_axes_lines_finish(line, 7), abl_axes_lines_finish(same, 7);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("scaling study");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 120);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_scaling__a_power_law);
	tcase_add_test(c, test_scaling__counting_matters);
	tcase_add_test(c, test_scaling__one_that_levels_off);
	tcase_add_test(c, test_scaling__a_faster_fall);
	tcase_add_test(c, test_scaling__no_smooth_curve);
	tcase_add_test(c, test_scaling__a_score_is_fitted_by_its_error);
	tcase_add_test(c, test_scaling__gaps_and_others_are_named);
	tcase_add_test(c, test_scaling__what_cannot_be_judged_has_a_reason);
	tcase_add_test(c, test_scaling__nothing_to_put_on_a_line);
	tcase_add_test(c, test_scaling__names_of_sizes);
	tcase_add_test(c, test_scaling__less_text_at_the_same_steps);
	failed = run_case(c, "scaling study");
	if (abl_remove_tree(folder, &err))
		failed = 1;
	return failed;
}
