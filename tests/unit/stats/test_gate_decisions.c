/* SPDX-License-Identifier: Apache-2.0 */
/* Error rates of what decides: "could see", tests, families, whole studies without an effect. */
#include "families.h"
#include "gate.h"
#include "power.h"
#include "rates.h"
#include "run_case.h"
#include "stats.h"

#include <stdlib.h>

#define MOST 64
#define LEVEL .05

static double t_of(struct gate_stream *s, size_t n, double shift, struct abl_t_test *t)
{
	double d[MOST];

	for (size_t i = 0; i < n; i++)
		d[i] = shift + gate_normal(s);
	abl_stats_t(d, n, LEVEL, t);
	return t->p;
}

START_TEST(test_gate__could_see_with_known_sd)
{
	const size_t units[] = {3, 5, 8, 15};
	const double runs = 40000;
	struct gate_stream s = gate_open("could see, known sd");

	for (size_t k = 0; k < 4; k++) {
		double effect = abl_could_see_known(1 / sqrt((double)units[k]),
						    (double)units[k] - 1, LEVEL);
		double found = 0;
		struct abl_t_test t;
		char what[64];

		for (double i = 0; i < runs; i++)
			found += t_of(&s, units[k], effect, &t) < LEVEL;
		snprintf(what, sizeof what, "power at what %zu units could see, sd known",
			 units[k]);
		gate_share(what, found, runs, .79, .81);
	}
}
END_TEST

START_TEST(test_gate__could_see_with_estimated_sd)
{
	const size_t units[] = {3, 5, 8, 15};
	const double comparisons[] = {1, 4, 12}, runs = 20000;
	struct gate_stream s = gate_open("could see, estimated sd");

	for (size_t k = 0; k < 12; k++) {
		size_t n = units[k / 3];
		double level = LEVEL / comparisons[k % 3], enough = 0;
		/* the true power is at least .8 where the effect is at least this */
		double needed = abl_power_delta(level, (double)n - 1, .8) / sqrt((double)n);
		struct abl_t_test t;
		char what[80];

		for (double i = 0; i < runs; i++) {
			t_of(&s, n, 0, &t);
			enough += abl_could_see(t.error, t.df, level) >= needed;
		}
		snprintf(what, sizeof what,
			 "studies with power .8 at what they could see, %zu units, %g comparisons",
			 n, comparisons[k % 3]);
		gate_share(what, enough, runs, .78, .82);
	}
}
END_TEST

/* m p values of arms against one baseline, n units; the first `real` have an effect of 3 sd. */
static void arms(struct gate_stream *s, size_t m, size_t n, size_t real, double *p)
{
	double base[MOST], d[MOST];
	struct abl_t_test t;

	for (size_t i = 0; i < n; i++)
		base[i] = gate_normal(s);
	for (size_t a = 0; a < m; a++) {
		for (size_t i = 0; i < n; i++)
			d[i] = (a < real ? 3 : 0) + gate_normal(s) - base[i];
		abl_stats_t(d, n, LEVEL, &t);
		p[a] = t.p;
	}
}

static bool any_below(const double *p, size_t from, size_t until)
{
	for (size_t i = from; i < until; i++)
		if (p[i] <= LEVEL)
			return true;
	return false;
}

START_TEST(test_gate__families)
{
	const size_t sizes[] = {1, 4, 10};
	const double runs = 10000;
	struct gate_stream s = gate_open("families");
	double p[MOST];
	char what[64];

	for (size_t k = 0; k < 3; k++) {
		double holm = 0;

		for (double i = 0; i < runs; i++) {
			arms(&s, sizes[k], 5, 0, p);
			abl_stats_holm(p, sizes[k], p);
			holm += any_below(p, 0, sizes[k]);
		}
		snprintf(what, sizeof what, "Holm, any of %zu without effect", sizes[k]);
		gate_share(what, holm, runs, k ? .02 : .045, .055);
	}
	for (size_t real = 0; real <= 10; real += 5) {
		double share = 0;

		for (double i = 0; i < runs; i++) {
			double wrong = 0, all = 0;

			arms(&s, 20, 8, real, p);
			abl_family_bh(p, 20, p);
			for (size_t a = 0; a < 20; a++)
				all += p[a] <= LEVEL, wrong += a >= real && p[a] <= LEVEL;
			share += all > 0 ? wrong / all : 0;
		}
		snprintf(what, sizeof what, "Benjamini-Hochberg, false share, %zu of 20 real",
			 real);
		gate_share(what, share, runs, 0, .055);
	}
}
END_TEST

