/* SPDX-License-Identifier: Apache-2.0 */
/* test_read.c - the questions of results/read, on a study of which one trial diverged, one crashed
 * and one waits. What figures and listings ask is in test_plots.c and the scripts, too. */
#include "facts.h"
#include "files.h"
#include "listings.h"
#include "options.h"
#include "past.h"
#include "result_store.h"
#include "rules.h"
#include "scores.h"
#include "sql.h"
#include "standing.h"
#include "str.h"
#include "time_left.h"
#include "trials.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-read-XXXXXX";
static struct abl_store *store;
static struct abl_err err;
static struct abl_str heard;
static int64_t study;

static void setup(void)
{
	err = (struct abl_err){0};
	study = result_store_begin_first(&store, folder);
	abl_str_clear(&heard);
	abl_str_puts(&heard, "");
}

static void teardown(void)
{
	abl_store_close(store);
	abl_str_finish(&heard);
}

static void hear_name(void *data, const char *name)
{
	abl_str_printf(&heard, "%s;", name);
}

static void hear_sharing(void *data, size_t key, const char *name)
{
	abl_str_printf(&heard, "%zu %s;", key, name);
}

static void hear_stored(void *data, const struct abl_stored_trial *t)
{
	abl_str_printf(&heard, "%s/%s/%d %s;", t->variant, t->task, (int)t->seed,
		       t->scored ? t->scored : "-");
}

static void hear_score(void *data, const struct abl_score *s)
{
	abl_str_printf(&heard, "%d %g;", (int)s->seed, s->value);
}

static void hear_rule(void *data, const char *name, const char *subject, const char *value)
{
	abl_str_printf(&heard, "%s %s=%s;", name, subject, value);
}

static void hear_change(void *data, int64_t variant, const char *label, const char *name,
			const char *canonical)
{
	abl_str_printf(&heard, "%s: %s=%s;", label, name, canonical);
}

static void hear_summary(void *data, const struct abl_score_summary *s)
{
	abl_str_printf(&heard, "%s %d/%d/%d %.3f;", s->variant, (int)s->done, (int)s->failed,
		       (int)s->trials, s->mean);
}

static void hear_cost(void *data, const struct abl_past_cost *c)
{
	(void)data;
	abl_str_printf(&heard, "%s %s %lld x %g: %g %g;", c->kind, c->variant ? c->variant : "-",
		       (long long)c->count, c->cost, c->seconds, c->cpu_seconds);
}

START_TEST(test_read__scores)
{
	double value = -1;

	ck_assert_int_eq(abl_read_scores(store, study, "rte", "accuracy", hear_score, NULL, &err),
			 0);
	ck_assert_str_eq(heard.text, "1 0.5;2 0.6;3 0.7;1 0.4;2 0.5;3 0.75;");
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_read_summaries(store, study, false, hear_summary, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "baseline 3/0/3 0.600;no x 3/0/3 0.550;no y 0/2/3 0.500;");
	ck_assert_int_eq(
		abl_read_stage_score(store, "first/rte/no x/3/dev", "accuracy", &value, &err), 1);
	ck_assert(value == .75);
	ck_assert_int_eq(
		abl_read_stage_score(store, "first/rte/no y/3/dev", "accuracy", &value, &err), 0);
}
END_TEST

START_TEST(test_read__options)
{
	struct abl_facts f;

	ck_assert_int_eq(abl_read_varies(store, study, " segments x ", &err), 0);
	ck_assert_int_eq(abl_read_numeric_options(store, study, hear_name, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "");
	ck_assert_int_eq(abl_facts_load(&f, store, "first", NULL, &err), 0);
	ck_assert_uint_eq(f.variants, 3);
	ck_assert_str_eq(f.variant[0].label, "baseline");
	ck_assert_int_eq(abl_store_put_option(store, f.variant[1].id, NULL, "segments",
					      &(struct abl_value){.type = ABL_INT, .i = 3}, &err),
			 0);
	ck_assert_int_eq(abl_read_varies(store, study, " segments ", &err), 1);
	ck_assert_int_eq(abl_read_varies(store, study, " segment ", &err), 0);
	abl_facts_finish(&f);
}
END_TEST

static void assert_rules(const char *wanted)
{
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_read_rules(store, study, hear_rule, NULL, &err), 0);
	ck_assert_str_eq(heard.text, wanted);
}

