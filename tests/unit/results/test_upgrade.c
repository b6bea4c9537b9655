/* SPDX-License-Identifier: Apache-2.0 */
/* test_upgrade.c - stores of earlier programs: read as they are, written after an upgrade. The one
 * in tests/reference/store has schema version 2. */
#include "files.h"
#include "sql.h"
#include "store.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char folder[] = "/tmp/ablate-upgrade-XXXXXX";
static char *path, *file;  /* of this test's store, and its database */
static struct abl_err err; /* of the last call */

static void unpack(const char *packed, const char *to)
{
	static char text[1 << 20];
	gzFile in = gzopen(packed, "rb");
	int n = in ? gzread(in, text, sizeof text) : -1;

	ck_assert_msg(n > 0 && n < (int)sizeof text, "%s", packed);
	gzclose(in);
	ck_assert_msg(!abl_file_write(to, text, (size_t)n, &err), "%s", err.text);
}

static void setup(void)
{
	char *packed =
		abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/store/before-0.1.db.gz");

	path = abl_path_join(folder, "store");
	file = abl_path_join(path, "results.db");
	ck_assert_int_eq(abl_remove_tree(path, &err), 0);
	ck_assert_int_eq(abl_mkdir_all(path, &err), 0);
	unpack(packed, file);
	free(packed);
}

static void teardown(void)
{
	free(path), free(file);
}

static struct abl_store *open_store(enum abl_store_mode mode)
{
	struct abl_store *s = NULL;

	ck_assert_msg(!abl_store_open(&s, path, mode, &err), "%s", err.text);
	return s;
}

static void assert_value(struct abl_store *s, const char *sql, const char *expected)
{
	struct abl_query *q;

	ck_assert_msg(!abl_query_open(&q, abl_store_sql(s), sql, &err), "%s", err.text);
	ck_assert_msg(abl_query_step(q, &err) == 1, "%s: %s", sql, err.text);
	ck_assert_str_eq(abl_query_text(q, 0) ? abl_query_text(q, 0) : "-", expected);
	abl_query_close(q);
}

static void change(struct abl_store *s, const char *sql)
{
	struct abl_query *q;

	ck_assert_msg(!abl_query_open(&q, abl_store_sql(s), sql, &err), "%s", err.text);
	ck_assert_msg(!abl_query_step(q, &err), "%s: %s", sql, err.text);
	abl_query_close(q);
}

/* What its program saw in it. */
static void look(struct abl_store *s)
{
	assert_value(s, "PRAGMA user_version", "8");
	assert_value(s, "SELECT count(*) FROM trials WHERE state = 'done'", "20");
	assert_value(s,
		     "SELECT round(effect, 9) FROM effects WHERE variant = 'too fast' AND "
		     "task = 'sentiment' AND metric = 'accuracy'",
		     "0.036");
}

static char *whole(const char *name, size_t *length)
{
	struct abl_str text = {0};

	ck_assert_msg(!abl_file_read(name, &text, 1 << 24, &err), "%s", err.text);
	*length = text.length;
	return text.text;
}

START_TEST(test_upgrade__reading_changes_nothing)
{
	size_t before_length, after_length;
	char *before = whole(file, &before_length), *after;
	struct abl_store *s = open_store(ABL_STORE_READ);
	struct abl_query *q;

	look(s);
	ck_assert_int_eq(abl_query_open(&q, abl_store_sql(s), "DELETE FROM study", &err), 0);
	ck_assert_int_eq(abl_query_step(q, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "readonly"), "%s", err.text);
	abl_query_close(q);
	abl_store_close(s);
	after = whole(file, &after_length);
	ck_assert_uint_eq(before_length, after_length);
	ck_assert(!memcmp(before, after, before_length));
	free(before), free(after);
}
END_TEST

START_TEST(test_upgrade__writing_backs_up_first)
{
	char *saved = abl_path_join(path, "results.db.version-2");
	struct abl_store *s = NULL;
	size_t length;
	char *text;

	/* what an upgrade that was killed has left must not stop the next one */
	ck_assert_int_eq(abl_file_write(saved, "half", 4, &err), 0);
	s = open_store(ABL_STORE_WRITE);
	look(s);
	abl_store_close(s);
	text = whole(saved, &length);
	ck_assert_uint_gt(length, 4096);
	free(text);
	s = open_store(ABL_STORE_READ);
	look(s);
	abl_store_close(s);
	free(saved);
}
END_TEST

