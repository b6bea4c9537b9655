/* SPDX-License-Identifier: Apache-2.0 */
/* Whole studies without an effect, from the store to the words: 3 tasks, 4 removals and a placebo,
 * 5 seeds; a removal that "hurts" or "helps" is false. */
#include "compare.h"
#include "files.h"
#include "gate.h"
#include "run_case.h"
#include "str.h"
#include "study_store.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TASKS = 3, ARMS = 6, SEEDS = 5, STUDIES = 2000, IN_A_STORE = 20 };

static char folder[] = "/tmp/ablate-gate-XXXXXX";
static struct abl_err err;

/* Tasks have a spread of their own; arms of one seed share some of it, as they do in life. */
static json_t *null_study(struct gate_stream *s, int number)
{
	static const char *const labels[ARMS] = {"baseline", "no a", "no b",
						 "no c",     "no d", "placebo"};
	static const char *const kinds[ARMS] = {"baseline", "removal", "removal",
						"removal",  "removal", "placebo"};
	json_t *tasks = json_array(), *arms = json_array();
	double shared[TASKS][SEEDS];
	char name[32];

	for (int t = 0; t < TASKS; t++) {
		snprintf(name, sizeof name, "t%d", t);
		json_array_append_new(tasks,
				      json_pack("{s:s, s:s, s:f, s:f}", "name", name, "metric",
						"accuracy", "majority", .1, "examples", 1000.));
		for (int seed = 0; seed < SEEDS; seed++)
			shared[t][seed] = .01 * gate_normal(s);
	}
	for (int a = 0; a < ARMS; a++) {
		json_t *values = json_object();

		for (int t = 0; t < TASKS; t++) {
			json_t *list = json_array();

			for (int seed = 0; seed < SEEDS; seed++)
				json_array_append_new(list,
						      json_real(.6 + shared[t][seed] +
								.005 * (t + 1) * gate_normal(s)));
			snprintf(name, sizeof name, "t%d", t);
			json_object_set_new(values, name, list);
		}
		json_array_append_new(arms, json_pack("{s:s, s:s, s:o}", "label", labels[a], "kind",
						      kinds[a], "values", values));
	}
	snprintf(name, sizeof name, "s%d", number);
	return json_pack("{s:s, s:o, s:i, s:o}", "name", name, "tasks", tasks, "seeds", SEEDS,
			 "arms", arms);
}

static bool any(const struct abl_comparison *c, bool placebo)
{
	for (size_t i = 0; i < c->count; i++)
		if (abl_is_decided(&c->effect[i]) &&
		    (c->effect[i].arm.kind == ABL_VARIANT_PLACEBO) == placebo)
			return true;
	return false;
}

static void look(struct abl_store *store, const json_t *study, double hits[3])
{
	const struct abl_compare_request request = {0};
	struct abl_analysis *a = NULL;
	bool by_task = false;
	int64_t id;

	study_store_fill(store, study);
	ck_assert(!abl_store_find_study(store, json_string_value(json_object_get(study, "name")),
					&id, &err));
	ck_assert_msg(!abl_analyse(&a, store, id, &request, &err), "%s", err.text);
	for (size_t t = 0; t < a->tasks; t++)
		by_task |= any(a->task[t], false);
	hits[0] += any(a->all, false);
	hits[1] += by_task;
	hits[2] += any(a->all, true);
	abl_analysis_destroy(a);
}

START_TEST(test_gate__null_studies)
{
	struct gate_stream s = gate_open("null studies through the store");
	struct abl_store *store = NULL;
	char *path = abl_path_join(folder, "store");
	double hits[3] = {0};

	for (int i = 0; i < STUDIES; i++) {
		json_t *study = null_study(&s, i);

		if (i % IN_A_STORE == 0) {
			abl_store_close(store);
			ck_assert(!abl_remove_tree(path, &err));
			ck_assert(!abl_store_open(&store, path, ABL_STORE_WRITE, &err));
		}
		look(store, study, hits);
		json_decref(study);
	}
	abl_store_close(store);
	free(path);
	gate_share("studies with a false flag in the primary rows", hits[0], STUDIES, .03, .06);
	gate_share("studies with a false flag in the rows by task", hits[1], STUDIES, .03, .06);
	gate_share("studies whose placebo differs", hits[2], STUDIES, .03, .065);
}
END_TEST