START_TEST(test_read__rules)
{
	const struct abl_rule_row margin = {"margin", "accuracy", ".01"},
				  start = {.name = "start", .value = "scratch"};
	const struct abl_value two = {.type = ABL_INT, .i = 2};
	const struct abl_study_row row = {.name = "first"};
	struct abl_facts f;

	assert_rules("");
	ck_assert_int_eq(abl_store_put_rule(store, study, &start, &err), 0);
	ck_assert_int_eq(abl_store_put_rule(store, study, &margin, &err), 0);
	assert_rules("margin accuracy=.01;start =scratch;");
	ck_assert_int_eq(abl_facts_load(&f, store, "first", NULL, &err), 0);
	ck_assert_int_eq(abl_store_put_change(store, f.variant[2].id, "layers", &two, &err), 0);
	ck_assert_int_eq(abl_store_put_change(store, f.variant[1].id, "x", &two, &err), 0);
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_read_changes(store, study, hear_change, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "no x: x=2;no y: layers=2;");
	abl_facts_finish(&f);

	/* more of the three seeds, of which some are done; fewer or as many are no news */
	ck_assert_int_eq(abl_store_note_raised(store, "new", 8, false, &err), 0);
	ck_assert_int_eq(abl_store_note_raised(store, "first", 3, false, &err), 0);
	assert_rules("margin accuracy=.01;start =scratch;");
	ck_assert_int_eq(abl_store_note_raised(store, "first", 8, true, &err), 0);
	assert_rules("margin accuracy=.01;seeds_raised 3=8;start =scratch;");
	/* the next plan forgets them, but for that; what grows by its own rule is not by hand */
	ck_assert_int_eq(abl_store_put_study(store, &row, &study, &err), 0);
	assert_rules("seeds_raised 3=8;");
	abl_str_clear(&heard);
}
END_TEST

START_TEST(test_read__raised_by_rule)
{
	const struct abl_rule_row grows = {"seeds_until", "", ".01"};

	ck_assert_int_eq(abl_store_put_rule(store, study, &grows, &err), 0);
	ck_assert_int_eq(abl_store_note_raised(store, "first", 8, true, &err), 0);
	assert_rules("seeds_until =.01;");
	ck_assert_int_eq(abl_store_note_raised(store, "first", 9, false, &err), 0);
	assert_rules("seeds_raised 3=9;seeds_until =.01;");
}
END_TEST

/* One row of two arms, whose trials the second statement gives other seeds and tasks. */
static void fill_pairs(const char *name, const char *sql)
{
	static const double flat[] = {.5, .5, .5, .5}, uneven[] = {.6, .8, .5, .7};
	const struct result_arm pair[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE},
		 .values = flat,
		 .seconds = 1},
		{.variant = {.label = "no x", .kind = ABL_VARIANT_REMOVAL, .subject = "x"},
		 .values = uneven,
		 .seconds = 1}};
	const struct result_study filled = {.name = name,
					    .task = "rte",
					    .metric = "accuracy",
					    .examples = 100,
					    .majority = .5,
					    .arms = pair,
					    .count = 2,
					    .seeds = 4};
	struct abl_query *q;

	result_store_fill(store, &filled);
	ck_assert_int_eq(abl_query_open(&q, abl_store_sql(store), sql, &err), 0);
	ck_assert_int_eq(abl_query_step(q, &err), 0);
	abl_query_close(q);
}

