/* SPDX-License-Identifier: Apache-2.0 */
/* How the answer of the page is chosen, and what it advises. */
#include "files.h"
#include "report_parts.h"
#include "result_store.h"
#include "run_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 6

static char folder[] = "/tmp/ablate-answer-XXXXXX";
static struct abl_store *store;
static struct abl_err err;

static const double base[] = {.70, .72, .69, .71, .73, .70},
		    lower[] = {.60, .61, .60, .62, .63, .59},
		    alike[] = {.71, .71, .70, .70, .72, .71},
		    near[] = {.70, .73, .68, .72, .72, .71},
		    moved[] = {.69, .71, .68, .70, .72, .69},
		    crashed[] = {RUN_CRASHED, RUN_CRASHED, RUN_CRASHED,
				 RUN_CRASHED, RUN_CRASHED, RUN_CRASHED},
		    few[] = {.70, .71, RUN_CRASHED, RUN_CRASHED, RUN_CRASHED, RUN_CRASHED},
		    waiting[] = {.70, .72, RUN_WAITING, RUN_WAITING, RUN_WAITING, RUN_WAITING};

#define ARM(name, of_kind, of_subject, of_values)                                         \
	{                                                                                 \
		.variant = {.label = (name), .kind = (of_kind), .subject = (of_subject)}, \
		.values = (of_values), .seconds = 1                                       \
	}
#define BASELINE(values) ARM("baseline", ABL_VARIANT_BASELINE, "baseline", values)
#define REMOVAL(name, values) ARM("no " name, ABL_VARIANT_REMOVAL, name, values)
#define GRID(name, values) ARM(name, ABL_VARIANT_GRID, name, values)
#define PLACEBO(values) ARM("placebo", ABL_VARIANT_PLACEBO, "placebo", values)

static const struct {
	const char *name;
	struct result_arm arm[4];
	int seeds;
	bool lower_is_better;
	const char *wanted[5], *unwanted[3];
} cases[] = {
	{"some",
	 {BASELINE(base), REMOVAL("positions", lower), REMOVAL("segments", alike), PLACEBO(near)},
	 SEEDS,
	 false,
	 {"1 of 2 removals resolved: removing <bdi>positions</bdi> (-.10",
	  " hurts. The placebo shows "
	  "nothing (could see ",
	  ". 1 needs ", " seeds to see one point (now: ", "raise the seeds"},
	 {"Interim", "Exploratory"}},
	{"nothing resolved",
	 {BASELINE(base), REMOVAL("segments", alike), REMOVAL("nsp", near)},
	 SEEDS,
	 false,
	 {"None of 2 removals resolved. There is no placebo to show ", "They need ",
	  "Add <code>placebo</code>", "<code>pairs: [<bdi>segments, nsp</bdi>]"},
	 {"hurts", "shows nothing"}},
	{"all resolved",
	 {BASELINE(base), REMOVAL("positions", lower), PLACEBO(near)},
	 SEEDS,
	 false,
	 {"1 of 1 removal resolved: ", "Nothing is left to settle by more seeds.",
	  "Every row is "
	  "resolved"},
	 {"raise the seeds"}},
	{"interim",
	 {BASELINE(base), REMOVAL("positions", waiting), PLACEBO(near)},
	 SEEDS,
	 false,
	 {"Interim: 4 of 18 planned trials", "no verdict", "4 trials are still to run",
	  "Run what is "
	  "left"},
	 {"resolved", "hurts", "raise the seeds"}},
	{"exploratory",
	 {BASELINE(base), GRID("layers=1", lower), GRID("layers=4", alike)},
	 SEEDS,
	 false,
	 {"Exploratory: 1 of 2 changes resolved: <bdi>layers=1</bdi> (-.10"},
	 {"removal", "Add <code>placebo"}},
	{"all failed",
	 {BASELINE(crashed), REMOVAL("positions", crashed)},
	 SEEDS,
	 false,
	 {"No answer: all 12 trials failed", "Mend what made 12 trials fail"},
	 {"resolved", "placebo shows", "seeds"}},
	{"an arm failed",
	 {BASELINE(base), REMOVAL("positions", crashed), REMOVAL("segments", lower), PLACEBO(near)},
	 SEEDS,
	 false,
	 {"1 of 2 removals resolved: removing <bdi>segments</bdi>", "6 of 24 trials failed",
	  "removing <bdi>positions</bdi>: fails more often"},
	 {"nan"}},
	{"some have too few",
	 {BASELINE(base), REMOVAL("positions", few), REMOVAL("segments", lower)},
	 SEEDS,
	 false,
	 {"1 of 2 removals resolved", "1 has fewer than the 5 finished seeds that a verdict needs.",
	  "There is no placebo to show"},
	 {"Nothing is left", "would not settle"}},
	{"not begun",
	 {BASELINE(waiting + 2), REMOVAL("positions", waiting + 2)},
	 3,
	 false,
	 {"No result yet: 6 trials planned. 6 trials are still to run."},
	 {"resolved", "shows nothing"}},
	{"one variant",
	 {BASELINE(base)},
	 SEEDS,
	 false,
	 {"Nothing is compared: the study has one variant, with a mean of .708 (", "Add a design"},
	 {"placebo shows", "seeds would"}},
	{"no baseline",
	 {REMOVAL("positions", lower), REMOVAL("segments", base)},
	 SEEDS,
	 false,
	 {"Nothing is compared: the study has no baseline", "Name a baseline"},
	 {"resolved", "shows nothing"}},
	{"few seeds",
	 {BASELINE(base), REMOVAL("positions", lower), PLACEBO(near)},
	 3,
	 false,
	 {"No verdict: 3 seeds are too few, 5 are needed", "5 seeds would give verdicts",
	  "<code>seeds: 5</code>"},
	 {"resolved:", "hurts"}},
	{"the placebo differs",
	 {BASELINE(base), REMOVAL("segments", alike), PLACEBO(lower)},
	 SEEDS,
	 false,
	 {"The placebo differs (-.10", "chance or a fault", "Find out why the placebo differs"},
	 {"shows nothing"}},
	{"no spread",
	 {BASELINE(base), REMOVAL("segments", moved), PLACEBO(base)},
	 SEEDS,
	 false,
	 {"The one removal cannot be judged: no spread between seeds"},
	 {"resolved:", "hurts", "could see .000"}},
	{"a loss",
	 {BASELINE(base), REMOVAL("positions", lower), REMOVAL("segments", alike), PLACEBO(near)},
	 SEEDS,
	 true,
	 {"removing <bdi>positions</bdi> (-.10", " helps. ",
	  "1 is not resolved at 6 seeds, which could see"},
	 {"hurts", "one point"}},
};

