/* SPDX-License-Identifier: Apache-2.0 */
/* test_power_cuts.c - the store under power cuts (support/power_vfs.h), with a log and, as on a
 * network file system, without; and upgrades that are killed, and cut, at every write. With
 * ABLATE_SLOW: 2,000 cuts. */
#include "files.h"
#include "power_vfs.h"
#include "sql.h"
#include "store.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <zlib.h>

enum { STAGES = 6 };

static char folder[] = "/tmp/ablate-power-XXXXXX";
static char *path, *file, *first; /* this test's store, its database, and what it begins as */
static struct abl_err err;
static bool network;

/* In place of the system's: what the store lies on is ours to say. */
int statfs(const char *of, struct statfs *out)
{
	(void)of;
	*out = (struct statfs){.f_type = network ? 0x6969 : 0xef53};
	return 0;
}

static void ok(int rc)
{
	ck_assert_msg(!rc, "%s", err.text);
}

static struct abl_store *open_store(enum abl_store_mode mode)
{
	struct abl_store *s = NULL;

	err = (struct abl_err){0};
	ok(abl_store_open(&s, path, mode, &err));
	return s;
}

static int64_t number(struct abl_store *s, const char *sql)
{
	struct abl_query *q;
	int64_t n;

	ok(abl_query_open(&q, abl_store_sql(s), sql, &err));
	ck_assert_msg(abl_query_step(q, &err) == 1, "%s: %s", sql, err.text);
	n = abl_query_int(q, 0);
	abl_query_close(q);
	return n;
}

static void assert_whole(struct abl_store *s)
{
	struct abl_query *q;

	ok(abl_query_open(&q, abl_store_sql(s), "PRAGMA integrity_check", &err));
	ck_assert_int_eq(abl_query_step(q, &err), 1);
	ck_assert_str_eq(abl_query_text(q, 0), "ok");
	abl_query_close(q);
}

enum { KEY_ROOM = 24 };

static const char *key_of(int i, char out[KEY_ROOM])
{
	snprintf(out, KEY_ROOM, "stage-%d", i);
	return out;
}

static void make_first(void)
{
	struct abl_store *s;
	char key[KEY_ROOM];

	ok(abl_remove_tree(path, &err));
	s = open_store(ABL_STORE_WRITE);
	for (int i = 0; i < STAGES; i++)
		ok(abl_store_put_stage(
			s, &(struct abl_stage_row){.key = key_of(i, key), .kind = "finetune"},
			&err));
	abl_store_close(s);
	power_return(POWER_KILL, 0);
}

static void begin_with(const char *database)
{
	struct abl_str bytes = {0};

	ok(abl_remove_tree(path, &err));
	ok(abl_mkdir_all(path, &err));
	ok(abl_file_read(database, &bytes, SIZE_MAX / 2, &err));
	ok(abl_file_write(file, bytes.text, bytes.length, &err));
	abl_str_finish(&bytes);
}

static int do_stage(struct abl_store *s, int i)
{
	const struct abl_attempt_row row = {.log = "logs/x", .threads = 1};
	const struct abl_metric points[] = {{1, "loss", .5}, {2, "loss", .25}};
	const struct abl_result result = {"accuracy", .5};
	const struct abl_stage_end end = {.state = ABL_DONE, .results = &result, .result_count = 1};
	int64_t number, id;
	char key[KEY_ROOM];
	int rc = abl_store_stage_begin(s, key_of(i, key), &row, &number, &id, &err);

	rc = rc ? rc : abl_store_stage_metrics(s, key, number, points, 2, &err);
	rc = rc ? rc : abl_store_stage_end(s, key, number, &end, &err);
	return rc ? rc : abl_store_sync(s, true, &err);
}

/* How many stages were acknowledged before the power went. */
static int work(void)
{
	struct abl_store *s = NULL;
	int done = 0;
	int rc = abl_store_open(&s, path, ABL_STORE_WRITE, &err);

	rc = rc ? rc : abl_store_take_turns(s, true, &err);
	while (!rc && done < STAGES && !(rc = do_stage(s, done)))
		done++;
	abl_store_close(s);
	err = (struct abl_err){0};
	return done;
}

static void look(int acknowledged)
{
	struct abl_store *s = open_store(ABL_STORE_READ);

	assert_whole(s);
	ck_assert_int_ge(number(s, "SELECT count(*) FROM stage WHERE state = 'done'"),
			 acknowledged);
	ck_assert_int_eq(number(s, "SELECT count(*) FROM stage WHERE state = 'done' AND id NOT IN "
				   "(SELECT stage_id FROM result)"),
			 0);
	ck_assert_int_eq(number(s, "SELECT count(*) FROM result WHERE stage_id NOT IN "
				   "(SELECT id FROM stage WHERE state = 'done')"),
			 0);
	abl_store_close(s);
	s = open_store(ABL_STORE_WRITE);
	assert_whole(s);
	ck_assert_int_ge(number(s, "SELECT count(*) FROM stage WHERE state = 'done'"),
			 acknowledged);
	abl_store_close(s);
	power_return(POWER_KILL, 0);
}