START_TEST(test_read__past_spread_of_units)
{
	struct abl_past_task tasks[] = {{.name = "rte", .metric = "accuracy"},
					{.name = "cola", .metric = "accuracy"}};
	struct abl_str from = {0};
	double sd = 0;

	/* two pre-trainings with two fine-tunings each: .1 .3 and .0 .2 */
	fill_pairs("crossed", "UPDATE trial SET seed = 1000000 * ((seed + 1) / 2) + seed % 2 + 1 "
			      "WHERE study_id = (SELECT id FROM study WHERE name = 'crossed')");
	ck_assert_int_eq(abl_read_past_spread(store, "crossed", tasks, 1, &sd, &from, &err), 1);
	ck_assert_str_eq(from.text, "crossed");
	ck_assert(fabs(sd - sqrt(.005)) < 1e-12);
	/* two tasks with two seeds each */
	fill_pairs("wide", "UPDATE trial SET task = 'cola', seed = seed - 2 WHERE seed > 2 AND "
			   "study_id = (SELECT id FROM study WHERE name = 'wide')");
	ck_assert_int_eq(abl_read_past_spread(store, "new", tasks, 2, &sd, &from, &err), 1);
	ck_assert_str_eq(from.text, "wide"); /* the others have one of the tasks */
	ck_assert(fabs(sd - sqrt(.02)) < 1e-12);
	tasks[1].lower_is_better = true; /* both units are at .05 then */
	ck_assert_int_eq(abl_read_past_spread(store, "new", tasks, 2, &sd, &from, &err), 0);
	abl_str_finish(&from);
}
END_TEST

