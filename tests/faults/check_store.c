/* SPDX-License-Identifier: Apache-2.0 */
/* check_store.c - says what a store has lost, has twice or has wrong. It knows nothing of the
 * program: it reads the database with SQLite, the files of the artefacts, and two records of what
 * should be there.
 *
 * usage: check_store STORE CALM [ACKS]
 *
 * CALM is a store of the same studies that nothing has disturbed. ACKS has a line "KEY ATTEMPT" for
 * each stage that the program once said was done. The last line printed counts, by kind:
 *
 *	stages 402, acknowledged 390, attempts 455, lost 0, doubled 0, wrong 0
 *
 * lost: said to be done, or done in CALM, and not done; doubled: done by two attempts, or again
 * after it was said to be done; wrong: numbers, curves, files, times or states that cannot be. */
#include "files.h"
#include "str.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOLD_MOST = 20, KEY_MOST = 100 };

struct count {
	const char *kind;
	long n;
};
static struct count lost = {"lost", 0}, doubled = {"doubled", 0}, wrong = {"wrong", 0};

static void ABL_PRINTF(2, 3) found(struct count *c, const char *format, ...)
{
	va_list args;

	if (c->n++ >= TOLD_MOST)
		return;
	printf("%s: ", c->kind);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static _Noreturn void give_up(const char *what, const char *why)
{
	fprintf(stderr, "check_store: %s: %s\n", what, why);
	exit(2);
}

static sqlite3_stmt *ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
		give_up(sql, sqlite3_errmsg(db));
	return s;
}

static bool next(sqlite3_stmt *s)
{
	const int rc = sqlite3_step(s);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		give_up(sqlite3_sql(s), sqlite3_errmsg(sqlite3_db_handle(s)));
	return rc == SQLITE_ROW;
}

static const char *text(sqlite3_stmt *s, int column)
{
	const char *t = (const char *)sqlite3_column_text(s, column);

	return t ? t : "NULL";
}

static sqlite3 *open_store(const char *folder)
{
	char *path = abl_path_join(folder, "results.db");
	sqlite3 *db;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL))
		give_up(path, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, 10000);
	free(path);
	return db;
}

static long number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = ask(db, sql);
	const long n = next(s) ? (long)sqlite3_column_int64(s, 0) : 0;

	sqlite3_finalize(s);
	return n;
}

/* Every row of the query is a fault, told by its first column. */
static void rows(sqlite3 *db, struct count *c, const char *what, const char *sql)
{
	sqlite3_stmt *s = ask(db, sql);

	while (next(s))
		found(c, "%s: %s", what, text(s, 0));
	sqlite3_finalize(s);
}

/* What no undisturbed run has, whatever the study. */
static const struct {
	struct count *count;
	const char *what, *sql;
} rules[] = {
	{&wrong, "the database",
	 "SELECT * FROM pragma_integrity_check "
	 "WHERE integrity_check <> 'ok'"},
	{&wrong, "a row without what it belongs to",
	 "SELECT \"table\" FROM pragma_foreign_key_check"},
	{&wrong, "an attempt still goes on",
	 "SELECT s.key FROM attempt a JOIN stage s ON s.id = a.stage_id WHERE a.ended IS NULL"},
	{&wrong, "attempts are not numbered from 1 on",
	 "SELECT s.key FROM stage s JOIN attempt a ON a.stage_id = s.id GROUP BY s.id "
	 "HAVING max(a.number) <> s.attempt OR count(*) <> s.attempt"},
	{&wrong, "a time below 0",
	 "SELECT s.key || ' ' || a.number FROM attempt a JOIN stage s ON s.id = a.stage_id "
	 "WHERE a.seconds < 0 OR a.cpu_seconds < 0 OR a.ended < a.started "
	 "UNION ALL SELECT key FROM stage WHERE seconds < 0 OR cpu_seconds < 0 "
	 "UNION ALL SELECT 'run ' || id FROM run WHERE ended < started"},
	{&wrong, "a time beyond that of the whole test",
	 "SELECT s.key || ' ' || a.number FROM attempt a JOIN stage s ON s.id = a.stage_id "
	 "WHERE a.seconds > 600"},
	{&wrong, "done by no attempt",
	 "SELECT key FROM stage s WHERE state = 'done' AND NOT EXISTS "
	 "(SELECT 1 FROM attempt a WHERE a.stage_id = s.id AND a.state = 'done')"},
	{&doubled, "done by two attempts",
	 "SELECT s.key FROM attempt a JOIN stage s ON s.id = a.stage_id WHERE a.state = 'done' "
	 "GROUP BY s.id HAVING count(*) > 1"},
	{&doubled, "two stages have one artefact",
	 "SELECT artifact FROM stage WHERE artifact IS NOT NULL GROUP BY artifact HAVING count(*) "
	 "> "
	 "1"},
	{&doubled, "two trials for one variant, task and seed",
	 "SELECT task || ' ' || seed FROM trial GROUP BY variant_id, task, seed HAVING count(*) > "
	 "1"},
};

