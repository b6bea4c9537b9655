/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include "sql.h"
#include "store.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-store-XXXXXX";
static char *path;         /* of this test's store */
static struct abl_err err; /* of the last call */

static void setup(void)
{
	path = abl_path_join(folder, "store");
	ck_assert_int_eq(abl_remove_tree(path, &err), 0);
}

static void teardown(void)
{
	free(path);
}

static struct abl_store *open_store(enum abl_store_mode mode)
{
	struct abl_store *s = NULL;

	ck_assert_msg(!abl_store_open(&s, path, mode, &err), "%s", err.text);
	return s;
}

/* The first value of the query, as text ("-" = NULL, "" = no row); the caller frees. */
static char *value_of(struct abl_store *s, const char *sql)
{
	struct abl_query *q;
	char *out = NULL;
	int code;

	ck_assert_msg(!abl_query_open(&q, abl_store_sql(s), sql, &err), "%s", err.text);
	code = abl_query_step(q, &err);
	ck_assert_msg(code >= 0, "%s", err.text);
	out = abl_strdup(!code ? "" : abl_query_text(q, 0) ? abl_query_text(q, 0) : "-");
	abl_query_close(q);
	return out;
}

#define assert_value(s, sql, expected)             \
	do {                                       \
		char *value = value_of(s, sql);    \
		ck_assert_str_eq(value, expected); \
		free(value);                       \
	} while (0)

/* Each call starts with an empty error; `fails` leaves it for a look at its text. */
#define fails(call, code)                     \
	do {                                  \
		err = (struct abl_err){0};    \
		ck_assert_int_eq(call, code); \
	} while (0)
