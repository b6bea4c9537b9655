/* SPDX-License-Identifier: Apache-2.0 */
/* Error rates of what looks at tables: units x examples, resampling, factors, searches. */
#include "anova.h"
#include "crossed.h"
#include "expected_best.h"
#include "gate.h"
#include "resample.h"
#include "run_case.h"

#include <stdbool.h>
#include <stdlib.h>

#define LEVEL .05

/* Both seeds and examples are new in each study, and so is what is left. */
static void table(struct gate_stream *s, size_t n, size_t m, const double sd[3], float *d)
{
	double *unit = calloc(n + m, sizeof *unit), *example = unit + n;

	ck_assert(unit != NULL);
	for (size_t i = 0; i < n; i++)
		unit[i] = sd[0] * gate_normal(s);
	for (size_t e = 0; e < m; e++)
		example[e] = sd[1] * gate_normal(s);
	for (size_t i = 0; i < n; i++)
		for (size_t e = 0; e < m; e++)
			d[i * m + e] = (float)(unit[i] + example[e] + sd[2] * gate_normal(s));
	free(unit);
}

static const double worlds[][3] = {/* sd of seeds, examples, the rest */
				   {.05, .05, .3},
				   {.02, .3, .3},
				   {.1, .3, .3},
				   {.02, .02, .5},
				   {.2, .1, .3}};

START_TEST(test_gate__crossed_t)
{
	const double runs = 20000;
	struct gate_stream s = gate_open("crossed t");
	float d[5 * 200];

	for (size_t k = 0; k < 5; k++) {
		double covered = 0, flagged = 0;
		struct abl_crossed t;
		char what[80];

		for (double i = 0; i < runs; i++) {
			table(&s, 5, 200, worlds[k], d);
			abl_crossed_t(d, 5, 200, LEVEL, &t);
			covered += t.low <= 0 && t.high >= 0;
			flagged += t.p <= LEVEL;
		}
		snprintf(what, sizeof what, "crossed t interval, 5 seeds, sd %g %g %g",
			 worlds[k][0], worlds[k][1], worlds[k][2]);
		gate_share(what, covered, runs, .94, .96);
		ck_assert(covered + flagged == runs);
	}
}
END_TEST

/* Differences of correctness between two arms that are alike: seeds differ in skill, examples in
 * how hard they are. */
START_TEST(test_gate__crossed_t_of_accuracy)
{
	enum { UNITS = 5, EXAMPLES = 277 };
	const double runs = 12000, skill[] = {.05, .1, .2};
	struct gate_stream s = gate_open("crossed t of accuracy");
	float d[UNITS * EXAMPLES];

	for (size_t k = 0; k < 3; k++) {
		double covered = 0;
		char what[80];

		for (double i = 0; i < runs; i++) {
			double hard[EXAMPLES];
			struct abl_crossed t;

			for (size_t e = 0; e < EXAMPLES; e++)
				hard[e] = gate_normal(&s);
			for (size_t u = 0; u < UNITS; u++) {
				double a = .7 + skill[k] * gate_normal(&s);
				double b = .7 + skill[k] * gate_normal(&s);

				for (size_t e = 0; e < EXAMPLES; e++)
					d[u * EXAMPLES + e] =
						(float)(a + gate_normal(&s) > hard[e]) -
						(float)(b + gate_normal(&s) > hard[e]);
			}
			abl_crossed_t(d, UNITS, EXAMPLES, LEVEL, &t);
			covered += t.low <= 0 && t.high >= 0;
		}
		snprintf(what, sizeof what, "crossed t interval of accuracy, 5 seeds, skill sd %g",
			 skill[k]);
		gate_share(what, covered, runs, .945, .957);
	}
}
END_TEST

START_TEST(test_gate__multi_bootstrap)
{
	const double runs = 1500;
	struct gate_stream s = gate_open("Multi-Bootstrap");
	float d[25 * 100];

	for (size_t k = 0; k < 5; k++) {
		double covered = 0, flagged = 0;
		struct abl_resampled out;
		char what[80];

		for (double i = 0; i < runs; i++) {
			table(&s, 25, 100, worlds[k], d);
			abl_resample(&(struct abl_resample){.a = d,
							    .seeds = 25,
							    .examples = 100,
							    .width = 1,
							    .replicates = 400,
							    .level = LEVEL,
							    .analysis = "gate",
							    .seed = (uint64_t)i},
				     &out);
			covered += out.low <= 0 && out.high >= 0;
			flagged += out.p <= LEVEL;
		}
		snprintf(what, sizeof what, "Multi-Bootstrap's interval, 25 seeds, sd %g %g %g",
			 worlds[k][0], worlds[k][1], worlds[k][2]);
		gate_share(what, covered, runs, .92, 1);
		gate_share("  its p", flagged, runs, 0, .08);
	}
}
END_TEST

START_TEST(test_gate__paired_bootstrap)
{
	const double runs = 3000;
	struct gate_stream s = gate_open("paired bootstrap");
	double covered = 0, flagged = 0;
	float a[300], b[300];

	for (double i = 0; i < runs; i++) { /* two runs that are as good as each other */
		struct abl_resampled out;

		for (size_t e = 0; e < 300; e++) {
			double hard = gate_normal(&s);

			a[e] = gate_normal(&s) > hard - .8;
			b[e] = gate_normal(&s) > hard - .8;
		}
		abl_resample(&(struct abl_resample){.a = a,
						    .b = b,
						    .seeds = 1,
						    .examples = 300,
						    .width = 1,
						    .replicates = 400,
						    .level = LEVEL,
						    .analysis = "gate",
						    .seed = (uint64_t)i},
			     &out);
		covered += out.low <= 0 && out.high >= 0;
		flagged += out.p <= LEVEL;
	}
	gate_share("paired bootstrap's interval, 300 examples", covered, runs, .935, .97);
	gate_share("  its p", flagged, runs, .025, .06);
}
END_TEST