/* What is to be the same as in the undisturbed store: a name for each value, and the value. */
static const struct {
	struct count *missing;
	const char *what, *sql;
} records[] = {
	{&lost, "stage", "SELECT key, 'done' FROM stage WHERE state = 'done'"},
	{&lost, "trial",
	 "SELECT study || '/' || variant || '/' || task || '/' || seed, state FROM trials"},
	{&lost, "result",
	 "SELECT s.key || ' ' || r.name, quote(r.value) FROM result r "
	 "JOIN stage s ON s.id = r.stage_id WHERE r.name NOT LIKE '%seconds%'"},
	{&lost, "point",
	 "SELECT s.key || ' ' || m.name || ' ' || m.step, quote(m.value) FROM metric m "
	 "JOIN stage s ON s.id = m.stage_id JOIN attempt a ON a.stage_id = s.id AND a.number = "
	 "m.attempt AND a.state = 'done' WHERE m.name NOT LIKE '%seconds%'"},
	{&lost, "predictions",
	 "SELECT s.key, p.file FROM prediction p JOIN stage s ON s.id = p.stage_id"},
	{&lost, "seal", "SELECT key, coalesce(seal, '-') FROM stage WHERE state = 'done'"},
};

static sqlite3 *memory_of(const char *schema)
{
	sqlite3 *db;

	if (sqlite3_open(":memory:", &db) || sqlite3_exec(db, schema, NULL, NULL, NULL))
		give_up("memory", sqlite3_errmsg(db));
	return db;
}

/* The rows of both, side by side. */
static void compare(sqlite3 *store, sqlite3 *calm, size_t i)
{
	static const char *const put[] = {
		"INSERT INTO t VALUES (?, ?, NULL)",
		"INSERT INTO t VALUES (?, NULL, ?) ON CONFLICT (name) DO UPDATE SET b = "
		"excluded.b WHERE b IS NULL"};
	sqlite3 *both = memory_of("CREATE TABLE t (name TEXT PRIMARY KEY, a TEXT, b TEXT)"), *of[2];
	sqlite3_stmt *differ;

	of[0] = calm, of[1] = store;
	for (int k = 0; k < 2; k++) {
		sqlite3_stmt *in = ask(of[k], records[i].sql), *out = ask(both, put[k]);

		while (next(in)) {
			sqlite3_bind_text(out, 1, text(in, 0), -1, SQLITE_TRANSIENT);
			sqlite3_bind_text(out, 2, text(in, 1), -1, SQLITE_TRANSIENT);
			next(out);
			if (k && !sqlite3_changes(both))
				found(&doubled, "%s %s", records[i].what, text(in, 0));
			sqlite3_reset(out);
		}
		sqlite3_finalize(in);
		sqlite3_finalize(out);
	}
	differ = ask(both, "SELECT name, a, b FROM t WHERE a IS NOT b ORDER BY name");
	while (next(differ)) {
		const bool is_lost = sqlite3_column_type(differ, 2) == SQLITE_NULL;

		found(is_lost ? records[i].missing : &wrong, "%s %s is %s, and %s undisturbed",
		      records[i].what, text(differ, 0), text(differ, 2), text(differ, 1));
	}
	sqlite3_finalize(differ);
	sqlite3_close(both);
}