static void cut_often(int cuts)
{
	int64_t all;
	int acknowledged = 0;

	begin_with(first);
	power_plan(0);
	ck_assert_int_eq(work(), STAGES);
	all = power_operations();
	ck_assert_int_gt(all, 5 * STAGES);
	power_return(POWER_KILL, 0);
	for (int i = 0; i < cuts; i++) {
		int before;

		begin_with(first);
		power_plan(1 + i * all / cuts); /* anywhere */
		before = work();
		ck_assert(power_is_off());
		power_return(POWER_CUT, (uint64_t)i);
		look(before);
		acknowledged += before;
	}
	ck_assert_int_ge(acknowledged, cuts);
}

static int cuts(void)
{
	return getenv("ABLATE_SLOW") ? 1000 : 12;
}

START_TEST(test_cuts__cuts_lose_nothing_acknowledged)
{
	network = _i;
	make_first();
	first = abl_path_join(folder, "first.db");
	ck_assert_int_eq(rename(file, first), 0);
	cut_often(cuts());
	free(first);
}
END_TEST

/* ---- upgrades ---- */

static char *old; /* a database of version 2 */

static void unpack_old(void)
{
	static char text[1 << 20];
	char *packed =
		abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/store/before-0.1.db.gz");
	gzFile in = gzopen(packed, "rb");
	int n = in ? gzread(in, text, sizeof text) : -1;

	ck_assert_int_gt(n, 0);
	gzclose(in);
	old = abl_path_join(folder, "old.db");
	ok(abl_file_write(old, text, (size_t)n, &err));
	free(packed);
}

/* The version as the file has it, whoever looks. */
static int64_t raw_version(void)
{
	struct abl_sql *sql;
	int64_t version = 0;

	ok(abl_sql_open(&sql, file, true, file, &err));
	ck_assert_int_eq(abl_sql_get(sql, &version, &err,
				     "SELECT user_version FROM pragma_user_version", ""),
			 1);
	abl_sql_close(sql);
	return version;
}

static void look_at_upgraded(void)
{
	struct abl_store *s = open_store(ABL_STORE_READ);
	const int64_t now = number(s, "PRAGMA user_version");
	char *backup = abl_path_join(path, "results.db.version-2");
	int64_t version;

	ck_assert_int_eq(number(s, "SELECT count(*) FROM trials WHERE state = 'done'"), 20);
	abl_store_close(s);
	version = raw_version();
	ck_assert(version == 2 || version == now);
	ck_assert(version == 2 || abl_file_exists(backup));
	s = open_store(ABL_STORE_WRITE);
	assert_whole(s);
	ck_assert_int_eq(number(s, "PRAGMA user_version"), now);
	ck_assert_int_eq(number(s, "SELECT count(*) FROM trials WHERE state = 'done'"), 20);
	ck_assert(abl_file_exists(backup));
	abl_store_close(s);
	power_return(POWER_KILL, 0);
	free(backup);
}

static int64_t upgrade_until(int64_t at)
{
	struct abl_store *s = NULL;
	int64_t operations;

	begin_with(old);
	power_plan(at);
	if (!abl_store_open(&s, path, ABL_STORE_WRITE, &err))
		abl_store_close(s);
	operations = power_operations();
	err = (struct abl_err){0};
	return operations;
}

START_TEST(test_cuts__an_upgrade_that_ends_anywhere_leaves_the_old_or_the_new)
{
	int64_t all;
	int stepwise = getenv("ABLATE_SLOW") ? 1 : 53;

	network = _i;
	unpack_old();
	all = upgrade_until(0);
	ck_assert_int_gt(all, 20);
	power_return(POWER_KILL, 0);
	for (int64_t at = 1; at <= all; at += stepwise)
		for (int loss = POWER_KILL; loss <= POWER_CUT; loss++) {
			upgrade_until(at);
			power_return((enum power_loss)loss, (uint64_t)at);
			look_at_upgraded();
		}
	free(old);
}
END_TEST

START_TEST(test_cuts__without_room_for_the_backup_nothing_is_upgraded)
{
	char *part = abl_path_join(path, "results.db.version-2.part");
	struct abl_store *s = NULL;

	network = _i;
	unpack_old();
	begin_with(old);
	power_fill(true);
	ck_assert_int_eq(abl_store_open(&s, path, ABL_STORE_WRITE, &err), ABL_EFULL);
	power_fill(false);
	ck_assert_msg(strstr(err.text, "cannot back up before the upgrade: there is no room"), "%s",
		      err.text);
	err = (struct abl_err){0};
	ck_assert(!abl_file_exists(part));
	ck_assert_int_eq(raw_version(), 2);
	power_return(POWER_KILL, 0);
	upgrade_until(0);
	ck_assert_int_ne(raw_version(), 2);
	power_return(POWER_KILL, 0);
	free(part), free(old);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("power_cuts");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	path = abl_path_join(folder, "store");
	file = abl_path_join(path, "results.db");
	power_init();
	tcase_add_loop_test(c, test_cuts__cuts_lose_nothing_acknowledged, 0, 2);
	tcase_add_loop_test(c, test_cuts__an_upgrade_that_ends_anywhere_leaves_the_old_or_the_new,
			    0, 2);
	tcase_add_loop_test(c, test_cuts__without_room_for_the_backup_nothing_is_upgraded, 0, 2);
	failed = run_case(c, "power_cuts");
	free(path), free(file);
	return abl_remove_tree(folder, &err) || failed;
}