/* Row i: difference `shift`, margin 1 of the same unit; false is a rejection of what is true. */
static bool wrong_somewhere(struct gate_stream *s, size_t m, size_t n, const double *shift)
{
	double p[MOST], q[MOST];
	bool wrong = false;

	for (size_t i = 0; i < m; i++) {
		struct abl_t_test t;

		p[i] = t_of(s, n, shift[i], &t);
		q[i] = abl_stats_equivalence(&t, 1);
	}
	abl_family_shaffer(p, q, m, p, q);
	for (size_t i = 0; i < m; i++)
		wrong |= shift[i] == 0 ? p[i] <= LEVEL : fabs(shift[i]) >= 1 && q[i] <= LEVEL;
	return wrong;
}

START_TEST(test_gate__margins)
{
	static const struct {
		const char *name;
		double shift[6];
	} world[] = {{"all zero", {0}},
		     {"all at the margin", {1, -1, 1, 1, -1, 1}},
		     {"half and half", {0, 1, 0, 1, 0, -1}},
		     {"some between", {0, .5, 1, .5, 0, 1}}};
	const double runs = 10000;
	struct gate_stream s = gate_open("margins");
	double one = 0;

	for (size_t k = 0; k < 4; k++) {
		double wrong = 0;
		char what[64];

		for (double i = 0; i < runs; i++)
			wrong += wrong_somewhere(&s, 6, 12, world[k].shift);
		snprintf(what, sizeof what, "Shaffer, any of 6 rows wrong, %s", world[k].name);
		gate_share(what, wrong, runs, .005, .055);
	}
	for (double i = 0; i < runs; i++) {
		struct abl_t_test t;

		t_of(&s, 12, 1, &t);
		one += abl_stats_equivalence(&t, 1) <= LEVEL;
	}
	gate_share("equivalence of an effect at the margin", one, runs, .043, .057);
}
END_TEST

static int64_t failures(struct gate_stream *s, int64_t n, double rate)
{
	int64_t hits = 0;

	for (int64_t i = 0; i < n; i++)
		hits += gate_uniform(s) < rate;
	return hits;
}

START_TEST(test_gate__failures)
{
	const int64_t units[] = {5, 8, 15};
	const double rates[] = {.1, .3, .5}, runs = 20000;
	struct gate_stream s = gate_open("failures");

	for (size_t k = 0; k < 9; k++) {
		int64_t n = units[k / 3];
		double rate = rates[k % 3], single = 0, family = 0, covered = 0, p[6], least[6];
		char what[80];

		for (double i = 0; i < runs; i++) {
			int64_t base = failures(&s, n, rate);
			double low, high;

			for (size_t a = 0; a < 6; a++) {
				int64_t hits = failures(&s, n, rate);

				p[a] = abl_fisher(hits, n, base, n);
				least[a] = abl_fisher_least(hits + base, n, n);
			}
			single += p[0] <= LEVEL;
			abl_family_tarone(p, least, 6, LEVEL, p);
			family += any_below(p, 0, 6);
			abl_rate_wilson(base, n, LEVEL, &low, &high);
			covered += low <= rate && rate <= high;
		}
		snprintf(what, sizeof what, "Fisher, %d units, rate %g", (int)n, rate);
		gate_share(what, single, runs, 0, .052);
		snprintf(what, sizeof what, "Fisher by Tarone, any of 6, %d units, rate %g", (int)n,
			 rate);
		gate_share(what, family, runs, 0, .055);
		snprintf(what, sizeof what, "Wilson's interval, %d units, rate %g", (int)n, rate);
		gate_share(what, covered, runs, .88, 1);
	}
}
END_TEST