START_TEST(test_read__the_past)
{
	static const char *const keys[] = {"nowhere", "first/rte/no x/3", "first/rte/no x/2"};
	const struct abl_past_task rte = {.name = "rte", .metric = "accuracy"},
				   f1 = {.name = "rte", .metric = "f1"};
	const struct abl_stage_row row = {.key = "costly", .kind = "pretrain", .cost = 4};
	const struct abl_stage_end end = {.state = ABL_DONE, .seconds = 6};
	struct abl_str from = {0};
	int64_t attempt, id;
	double sd = 0;

	ck_assert_int_eq(abl_read_past_costs(store, hear_cost, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "");
	ck_assert_int_eq(abl_store_put_stage(store, &row, &err), 0);
	ck_assert_int_eq(abl_store_stage_begin(store, "costly", &(struct abl_attempt_row){0},
					       &attempt, &id, &err),
			 0);
	ck_assert_int_eq(abl_store_stage_end(store, "costly", attempt, &end, &err), 0);
	ck_assert_int_eq(abl_read_past_costs(store, hear_cost, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "pretrain - 1 x 4: 6 6;");
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_read_past_spread(store, "new", &rte, 1, &sd, &from, &err), 1);
	ck_assert_str_eq(from.text, "first");
	ck_assert(fabs(sd - .0866025403784438) < 1e-12);
	ck_assert_int_eq(abl_read_past_spread(store, "new", &f1, 1, &sd, &from, &err), 0);
	ck_assert_int_eq(abl_read_sharing(store, "new", keys, 3, hear_sharing, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "1 first;2 first;");
	abl_str_clear(&heard);
	abl_str_puts(&heard, "");
	ck_assert_int_eq(abl_read_sharing(store, "first", keys, 3, hear_sharing, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "");
	ck_assert_int_eq(abl_read_stored_trials(store, "new", hear_stored, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "");
	ck_assert_int_eq(abl_read_stored_trials(store, "first", hear_stored, NULL, &err), 0);
	ck_assert_ptr_nonnull(
		strstr(heard.text, "no x/rte/3 first/rte/no x/3/dev;no y/rte/1 -;no y/rte/2 -;"));
	abl_str_finish(&from);
}
END_TEST

static void hear_head(void *data, const struct abl_cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		abl_str_printf(&heard, "%s%s", cells[i].name, i + 1 < count ? "," : "\n");
}

static void hear_row(void *data, const struct abl_cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		switch (cells[i].type) {
		case ABL_CELL_NULL:
			abl_str_puts(&heard, "-;");
			break;
		case ABL_CELL_REAL:
			abl_str_printf(&heard, "%g;", cells[i].r);
			break;
		default:
			abl_str_printf(&heard, "%s;", cells[i].text);
		}
}

START_TEST(test_read__cells)
{
	const struct abl_listener ears = {.head = hear_head, .row = hear_row};

	ck_assert_int_eq(
		abl_read_sql(store, "SELECT 1 AS a, 2.5 AS b, 'c' AS c, NULL AS d", &ears, &err),
		0);
	ck_assert_str_eq(heard.text, "a,b,c,d\n1;2.5;c;-;");
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_read_sql(store, "SELECT name FROM study WHERE 0", &ears, &err), 0);
	ck_assert_str_eq(heard.text, "name\n");
	ck_assert_int_eq(abl_read_sql(store, "DROP TABLE trial", &ears, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, "the query returns no rows; start it with SELECT");
	for (int i = 0; i < ABL_LISTINGS; i++) {
		err = (struct abl_err){0};
		ck_assert_msg(!abl_read_listing(store, (enum abl_listing)i, study, &ears, &err),
			      "%d: %s", i, err.text);
	}
}
END_TEST

/* Begins and ends one attempt of the stage. */
static void attempt(const char *key, struct abl_stage_end how)
{
	const struct abl_attempt_row row = {.log = "logs/x", .threads = 1};
	int64_t number, id;

	ck_assert_int_eq(abl_store_stage_begin(store, key, &row, &number, &id, &err), 0);
	ck_assert_int_eq(abl_store_stage_end(store, key, number, &how, &err), 0);
}

static const char *measured(const char *key)
{
	const struct abl_listener ears = {.head = hear_head, .row = hear_row};
	struct abl_str sql = {0};

	abl_str_printf(&sql,
		       "SELECT cpu_seconds AS cpu, peak_memory AS memory, seconds FROM stage "
		       "WHERE key = '%s'",
		       key);
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_read_sql(store, sql.text, &ears, &err), 0);
	abl_str_finish(&sql);
	return heard.text;
}

/* A stage has what the attempts took whose work is in it: those that were paused before its end,
 * not one that failed. */
START_TEST(test_read__what_attempts_took)
{
	static const char *const keys[] = {"paused", "failed", "partly", "never"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		ck_assert_int_eq(abl_store_put_stage(
					 store,
					 &(struct abl_stage_row){.key = keys[i], .kind = "train"},
					 &err),
				 0);
	attempt("paused",
		(struct abl_stage_end){
			.state = ABL_WAITING, .seconds = 4, .cpu_seconds = 2, .peak_memory = 7});
	attempt("paused",
		(struct abl_stage_end){
			.state = ABL_DONE, .seconds = 5, .cpu_seconds = 3.5, .peak_memory = 6});
	ck_assert_str_eq(measured("paused"), "cpu,memory,seconds\n5.5;7;9;");
	attempt("failed",
		(struct abl_stage_end){
			.state = ABL_FAILED, .seconds = 4, .cpu_seconds = 2, .peak_memory = 7});
	attempt("failed",
		(struct abl_stage_end){
			.state = ABL_DONE, .seconds = 5, .cpu_seconds = 3.5, .peak_memory = 6});
	ck_assert_str_eq(measured("failed"), "cpu,memory,seconds\n3.5;6;5;");
	attempt("partly",
		(struct abl_stage_end){.state = ABL_WAITING, .seconds = 4}); /* lost sight of */
	attempt("partly",
		(struct abl_stage_end){
			.state = ABL_DONE, .seconds = 5, .cpu_seconds = 3.5, .peak_memory = 6});
	ck_assert_str_eq(measured("partly"), "cpu,memory,seconds\n-;-;9;");
	ck_assert_str_eq(measured("never"), "cpu,memory,seconds\n-;-;0;");
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("read");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_read__scores);
	tcase_add_test(c, test_read__options);
	tcase_add_test(c, test_read__rules);
	tcase_add_test(c, test_read__raised_by_rule);
	tcase_add_test(c, test_read__past_spread_of_units);
	tcase_add_test(c, test_read__the_past);
	tcase_add_test(c, test_read__cells);
	tcase_add_test(c, test_read__what_attempts_took);
	failed = run_case(c, "read");
	return abl_remove_tree(folder, &err) || failed;
}