static void make(size_t i)
{
	struct result_study study = {.name = cases[i].name,
				     .task = "rte",
				     .metric = cases[i].lower_is_better ? "loss" : "accuracy",
				     .lower_is_better = cases[i].lower_is_better,
				     .examples = 277,
				     .majority = NAN,
				     .arms = cases[i].arm,
				     .seeds = cases[i].seeds};

	int64_t id;

	while (study.count < 4 && cases[i].arm[study.count].values)
		study.count++;
	result_store_fill(store, &study);
	if (!strcmp(study.name, "exploratory")) {
		ck_assert(!abl_store_find_study(store, study.name, &id, &err) &&
			  !abl_store_begin(store, &err) &&
			  !abl_store_put_rule(store, id,
					      &(struct abl_rule_row){.name = "confirmatory",
								     .subject = "",
								     .value = "0"},
					      &err) &&
			  !abl_store_commit(store, &err));
	}
}

START_TEST(test_answer__says_what_is_so)
{
	const size_t i = (size_t)_i;
	struct abl_page p = {.store = store, .study = cases[i].name};

	make(i);
	ck_assert_int_eq(abl_store_find_study(store, p.study, &p.id, &err), 0);
	ck_assert_msg(!abl_report_start(&p, &err) && !abl_report_analyse(&p, &err) &&
			      !abl_report_answer(&p, &err) && !abl_report_next(&p, &err),
		      "%s: %s", p.study, err.text);
	for (size_t k = 0; k < 5 && cases[i].wanted[k]; k++)
		ck_assert_msg(strstr(p.html.text, cases[i].wanted[k]), "%s: no \"%s\" in %s",
			      p.study, cases[i].wanted[k], p.html.text);
	for (size_t k = 0; k < 3 && cases[i].unwanted[k]; k++)
		ck_assert_msg(!strstr(p.html.text, cases[i].unwanted[k]), "%s: \"%s\" in %s",
			      p.study, cases[i].unwanted[k], p.html.text);
	ck_assert_msg(!strstr(p.html.text, "nan") && !strstr(p.html.text, "(null)"), "%s",
		      p.html.text);
	abl_report_finish(&p);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("answer");
	int failed;

	if (!mkdtemp(folder) || abl_store_open(&store, folder, ABL_STORE_WRITE, &err))
		return 1;
	tcase_add_loop_test(c, test_answer__says_what_is_so, 0, sizeof cases / sizeof *cases);
	failed = run_case(c, "answer");
	abl_store_close(store);
	return abl_remove_tree(folder, &err) || failed;
}