static double f1(const double *sums, size_t width, size_t examples, void *data)
{
	(void)width, (void)examples, (void)data;
	return 2 * sums[2] / (2 * sums[2] + sums[0] + sums[1]);
}

/* The answers of one run: right with a rate that the seed moves; gold is 1 in half of them. */
static void answers(struct gate_stream *s, size_t m, const int *gold, const double *hard,
		    float *counts)
{
	double skill = 1 + .1 * gate_normal(s);

	for (size_t e = 0; e < m; e++) {
		bool right = skill + gate_normal(s) > hard[e], said = right == gold[e];

		counts[3 * e] = counts[3 * e + 1] = counts[3 * e + 2] = 0;
		if (gold[e] || said)
			counts[3 * e + (gold[e] && said ? 2 : said ? 1 : 0)] = 1;
	}
}

START_TEST(test_gate__pseudo_values)
{
	enum { UNITS = 5, EXAMPLES = 300 };
	const double runs = 4000;
	struct gate_stream s = gate_open("pseudo-values");
	static float a[3 * EXAMPLES], b[3 * EXAMPLES], x[EXAMPLES], y[EXAMPLES];
	static float d[UNITS * EXAMPLES];
	double covered = 0;

	for (double i = 0; i < runs; i++) {
		double hard[EXAMPLES];
		int gold[EXAMPLES];
		struct abl_crossed t;

		for (size_t e = 0; e < EXAMPLES; e++)
			gold[e] = gate_uniform(&s) < .5, hard[e] = gate_normal(&s);
		for (size_t u = 0; u < UNITS; u++) {
			answers(&s, EXAMPLES, gold, hard, a);
			answers(&s, EXAMPLES, gold, hard, b);
			abl_pseudo_values(a, EXAMPLES, 3, f1, NULL, x);
			abl_pseudo_values(b, EXAMPLES, 3, f1, NULL, y);
			for (size_t e = 0; e < EXAMPLES; e++)
				d[u * EXAMPLES + e] = x[e] - y[e];
		}
		abl_crossed_t(d, UNITS, EXAMPLES, LEVEL, &t);
		covered += t.low <= 0 && t.high >= 0;
	}
	gate_share("crossed t interval of F1 by pseudo-values", covered, runs, .94, .985);
}
END_TEST

START_TEST(test_gate__factors)
{
	const double runs = 5000, sd[] = {.5, .3};
	struct gate_stream s = gate_open("factors");
	size_t a[40], b[40];
	struct abl_factor factor[] = {{a, 4}, {b, 5}};
	double flagged[3] = {0}, sum[3] = {0}, squares[3] = {0};

	for (size_t i = 0; i < 40; i++)
		a[i] = i % 4, b[i] = i / 4 % 5;
	for (double run = 0; run < runs; run++) {
		double y[40], effect[9], component[3];
		struct abl_anova out;

		for (size_t i = 0; i < 40; i++) /* unbalanced: some cells have one value */
			y[i] = i % 7 == 3 && i > 20 ? NAN : gate_normal(&s);
		abl_anova(y, 40, factor, 2, 2, &out);
		for (size_t k = 0; k < 3; k++)
			flagged[k] += out.row[k].p <= LEVEL;
		free(out.row);
		for (size_t k = 0; k < 9; k++)
			effect[k] = sd[k >= 4] * gate_normal(&s);
		for (size_t i = 0; i < 20; i++)
			y[i] = effect[a[i]] + effect[4 + b[i]] + .1 * gate_normal(&s);
		abl_variance_components(y, 20, factor, 2, component);
		for (size_t k = 0; k < 3; k++)
			sum[k] += component[k], squares[k] += component[k] * component[k];
	}
	gate_share("analysis of variance, first factor", flagged[0], runs, .04, .06);
	gate_share("analysis of variance, second factor", flagged[1], runs, .04, .06);
	gate_share("analysis of variance, interaction", flagged[2], runs, .04, .06);
	gate_mean("variance of the first factor", sum[0], squares[0], runs, .25);
	gate_mean("variance of the second factor", sum[1], squares[1], runs, .09);
	gate_mean("variance of the rest", sum[2], squares[2], runs, .01);
}
END_TEST

START_TEST(test_gate__expected_best)
{
	const double runs = 20000;
	struct gate_stream s = gate_open("expected best");
	const size_t budgets[] = {2, 10, 20};

	for (size_t k = 0; k < 3; k++) {
		double sum = 0, squares = 0, low = 0, truth = abl_best_of_noise(budgets[k]);
		char what[64];

		for (double i = 0; i < runs; i++) {
			double x[20], value;

			for (size_t j = 0; j < 20; j++)
				x[j] = gate_normal(&s);
			value = abl_expected_best_unbiased(x, 20, budgets[k]);
			sum += value, squares += value * value;
			low += abl_expected_best(x, 20, budgets[k]);
		}
		snprintf(what, sizeof what, "expected best of %zu, without replacement",
			 budgets[k]);
		gate_mean(what, sum, squares, runs, truth);
		ck_assert(low / runs < truth);
	}
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("gate_tables");

	tcase_set_timeout(c, 600);
	tcase_add_test(c, test_gate__crossed_t);
	tcase_add_test(c, test_gate__crossed_t_of_accuracy);
	tcase_add_test(c, test_gate__multi_bootstrap);
	tcase_add_test(c, test_gate__paired_bootstrap);
	tcase_add_test(c, test_gate__pseudo_values);
	tcase_add_test(c, test_gate__factors);
	tcase_add_test(c, test_gate__expected_best);
	return run_case(c, "gate_tables");
}