/* The two folders have the same files with the same bytes. */
static void compare_folders(const char *mine, const char *calm)
{
	struct abl_str a = {0}, b = {0};
	struct dirent *entry;
	DIR *folder = opendir(calm);

	while (folder && (entry = readdir(folder))) {
		char *of_calm = abl_path_join(calm, entry->d_name);
		char *of_mine = abl_path_join(mine, entry->d_name);

		if (entry->d_name[0] == '.') {
			/* itself and what is above it */
		} else if (!abl_file_exists(of_mine)) {
			found(&lost, "'%s'", of_mine);
		} else if (abl_is_dir(of_calm)) {
			compare_folders(of_mine, of_calm);
		} else {
			abl_str_clear(&a), abl_str_clear(&b);
			if (abl_file_read(of_calm, &a, 1u << 30, NULL) ||
			    abl_file_read(of_mine, &b, 1u << 30, NULL) || a.length != b.length ||
			    memcmp(a.text, b.text, a.length) != 0)
				found(&wrong, "'%s' is not what is there undisturbed", of_mine);
		}
		free(of_calm);
		free(of_mine);
	}
	if (folder)
		closedir(folder);
	abl_str_finish(&a);
	abl_str_finish(&b);
}

/* What is left of work that nobody does any more. */
static void check_left(const char *store)
{
	char *work = abl_path_join(store, "work");
	struct dirent *entry;
	DIR *folder = opendir(work);

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			found(&wrong, "work is left: '%s'", entry->d_name);
	if (folder)
		closedir(folder);
	free(work);
}

/* What was said to be done is done, by the same attempt. Returns how many lines there were. */
static long check_acknowledged(sqlite3 *store, const char *path)
{
	sqlite3_stmt *s = ask(store, "SELECT number FROM attempt a JOIN stage s ON s.id = stage_id "
				     "WHERE s.key = ? AND s.state = 'done' AND a.state = 'done'");
	FILE *file = fopen(path, "re");
	char key[KEY_MOST + 1];
	long n = 0, attempt;

	if (!file)
		give_up(path, "cannot be opened");
	for (; fscanf(file, "%100s %ld", key, &attempt) == 2; n++) {
		sqlite3_reset(s);
		sqlite3_bind_text(s, 1, key, -1, SQLITE_TRANSIENT);
		if (!next(s))
			found(&lost, "%s was said to be done", key);
		else if (sqlite3_column_int64(s, 0) != attempt)
			found(&doubled, "%s was done by attempt %ld, now by %s", key, attempt,
			      text(s, 0));
	}
	fclose(file);
	sqlite3_finalize(s);
	return n;
}

int main(int argc, char **argv)
{
	sqlite3 *store, *calm;
	char *mine, *undisturbed;
	long acknowledged;

	if (argc != 3 && argc != 4)
		give_up("usage", "check_store STORE CALM [ACKS]");
	store = open_store(argv[1]);
	calm = open_store(argv[2]);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		rows(store, rules[i].count, rules[i].what, rules[i].sql);
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		compare(store, calm, i);
	mine = abl_path_join(argv[1], "artifacts");
	undisturbed = abl_path_join(argv[2], "artifacts");
	compare_folders(mine, undisturbed);
	check_left(argv[1]);
	acknowledged = argc == 4 ? check_acknowledged(store, argv[3]) : 0;
	printf("stages %ld, acknowledged %ld, attempts %ld, lost %ld, doubled %ld, wrong %ld\n",
	       number(store, "SELECT count(*) FROM stage"), acknowledged,
	       number(store, "SELECT count(*) FROM attempt"), lost.n, doubled.n, wrong.n);
	sqlite3_close(store);
	sqlite3_close(calm);
	free(mine);
	free(undisturbed);
	return lost.n || doubled.n || wrong.n;
}