#define ok(call)                                                            \
	do {                                                                \
		int code_;                                                  \
		err = (struct abl_err){0};                                  \
		code_ = (call);                                             \
		ck_assert_msg(!code_, "%s: %d %s", #call, code_, err.text); \
	} while (0)

/* A study of two variants, one task, `seeds` seeds; each trial has a fine-tuning and an evaluation,
 * and all share one vocabulary. Keys: "ft/<variant>/<seed>", "ev/<variant>/<seed>". */
static int64_t plan(struct abl_store *s, int seeds)
{
	static const struct abl_variant_row rows[] = {
		{.label = "baseline", .kind = ABL_VARIANT_BASELINE, .subject = "baseline"},
		{.label = "no segments",
		 .kind = ABL_VARIANT_REMOVAL,
		 .subject = "segments",
		 .position = 1},
	};
	const struct abl_value layers = {.type = ABL_INT, .i = 2},
			       rate = {.type = ABL_REAL, .r = 3e-4};
	int64_t study, variant, trial;
	struct abl_str key = {0}, parent = {0};

	ok(abl_store_begin(s, &err));
	ok(abl_store_put_study(s,
			       &(struct abl_study_row){.name = "first", .text = "study: first\n"},
			       &study, &err));
	ok(abl_store_put_task(s, study, &(struct abl_task_row){.name = "rte", .metric = "accuracy"},
			      &err));
	ok(abl_store_put_stage(s, &(struct abl_stage_row){.key = "vocab", .kind = "vocab"}, &err));
	for (int v = 0; v < 2; v++) {
		const struct abl_value segments = {.type = ABL_CHOICE,
						   .choice = v ? "none" : "learned"},
				       note = {.type = ABL_TEXT, .choice = "a\nb"};

		ok(abl_store_put_variant(s, study, &rows[v], &variant, &err));
		ok(abl_store_put_option(s, variant, NULL, "layers", &layers, &err));
		ok(abl_store_put_option(s, variant, NULL, "learning_rate", &rate, &err));
		ok(abl_store_put_option(s, variant, NULL, "segments", &segments, &err));
		ok(abl_store_put_option(s, variant, NULL, "note", &note, &err));
		for (int seed = 1; seed <= seeds; seed++) {
			ok(abl_store_put_trial(s, variant, "rte", seed, &trial, &err));
			ok(abl_store_link(s, trial, "vocab", "vocab", &err));
			for (int evaluate = 0; evaluate < 2; evaluate++) {
				abl_str_clear(&key), abl_str_clear(&parent);
				abl_str_printf(&key, "%s/%d/%d", evaluate ? "ev" : "ft", v, seed);
				abl_str_printf(&parent, "ft/%d/%d", v, seed);
				ok(abl_store_put_stage(
					s,
					&(struct abl_stage_row){
						.key = key.text,
						.kind = evaluate ? "evaluate" : "finetune",
						.seed = seed,
						.parent = evaluate ? parent.text : "vocab",
						.inputs =
							&(struct abl_stage_input){
								evaluate ? "parent" : "vocab",
								evaluate ? parent.text : "vocab"},
						.input_count = 1},
					&err));
				ok(abl_store_link(s, trial, key.text,
						  evaluate ? "evaluate" : "finetune", &err));
			}
		}
	}
	ok(abl_store_refresh_views(s, &err));
	ok(abl_store_commit(s, &err));
	abl_str_finish(&key), abl_str_finish(&parent);
	return study;
}

static int64_t begin(struct abl_store *s, const char *key)
{
	int64_t attempt, id;

	ok(abl_store_stage_begin(s, key, &(struct abl_attempt_row){.log = "logs/x", .threads = 1},
				 &attempt, &id, &err));
	return attempt;
}

static void finish(struct abl_store *s, const char *key, double accuracy)
{
	const struct abl_result results[] = {{"accuracy", accuracy}, {"examples", 277}};

	ok(abl_store_stage_end(s, key, begin(s, key),
			       &(struct abl_stage_end){.state = ABL_DONE,
						       .seconds = 2,
						       .results = results,
						       .result_count = accuracy > 0 ? 2 : 0,
						       .artifact = "artifacts/x"},
			       &err));
}

START_TEST(test_store__reading_creates_nothing)
{
	struct abl_store *s = NULL;

	fails(abl_store_open(&s, path, ABL_STORE_READ, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "no store at '"));
	ck_assert(strstr(err.text, "run a study first or give --store"));
	ck_assert(!abl_file_exists(path) && !abl_is_dir(path));
}
END_TEST

START_TEST(test_store__lifecycle_and_views)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE), *r;
	static const double accuracy[2][3] = {{.6, .7, .65}, {.5, .55, .6}};
	char key[32];

	plan(s, 3);
	assert_value(s, "SELECT group_concat(DISTINCT state) FROM trials", "waiting");
	finish(s, "vocab", 0);
	for (int v = 0; v < 2; v++)
		for (int seed = 1; seed <= 3; seed++) {
			snprintf(key, sizeof key, "ft/%d/%d", v, seed);
			finish(s, key, 0);
			snprintf(key, sizeof key, "ev/%d/%d", v, seed);
			finish(s, key, accuracy[v][seed - 1]);
		}
	r = open_store(ABL_STORE_READ); /* while the writer holds the lock */
	assert_value(r, "SELECT count(*) FROM trials WHERE state = 'done'", "6");
	assert_value(r, "SELECT accuracy FROM trials WHERE segments = 'none' AND seed = 2", "0.55");
	assert_value(r, "SELECT text_value || canonical FROM variant_option WHERE name = 'note'",
		     "a\nba\\nb");
	assert_value(r,
		     "SELECT round(mean, 9) FROM variants WHERE variant = 'baseline' AND metric = "
		     "'accuracy'",
		     "0.65");
	assert_value(r,
		     "SELECT round(sd, 9) FROM variants WHERE variant = 'baseline' AND metric = "
		     "'accuracy'",
		     "0.05");
	assert_value(r, "SELECT n FROM effects WHERE metric = 'accuracy'", "3");
	assert_value(r, "SELECT round(effect, 9) FROM effects WHERE metric = 'accuracy'", "-0.1");
	assert_value(r, "SELECT round(sd, 9) FROM effects WHERE metric = 'accuracy'", "0.05");
	assert_value(
		r, "SELECT group_concat(name) FROM pragma_table_info('trials')",
		"study,variant,task,seed,pretrain_seed,finetune_seed,state,seconds,cause,reason,"
		"trial,segments,"
		"accuracy,examples");
	assert_value(r,
		     "SELECT typeof(real_value) || ' ' || canonical FROM variant_option "
		     "WHERE name = 'learning_rate' LIMIT 1",
		     "real 3e-4");
	abl_store_close(r);
	abl_store_close(s);
}
END_TEST

START_TEST(test_store__planning_again_adds_only_what_is_missing)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);

	plan(s, 2);
	finish(s, "vocab", 0);
	finish(s, "ft/0/1", 0);
	plan(s, 4);
	assert_value(s, "SELECT count(*) FROM trials", "8");
	assert_value(s, "SELECT count(*) FROM stage", "17");
	assert_value(s, "SELECT count(*) FROM stage_input", "16");
	assert_value(s,
		     "SELECT group_concat(read) FROM (SELECT i.name || '=' || m.key AS read FROM "
		     "stage s "
		     "JOIN stage_input i ON i.stage_id = s.id JOIN stage m ON m.id = i.input_id "
		     "WHERE s.key IN ('ev/1/4', 'ft/1/4') ORDER BY 1)",
		     "parent=ft/1/4,vocab=vocab");
	assert_value(s,
		     "SELECT group_concat(key) FROM (SELECT key FROM stage WHERE state = 'done' "
		     "ORDER BY 1)",
		     "ft/0/1,vocab");
	plan(s, 1); /* trials that are no longer asked for leave the views, their stages stay */
	assert_value(s, "SELECT count(*) FROM trials", "2");
	assert_value(s, "SELECT count(*) FROM stage", "17");
	assert_value(s, "SELECT count(*) FROM study", "1");
	abl_store_close(s);
}
END_TEST