START_TEST(test_gate__tests)
{
	const double runs = 50000;
	struct gate_stream s = gate_open("tests");
	double covered = 0, flip = 0, welch = 0, mcnemar = 0;

	for (double i = 0; i < runs; i++) {
		double x[8], y[5];
		int64_t b = 0, c = 0;
		struct abl_t_test t;

		for (size_t k = 0; k < 8; k++)
			x[k] = gate_normal(&s);
		for (size_t k = 0; k < 5; k++)
			y[k] = 2 * gate_normal(&s);
		abl_stats_t(x, 5, LEVEL, &t);
		covered += t.low <= 0 && t.high >= 0;
		flip += abl_stats_sign_flip(x, 8) <= LEVEL;
		abl_stats_welch(x, 8, y, 5, LEVEL, &t);
		welch += t.p <= LEVEL;
		for (size_t k = 0; k < 40; k++)
			*(gate_uniform(&s) < .5 ? &b : &c) += 1;
		mcnemar += abl_mcnemar(b, c) <= LEVEL;
	}
	gate_share("t interval, 5 units", covered, runs, .94, .96);
	gate_share("sign-flip, 8 units", flip, runs, .03, .054);
	gate_share("Welch, 8 and 5 units, twice the sd", welch, runs, .04, .06);
	gate_share("McNemar, 40 discordant", mcnemar, runs, .02, .054);
}
END_TEST

/* Studies of `tasks` tasks without any effect: a unit has a part of its own in all tasks, the
 * baseline is shared. Primary rows: means over tasks, Holm; task rows: Holm up to 12, then BH. */
static void null_studies(size_t removals, size_t tasks, size_t n)
{
	const double runs = 2000;
	double primary = 0, by_task = 0;
	struct gate_stream s = gate_open("null studies");
	char what[80];

	for (double run = 0; run < runs; run++) {
		double base[3][MOST], mean[MOST], p[MOST], row[MOST];
		struct abl_t_test t;

		for (size_t i = 0; i < n * tasks; i++)
			base[i / n][i % n] = gate_normal(&s);
		for (size_t a = 0; a < removals; a++) {
			double d[MOST];

			for (size_t i = 0; i < n; i++)
				mean[i] = 0;
			for (size_t k = 0; k < tasks; k++) {
				for (size_t i = 0; i < n; i++) {
					d[i] = (double)(k + 1) * (gate_normal(&s) - base[k][i]);
					mean[i] += d[i] / (double)tasks;
				}
				abl_stats_t(d, n, LEVEL, &t);
				row[a * tasks + k] = t.p;
			}
			abl_stats_t(mean, n, LEVEL, &t);
			p[a] = t.p;
		}
		abl_stats_holm(p, removals, p);
		primary += any_below(p, 0, removals);
		if (removals * tasks <= 12)
			abl_stats_holm(row, removals * tasks, row);
		else
			abl_family_bh(row, removals * tasks, row);
		by_task += any_below(row, 0, removals * tasks);
	}
	snprintf(what, sizeof what,
		 "any false flag, primary rows, %zu removals, %zu tasks, %zu units", removals,
		 tasks, n);
	gate_share(what, primary, runs, 0, .06);
	snprintf(what, sizeof what, "any false flag, task rows, %zu removals, %zu tasks, %zu units",
		 removals, tasks, n);
	gate_share(what, by_task, runs, 0, .06);
}

START_TEST(test_gate__null_studies)
{
	null_studies(4, 3, 5);
	null_studies(4, 3, 8);
	null_studies(6, 3, 5);
	null_studies(6, 3, 8);
	null_studies(10, 3, 5);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("gate_decisions");

	tcase_set_timeout(c, 600);
	tcase_add_test(c, test_gate__could_see_with_known_sd);
	tcase_add_test(c, test_gate__could_see_with_estimated_sd);
	tcase_add_test(c, test_gate__families);
	tcase_add_test(c, test_gate__margins);
	tcase_add_test(c, test_gate__failures);
	tcase_add_test(c, test_gate__tests);
	tcase_add_test(c, test_gate__null_studies);
	return run_case(c, "gate_decisions");
}