/* Takes the database back to version 2, with attempts that ended as `ends` says. */
static void take_back(void)
{
	static const char *const back[] = {
		"DROP VIEW trials",
		"DROP VIEW effects",
		"DROP VIEW variants",
		"DROP VIEW failures",
		"DROP VIEW pretrainings",
		"DROP VIEW predictions",
		"DROP VIEW trial_metrics",
		"DROP VIEW trial_states",
		"DROP INDEX attempt_of_worker",
		"ALTER TABLE attempt DROP COLUMN worker",
		"DROP TABLE worker",
		"DROP TABLE study_origin",
		"DROP TABLE study_pause",
		"DROP TABLE rerun",
		"DROP INDEX trial_of_study",
		"ALTER TABLE attempt DROP COLUMN expected_seconds",
		"ALTER TABLE attempt DROP COLUMN expected_cpu",
		"ALTER TABLE attempt DROP COLUMN expected_memory",
		"ALTER TABLE run DROP COLUMN workers",
		"ALTER TABLE run DROP COLUMN threads",
		"ALTER TABLE run DROP COLUMN expected_seconds",
		"ALTER TABLE run DROP COLUMN expected_cpu",
		"ALTER TABLE run DROP COLUMN seconds",
		"ALTER TABLE run DROP COLUMN cpu_seconds",
		"ALTER TABLE stage DROP COLUMN sum",
		"ALTER TABLE stage DROP COLUMN curve_sum",
		"ALTER TABLE stage DROP COLUMN dropped",
		"ALTER TABLE stage DROP COLUMN rated",
		"ALTER TABLE stage DROP COLUMN bytes",
		"ALTER TABLE stage DROP COLUMN forgiven",
		"DROP TABLE tuning_stage",
		"DROP TABLE study_rule",
		"DROP TABLE variant_change",
		"ALTER TABLE attempt DROP COLUMN cpu_seconds",
		"ALTER TABLE attempt DROP COLUMN peak_memory",
		"ALTER TABLE stage DROP COLUMN cpu_seconds",
		"ALTER TABLE stage DROP COLUMN peak_memory",
		"ALTER TABLE run DROP COLUMN environment",
		"ALTER TABLE run DROP COLUMN environment_hash",
		"ALTER TABLE stage DROP COLUMN same_as",
		"ALTER TABLE stage DROP COLUMN code",
		"ALTER TABLE stage DROP COLUMN seal",
		"ALTER TABLE stage DROP COLUMN lost",
		"DROP TABLE stage_input",
		"ALTER TABLE attempt DROP COLUMN cause",
		"ALTER TABLE stage DROP COLUMN cause",
		"PRAGMA user_version = 2",
	};
	struct abl_store *s = open_store(ABL_STORE_WRITE);

	for (size_t i = 0; i < sizeof back / sizeof *back; i++)
		change(s, back[i]);
	abl_store_close(s);
}

extern const char abl_file_schema_3_sql[], abl_file_schema_4_sql[], abl_file_schema_5_sql[],
	abl_file_schema_6_sql[], abl_file_schema_7_sql[];

/* Every version that a program was released with: the old store, brought so far by its steps. */
START_TEST(test_upgrade__every_released_version_opens)
{
	static const char *const released[] = {abl_file_schema_3_sql, abl_file_schema_4_sql,
					       abl_file_schema_5_sql, abl_file_schema_6_sql,
					       abl_file_schema_7_sql};
	char pragma[64], backup[64], *saved;
	struct abl_store *s;
	struct abl_sql *sql;

	ck_assert_int_eq(abl_sql_open(&sql, file, true, file, &err), 0);
	for (int i = 0; i <= _i; i++)
		ck_assert_msg(!abl_sql_script(sql, released[i], &err), "%s", err.text);
	snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", 3 + _i);
	ck_assert_int_eq(abl_sql_script(sql, pragma, &err), 0);
	abl_sql_close(sql);
	s = open_store(ABL_STORE_READ);
	look(s);
	abl_store_close(s);
	s = open_store(ABL_STORE_WRITE);
	look(s);
	abl_store_close(s);
	snprintf(backup, sizeof backup, "results.db.version-%d", 3 + _i);
	saved = abl_path_join(path, backup);
	ck_assert(abl_file_exists(saved));
	free(saved);
}
END_TEST