/* Three removals and their pairs, six seeds; `planted` is what a and b do together. */
static json_t *pair_study(struct gate_stream *s, int number, double planted)
{
	static const char *const sets[] = {"", "a", "b", "c", "ab", "ac", "bc"};
	json_t *arms = json_array();
	char name[32];

	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
		json_t *changes = json_object(), *list = json_array();
		struct abl_str label = {0};
		double mean = .7;

		for (const char *c = sets[i]; *c; c++) {
			snprintf(name, sizeof name, "%c", *c);
			json_object_set_new(changes, name, json_string("none"));
			abl_str_printf(&label, "%sno %c", label.length ? ", " : "", *c);
			mean -= .03;
		}
		mean += strcmp(sets[i], "ab") ? 0 : planted;
		for (int seed = 0; seed < 6; seed++)
			json_array_append_new(list, json_real(mean + .01 * gate_normal(s)));
		json_array_append_new(arms,
				      json_pack("{s:s, s:s, s:o, s:{s:o}}", "label",
						label.length ? label.text : "baseline", "kind",
						!i      ? "baseline"
						: i < 4 ? "removal"
							: "pair",
						"changes", changes, "values", "t", list));
		abl_str_finish(&label);
	}
	snprintf(name, sizeof name, "p%d", number);
	return json_pack("{s:s, s:[{s:s, s:s, s:f, s:f}], s:i, s:o}", "name", name, "tasks", "name",
			 "t", "metric", "accuracy", "majority", .1, "examples", 1000., "seeds", 6,
			 "arms", arms);
}

START_TEST(test_gate__interactions)
{
	enum { RUNS = 600 };
	const double planted = _i ? -.06 : 0;
	struct gate_stream s = gate_open(_i ? "planted interaction" : "additive removals");
	double found = 0, flagged = 0, covered = 0;
	struct abl_store *store = NULL;
	char *path = abl_path_join(folder, "pairs");

	for (int i = 0; i < RUNS; i++) {
		const struct abl_compare_request request = {0};
		json_t *study = pair_study(&s, i, planted);
		struct abl_analysis *a = NULL;
		bool any_other = false;
		int64_t id;

		if (i % IN_A_STORE == 0) {
			abl_store_close(store);
			ck_assert(!abl_remove_tree(path, &err));
			ck_assert(!abl_store_open(&store, path, ABL_STORE_WRITE, &err));
		}
		study_store_fill(store, study);
		ck_assert(!abl_store_find_study(
			store, json_string_value(json_object_get(study, "name")), &id, &err));
		ck_assert(!abl_analyse(&a, store, id, &request, &err));
		ck_assert_uint_eq(a->interactions, 3);
		for (size_t k = 0; k < 3; k++) {
			const struct abl_interaction *x = &a->interaction[k];
			const bool own = !strcmp(x->label, "a x b");

			found += own && x->found && x->t.estimate < 0;
			covered += own && x->t.low <= planted && x->t.high >= planted;
			any_other |= x->found && (!own || !planted);
		}
		flagged += any_other;
		abl_analysis_destroy(a);
		json_decref(study);
	}
	abl_store_close(store);
	free(path);
	gate_share("intervals that hold the interaction", covered, RUNS, .92, .975);
	gate_share("studies with a false interaction", flagged, RUNS, 0, .06);
	if (planted)
		gate_share("planted interactions that are found, 3 sd at 6 seeds", found, RUNS, .85,
			   1);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("gate_analysis");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 1800);
	tcase_add_test(c, test_gate__null_studies);
	tcase_add_loop_test(c, test_gate__interactions, 0, 2);
	failed = run_case(c, "gate_analysis");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