START_TEST(test_store__fence)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	const struct abl_stage_end done = {
		.state = ABL_DONE, .results = &(struct abl_result){"loss", 1}, .result_count = 1};
	struct abl_stage_info info;
	int64_t attempt, id;

	plan(s, 1);
	ck_assert_int_eq(begin(s, "vocab"), 1);
	ck_assert_int_eq(begin(s, "vocab"), 2); /* the first is overtaken */
	fails(abl_store_stage_end(s, "vocab", 1, &done, &err), 1);
	assert_value(s, "SELECT count(*) FROM result", "0");
	ok(abl_store_stage_end(s, "vocab", 2, &done, &err));
	fails(abl_store_stage_end(s, "vocab", 2, &done, &err), 1); /* at most once */
	fails(abl_store_stage_begin(s, "vocab", &(struct abl_attempt_row){0}, &attempt, &id, &err),
	      ABL_EFAIL);
	fails(abl_store_stage(s, "nowhere", &info, &err), 0);
	fails(abl_store_stage(s, "vocab", &info, &err), 1);
	ck_assert_int_eq(info.state, ABL_DONE);
	ck_assert_int_eq(info.attempt, 2);
	abl_stage_info_finish(&info);
	abl_store_close(s);
}
END_TEST

START_TEST(test_store__failures_and_pauses)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	const char *reason = "diverged at step 180 (loss nan)";

	plan(s, 1);
	finish(s, "vocab", 0);
	ok(abl_store_stage_end(s, "ft/0/1", begin(s, "ft/0/1"),
			       &(struct abl_stage_end){.state = ABL_FAILED,
						       .reason = reason,
						       .cause = ABL_CAUSE_DIVERGED,
						       .exit_code = 1,
						       .seconds = 3},
			       &err));
	assert_value(s, "SELECT state || '|' || reason FROM trials WHERE variant = 'baseline'",
		     "failed|diverged at step 180 (loss nan)");
	assert_value(s, "SELECT log || ' ' || cause FROM failures", "logs/x diverged");
	assert_value(s, "SELECT cause FROM attempt WHERE state = 'failed'", "diverged");
	assert_value(s, "SELECT diverged FROM trial_states WHERE variant = 'baseline'", "1");
	ok(abl_store_stage_end(
		s, "ft/1/1", begin(s, "ft/1/1"),
		&(struct abl_stage_end){.state = ABL_WAITING, .reason = "paused", .seconds = 5},
		&err));
	ok(abl_store_stage_end(s, "ft/1/1", begin(s, "ft/1/1"),
			       &(struct abl_stage_end){.state = ABL_DONE, .seconds = 2}, &err));
	assert_value(s, "SELECT seconds FROM stage WHERE key = 'ft/1/1'",
		     "7.0");                     /* of both halves */
	ck_assert_int_eq(begin(s, "ft/0/1"), 2); /* a failed stage may be tried again */
	assert_value(s, "SELECT count(*) FROM failures", "0");
	assert_value(s, "SELECT count(*) FROM stage WHERE cause IS NOT NULL", "0");
	abl_store_close(s);
}
END_TEST

START_TEST(test_store__metrics)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	const struct abl_metric points[] = {
		{1, "loss", 2.5},      {2, "loss", NAN}, {2, "loss", 1.5},
		{3, "loss", INFINITY}, {4, "loss", NAN},
	};
	int64_t attempt;

	plan(s, 1);
	attempt = begin(s, "ft/0/1");
	ok(abl_store_stage_metrics(s, "ft/0/1", attempt, points, 5, &err));
	assert_value(s, "SELECT count(*) FROM metric", "4");
	assert_value(s, "SELECT value FROM metric WHERE step = 2", "1.5");
	assert_value(s, "SELECT value FROM metric WHERE step = 3", "Inf");
	assert_value(s, "SELECT value FROM metric WHERE step = 4", "-");
	abl_store_close(s);
}
END_TEST

/* Runs fn in a child that then dies without closing anything. */
static int killed_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		fn();
		_exit(7);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void work_and_die(void)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);

	plan(s, 1);
	finish(s, "vocab", 0);
	begin(s, "ft/0/1");
}