/* A stage that ended so, in the words of the program before there were causes. */
static const struct {
	const char *key, *reason;
	enum abl_state state;
	int signal;
	const char *cause;
} ends[] = {
	{"a", "diverged at step 180 (loss nan)", ABL_FAILED, 0, "diverged"},
	{"b", "timed out after 3 min", ABL_TIMED_OUT, 15, "time"},
	{"c", "killed by signal 9 (Killed)", ABL_FAILED, 9, "killed"},
	{"d", "killed by signal 11 (Segmentation fault)", ABL_FAILED, 11, "crash"},
	{"e", "ended without a result", ABL_FAILED, 0, "crash"},
	{"f", "cannot start 'x' with log 'y': no", ABL_FAILED, 0, "not started"},
	{"g", "out of memory: cannot reserve 3 MiB", ABL_FAILED, 0, "memory"},
	{"h", "rte.tsv:3: no label", ABL_FAILED, 0, "-"},
	{"i", "paused", ABL_WAITING, 0, "-"},
};
enum { ENDS = sizeof ends / sizeof *ends };

START_TEST(test_upgrade__causes_are_read_from_the_prose)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	struct abl_str sql = {0};

	for (int i = 0; i < ENDS; i++) {
		const struct abl_stage_row row = {.key = ends[i].key, .kind = "finetune"};
		const struct abl_attempt_row attempt = {.log = "logs/x", .threads = 1};
		const struct abl_stage_end end = {
			.state = ends[i].state, .reason = ends[i].reason, .signal = ends[i].signal};
		int64_t number, id;

		ck_assert_int_eq(abl_store_put_stage(s, &row, &err), 0);
		ck_assert_int_eq(abl_store_stage_begin(s, row.key, &attempt, &number, &id, &err),
				 0);
		ck_assert_int_eq(abl_store_stage_end(s, row.key, number, &end, &err), 0);
	}
	abl_store_close(s);
	take_back();
	s = open_store(ABL_STORE_READ);
	for (int i = 0; i < ENDS; i++) {
		struct abl_stage_info info;

		abl_str_clear(&sql);
		abl_str_printf(&sql,
			       "SELECT a.cause FROM attempt a JOIN stage s ON s.id = a.stage_id "
			       "WHERE s.key = '%s'",
			       ends[i].key);
		assert_value(s, sql.text, ends[i].cause);
		ck_assert_int_eq(abl_store_stage(s, ends[i].key, &info, &err), 1);
		ck_assert_int_eq(info.cause, abl_cause_find(ends[i].cause));
		abl_stage_info_finish(&info);
	}
	look(s);
	abl_store_close(s);
	abl_str_finish(&sql);
}
END_TEST

/* As a disk changes a bit. Those of earlier programs have no hash. */
START_TEST(test_upgrade__numbers_that_change_are_noticed)
{
	static const char *const changes[] = {
		"UPDATE result SET value = 0.50000000000000011 WHERE name = 'new'",
		"UPDATE result SET value = 0.5, name = 'nev' WHERE name = 'new'",
		"DELETE FROM result WHERE name = 'nev'",
	};
	const struct abl_result result = {"new", .5};
	const struct abl_metric point = {.step = 1, .name = "loss", .value = .25};
	const struct abl_stage_row row = {.key = "summed", .kind = "finetune"};
	const struct abl_stage_end end = {.state = ABL_DONE,
					  .results = &result,
					  .result_count = 1,
					  .metrics = &point,
					  .metric_count = 1};
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	int64_t number, id;

	ck_assert_int_eq(abl_store_put_stage(s, &row, &err), 0);
	ck_assert_int_eq(abl_store_stage_begin(s, row.key,
					       &(struct abl_attempt_row){.log = "x", .threads = 1},
					       &number, &id, &err),
			 0);
	ck_assert_int_eq(abl_store_stage_end(s, row.key, number, &end, &err), 0);
	ck_assert_msg(!abl_store_sum_check(s, 0, true, &err), "%s", err.text);
	change(s, "UPDATE metric SET value = 0.26 WHERE stage_id = (SELECT id FROM stage WHERE key "
		  "= 'summed')");
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_store_sum_check(s, 0, true, &err), ABL_EDAMAGED);
	ck_assert_msg(
		strstr(err.text, "results.db' is damaged: the curves of stage summed are not"),
		"%s", err.text);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		change(s, changes[i]);
		ck_assert_int_eq(abl_store_sum_check(s, 0, false, &err), ABL_EDAMAGED);
	}
	err = (struct abl_err){0};
	abl_store_close(s);
}
END_TEST

#define VIEW_TEXT "SELECT sql FROM sqlite_schema WHERE name = 'effects'"

/* A store of this version whose views another build of it has made. */
START_TEST(test_upgrade__views_are_remade_where_their_text_differs)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	struct abl_query *q;
	char *log = abl_path_join(path, "results.db-wal"), *text;
	struct stat before, after;

	ck_assert_int_eq(abl_query_open(&q, abl_store_sql(s), VIEW_TEXT, &err), 0);
	ck_assert_int_eq(abl_query_step(q, &err), 1);
	text = abl_strdup(abl_query_text(q, 0));
	abl_query_close(q);
	change(s, "DROP VIEW effects");
	change(s, "CREATE VIEW effects AS SELECT 'none' AS study");
	abl_store_close(s);
	s = open_store(ABL_STORE_READ);
	look(s);
	abl_store_close(s);
	s = open_store(ABL_STORE_WRITE);
	look(s);
	assert_value(s, VIEW_TEXT, text);
	ck_assert_int_eq(stat(log, &before), 0);
	ck_assert_int_eq(abl_store_refresh_views(s, &err), 0);
	ck_assert_int_eq(stat(log, &after), 0);
	ck_assert_int_eq(before.st_size, after.st_size); /* nothing to do, nothing written */
	ck_assert(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	abl_store_close(s);
	free(text), free(log);
}
END_TEST

#define TRIALS_TEXT "SELECT sql FROM sqlite_schema WHERE name = 'trials'"

/* The wide view carries a hash of itself; one damaged is not read by. */
START_TEST(test_upgrade__a_changed_wide_view_is_made_anew)
{
	static const char *const changes[] = {"'t.seconds', 't.seed'",
					      "'FROM trial_states', 'from trial_states'",
					      "'t.state', 't.stage'"};
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	struct abl_str sql = {0}, whole = {0};
	struct abl_query *q;

	ck_assert_int_eq(abl_query_open(&q, abl_store_sql(s), TRIALS_TEXT, &err), 0);
	ck_assert_int_eq(abl_query_step(q, &err), 1);
	abl_str_puts(&whole, abl_query_text(q, 0));
	abl_query_close(q);
	abl_store_close(s);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		s = open_store(ABL_STORE_WRITE);
		change(s, "PRAGMA writable_schema = ON");
		abl_str_clear(&sql);
		abl_str_printf(
			&sql,
			"UPDATE sqlite_schema SET sql = replace(sql, %s) WHERE name = 'trials'",
			changes[i]);
		change(s, sql.text);
		abl_store_close(s);
		s = open_store(ABL_STORE_READ);
		assert_value(s, TRIALS_TEXT, whole.text);
		look(s);
		abl_store_close(s);
		s = open_store(ABL_STORE_WRITE);
		assert_value(s, TRIALS_TEXT, whole.text);
		abl_store_close(s);
	}
	abl_str_finish(&sql), abl_str_finish(&whole);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("upgrade");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_upgrade__reading_changes_nothing);
	tcase_add_test(c, test_upgrade__writing_backs_up_first);
	tcase_add_test(c, test_upgrade__causes_are_read_from_the_prose);
	tcase_add_test(c, test_upgrade__numbers_that_change_are_noticed);
	tcase_add_test(c, test_upgrade__views_are_remade_where_their_text_differs);
	tcase_add_test(c, test_upgrade__a_changed_wide_view_is_made_anew);
	tcase_add_loop_test(c, test_upgrade__every_released_version_opens, 0, 5);
	failed = run_case(c, "upgrade");
	return abl_remove_tree(folder, &err) || failed;
}