START_TEST(test_store__resumes_after_a_crash)
{
	struct abl_store *s;

	ck_assert_int_eq(killed_child(work_and_die), 7);
	s = open_store(ABL_STORE_WRITE);
	assert_value(s, "SELECT state FROM stage WHERE key = 'vocab'", "done");
	assert_value(s, "SELECT state FROM stage WHERE key = 'ft/0/1'", "waiting");
	assert_value(s,
		     "SELECT state || ' ' || substr(reason, 1, 11) || ' ' || cause FROM attempt "
		     "WHERE number = 1 "
		     "AND stage_id = "
		     "(SELECT id FROM stage WHERE key = 'ft/0/1')",
		     "waiting interrupted killed");
	ck_assert_int_eq(begin(s, "ft/0/1"), 2);
	abl_store_close(s);
}
END_TEST

static void change(struct abl_store *s, const char *sql)
{
	struct abl_query *q;

	ok(abl_query_open(&q, abl_store_sql(s), sql, &err));
	fails(abl_query_step(q, &err), 0);
	abl_query_close(q);
}

static void make_newer_store(void)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);

	change(s, "PRAGMA user_version = 99");
	abl_store_close(s);
}

START_TEST(test_store__refuses_what_it_does_not_know)
{
	struct abl_store *s = NULL;
	char *file = abl_path_join(path, "results.db");

	make_newer_store();
	for (int mode = ABL_STORE_READ; mode <= ABL_STORE_WRITE; mode++) {
		fails(abl_store_open(&s, path, (enum abl_store_mode)mode, &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, "schema version 99"), "%s", err.text);
		ck_assert_int_eq(abl_file_write(file, "this is no database, is it? no.", 31, &err),
				 0);
		fails(abl_store_open(&s, path, (enum abl_store_mode)mode, &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, "damaged or not a results database"), "%s",
			      err.text);
		ok(abl_remove_tree(path, &err));
		make_newer_store();
	}
	free(file);
}
END_TEST

START_TEST(test_store__queries)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	struct abl_query *q = NULL;
	int64_t id;

	plan(s, 1);
	abl_store_close(s);
	s = open_store(ABL_STORE_READ);
	fails(abl_query_open(&q, abl_store_sql(s), "SELEC 1", &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "near \"SELEC\": syntax error"));
	fails(abl_query_open(&q, abl_store_sql(s), "SELECT 1; SELECT 2", &err), ABL_EINPUT);
	fails(abl_query_open(&q, abl_store_sql(s), "  ", &err), ABL_EINPUT);
	fails(abl_query_open(&q, abl_store_sql(s), "DELETE FROM study", &err), 0);
	fails(abl_query_step(q, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "readonly"), "%s", err.text);
	abl_query_close(q);
	ok(abl_store_find_study(s, "first", &id, &err));
	fails(abl_store_find_study(s, "frist", &id, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "did you mean 'first'?"));
	abl_store_close(s);
}
END_TEST

START_TEST(test_store__provenance)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	char words[4][16] = {"ablate", "run", "my study.yaml", "it's"};
	char *argv[] = {words[0], words[1], words[2], words[3], NULL};
	struct abl_provenance p;
	int64_t run;

	abl_provenance_gather(&p);
	ck_assert(p.cores > 0 && *p.compiler && *p.cpu && *p.host);
	ok(abl_store_run_begin(s, plan(s, 1), &p, 4, argv, &run, &err));
	assert_value(s, "SELECT argv FROM run", "ablate run 'my study.yaml' 'it'\\''s'");
	assert_value(s, "SELECT text FROM run", "study: first\n");
	ok(abl_store_run_end(s, run, 3, &err));
	assert_value(s, "SELECT exit_code FROM run WHERE ended >= started", "3");
	ok(abl_store_sync(s, true, &err));
	abl_store_close(s);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("store");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_store__reading_creates_nothing);
	tcase_add_test(c, test_store__lifecycle_and_views);
	tcase_add_test(c, test_store__planning_again_adds_only_what_is_missing);
	tcase_add_test(c, test_store__fence);
	tcase_add_test(c, test_store__failures_and_pauses);
	tcase_add_test(c, test_store__metrics);
	tcase_add_test(c, test_store__resumes_after_a_crash);
	tcase_add_test(c, test_store__refuses_what_it_does_not_know);
	tcase_add_test(c, test_store__queries);
	tcase_add_test(c, test_store__provenance);
	failed = run_case(c, "store");
	return abl_remove_tree(folder, &err) || failed;
}
