/* SPDX-License-Identifier: Apache-2.0 */
/* Archives from anybody: each kind that a tar file can hold and a packed study does not is refused
 * by its name, and what is cut off or damaged anywhere, too. */
#include "files.h"
#include "pack.h"
#include "run_case.h"
#include "sql.h"
#include "tar_form.h"
#include "tar_read.h"
#include "tar_write.h"
#include "unpack.h"
#include "unpack_check.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-carry-XXXXXX";

static const char *at(const char *name)
{
	static char path[16][128];
	static int next;

	next = (next + 1) % 16;
	snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
	return path[next];
}

/* One member, as any program could have written it. */
struct member {
	const char *name, *content;
	char type;
	const char *size; /* digits in place of the content's; NULL */
};

static void add_bytes(struct abl_str *out, const struct member *m, size_t n)
{
	struct abl_tar_header h = {.type = m->type ? m->type : '0', .magic = ABL_TAR_MAGIC};
	static const char zero[ABL_TAR_BLOCK];

	memcpy(h.name, m->name, strnlen(m->name, sizeof h.name));
	memcpy(h.mode, "0000644", 7);
	snprintf(h.size, sizeof h.size, "%011o", (unsigned)n);
	if (m->size)
		memcpy(h.size, m->size, strlen(m->size));
	snprintf(h.sum, sizeof h.sum, "%06o", 0);
	snprintf(h.sum, sizeof h.sum, "%06o", abl_tar_sum(&h));
	h.sum[7] = ' ';
	abl_str_add(out, (const char *)&h, sizeof h);
	abl_str_add(out, m->content, n);
	if (n % ABL_TAR_BLOCK)
		abl_str_add(out, zero, ABL_TAR_BLOCK - n % ABL_TAR_BLOCK);
}

static void add(struct abl_str *out, const struct member *m)
{
	add_bytes(out, m, strlen(m->content));
}

static void end(struct abl_str *out)
{
	static const char zero[2 * ABL_TAR_BLOCK];

	abl_str_add(out, zero, sizeof zero);
}

/* Reads all of an archive. 0, or the first error. */
static int read_tar(const struct abl_str *bytes, struct abl_err *err)
{
	struct abl_tar_reader *r = NULL;
	struct abl_tar_member m;
	int rc = abl_file_write(at("x.tar"), bytes->text, bytes->length, err);

	rc = rc ? rc : abl_tar_open(&r, at("x.tar"), err);
	while (!rc && (rc = abl_tar_next(r, &m, err)) == 1)
		rc = 0;
	abl_tar_close(r);
	return rc;
}

START_TEST(test_tar__what_a_packed_study_has_not_is_refused)
{
	static const struct {
		struct member member;
		const char *says;
	} cases[] = {
		{{"/etc/passwd", "x"}, "the name '/etc/passwd' leaves the folder"},
		{{"../x", "x"}, "the name '../x' leaves"},
		{{"s/../../x", "x"}, "leaves the folder"},
		{{"s/..", "x"}, "leaves the folder"},
		{{"s/./x", "x"}, "leaves the folder"},
		{{"s//x", "x"}, "leaves the folder"},
		{{"s/x/", "x"}, "leaves the folder"},
		{{"s/\x1b[2Jx", "x"}, "or is no name of a file"},
		{{"s/a\nb", "x"}, "or is no name of a file"},
		{{"s/first", "x"}, "'s/first' is there twice"},
		{{"s/x", "", '1'}, "is a hard link"},
		{{"s/x", "", '2'}, "is a link"},
		{{"s/x", "", '3'}, "is a device"},
		{{"s/x", "", '4'}, "is a device"},
		{{"s/x", "", '5'}, "is a folder"},
		{{"s/x", "", '6'}, "is a pipe"},
		{{"s/x", "x", 'S'}, "of a kind that a packed study does not have"},
		{{"s/x", "x", 'L'}, "of a kind that a packed study does not have"},
		{{"s/x", "30 global=x\n", 'g'}, "of a kind that a packed study does not have"},
		{{"s/x", "x", 0, "00000010000"}, "'s/x' is cut off"},
		{{"s/x", "x", 0, "77777777777"}, "more than 200 times the archive"},
		{{"s/x", "x", 0, "\x80\x00\x00\x00"}, "has a damaged header"},
		{{"s/x", "x", 0, "-0000000001"}, "has a damaged header"},
		{{"pax", "20 path=/etc/passwd\n", 'x'}, "the name '/etc/passwd' leaves"},
		{{"pax", "16 path=s/first\n", 'x'}, "'s/first' is there twice"},
		{{"pax", "12 size=-17\n", 'x'}, "has a header that a packed study does not have"},
		{{"pax", "28 size=9223372036854775807\n", 'x'}, "more than 200 times"},
		{{"pax", "15 linkpath=/x\n", 'x'}, "does not have"},
		{{"pax", "99 path=x\n", 'x'}, "does not have"},
		{{"pax", "0 path=x\n", 'x'}, "does not have"},
		{{"pax", "", 'x'}, "has a damaged header"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_str bytes = {0};
		struct abl_err err = {0};

		add(&bytes, &(struct member){"s/first", "1"});
		add(&bytes, &cases[i].member);
		if (cases[i].member.type == 'x')
			add(&bytes, &(struct member){"s/after", "2"});
		end(&bytes);
		ck_assert_int_eq(read_tar(&bytes, &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, cases[i].says) != NULL, "%zu: %s", i, err.text);
		abl_str_finish(&bytes);
	}
}
END_TEST

START_TEST(test_tar__every_cut_and_every_changed_header_is_noticed)
{
	struct abl_str whole = {0};
	struct abl_err err = {0};
	const size_t step = 37;

	add(&whole, &(struct member){"s/a", "some text of a file"});
	add(&whole, &(struct member){"s/b", "and of another"});
	end(&whole);
	ck_assert_msg(!read_tar(&whole, &err), "%s", err.text);
	for (size_t n = 0; n < whole.length - 2 * ABL_TAR_BLOCK; n += step) {
		struct abl_str cut = whole;

		err = (struct abl_err){0};
		cut.length = n;
		ck_assert_msg(read_tar(&cut, &err) < 0, "cut after %zu of %zu", n, whole.length);
	}
	for (size_t n = 0; n < ABL_TAR_BLOCK; n += step) { /* of the first header */
		err = (struct abl_err){0};
		whole.text[n] ^= 1;
		ck_assert_msg(read_tar(&whole, &err) < 0, "byte %zu", n);
		whole.text[n] ^= 1;
	}
	err = (struct abl_err){0};
	whole.text[whole.length - 1] = 1;
	ck_assert_int_lt(read_tar(&whole, &err), 0);
	ck_assert_msg(strstr(err.text, "there is more behind its end") != NULL, "%s", err.text);
	abl_str_finish(&whole);
}
END_TEST

START_TEST(test_tar__what_is_written_is_read)
{
	static char long_name[900];
	const char *const names[] = {"s/a", long_name, "s/ä/ö"};
	const size_t sizes[] = {0, 100000, 513};
	struct abl_tar_writer *w = NULL;
	struct abl_tar_reader *r = NULL;
	struct abl_tar_member m;
	struct abl_err err = {0};
	char block[1 << 10], first = 0;

	for (int round = 0; round < 2; round++) {
		memset(long_name, 'x', sizeof long_name - 1);
		for (size_t i = 200; i < sizeof long_name - 1; i += 200)
			long_name[i] = '/';
		memset(block, 7, sizeof block);
		ck_assert(!abl_tar_create(&w, at(round ? "b" : "a"), &err));
		for (size_t i = 0; i < 3; i++) {
			ck_assert(!abl_tar_begin(w, names[i], sizes[i], i == 2, &err));
			for (size_t left = sizes[i]; left;) {
				const size_t n = left < sizeof block ? left : sizeof block;

				ck_assert(!abl_tar_put(w, block, n, &err));
				left -= n;
			}
			ck_assert(!abl_tar_end(w, &err));
		}
		ck_assert_msg(!abl_tar_commit(w, &err), "%s", err.text);
		abl_tar_drop(w);
	}
	ck_assert(!abl_tar_open(&r, at("a"), &err));
	for (size_t i = 0; i < 3; i++) {
		ck_assert_msg(abl_tar_next(r, &m, &err) == 1, "%s", err.text);
		ck_assert_str_eq(m.name, names[i]);
		ck_assert_uint_eq(m.bytes, sizes[i]);
		ck_assert(m.executable == (i == 2));
		ck_assert(!sizes[i] || (abl_tar_read(r, &first, 1, &err) == 1 && first == 7));
	}
	ck_assert_int_eq(abl_tar_next(r, &m, &err), 0);
	abl_tar_close(r);
}
END_TEST

#define HASH_OF_HI "00000000000000000000000000000000"

/* The manifest's form, with one member beside it. */
static int read_pack(const char *manifest, const char *name, const char *content,
		     struct abl_err *err)
{
	struct abl_str bytes = {0};
	struct abl_manifest m;
	int rc;

	add(&bytes, &(struct member){"s/manifest.json", manifest});
	if (name)
		add(&bytes, &(struct member){name, content});
	end(&bytes);
	ck_assert(!abl_file_write(at("s.ablate"), bytes.text, bytes.length, NULL));
	rc = abl_unpack_read(&m, at("s.ablate"), NULL, err);
	abl_manifest_finish(&m);
	abl_str_finish(&bytes);
	return rc;
}

START_TEST(test_pack__what_is_not_in_the_manifest_as_it_is_is_refused)
{
#define HEAD "{\"ablate_pack\":1,\"study\":\"s\",\"engine\":\"0\",\"files\":["
	static const struct {
		const char *manifest, *name, *says;
	} cases[] = {
		{"no JSON", NULL, "its manifest is damaged: it is no JSON"},
		{"{}", NULL, "it does not say which form it has"},
		{"{\"ablate_pack\":2,\"engine\":\"9.1\"}", NULL,
		 "it has form 2 and this program knows up to 1: unpack it with ablate 9.1"},
		{"{\"ablate_pack\":1}", NULL, "it names no study"},
		{"{\"ablate_pack\":1,\"ablate_pack\":1}", NULL, "it is no JSON"},
		{"{\"ablate_pack\":1,\"study\":\"t\",\"engine\":\"0\",\"files\":[]}", NULL,
		 "its manifest is of study 't' and its folder of another"},
		{"{\"ablate_pack\":1,\"study\":\"s\",\"engine\":\"0\",\"files\":[],"
		 "\"study_file\":\"../x\"}",
		 NULL, "its study file is elsewhere"},
		{HEAD "{\"name\":\"../x\",\"bytes\":2,\"xxh3_128\":\"" HASH_OF_HI "\"}]}", NULL,
		 "a file in it has no name, size or hash"},
		{HEAD "{\"name\":\"x\",\"bytes\":-2,\"xxh3_128\":\"" HASH_OF_HI "\"}]}", NULL,
		 "a file in it has no name, size or hash"},
		{HEAD "{\"name\":\"x\",\"bytes\":2,\"xxh3_128\":\"short\"}]}", NULL,
		 "a file in it has no name, size or hash"},
		{HEAD "{\"name\":\"x\",\"bytes\":2,\"xxh3_128\":\"" HASH_OF_HI "\"},"
		      "{\"name\":\"x\",\"bytes\":2,\"xxh3_128\":\"" HASH_OF_HI "\"}]}",
		 NULL, "a file is in it twice"},
		{HEAD "{\"name\":\"x\",\"bytes\":2,\"xxh3_128\":\"" HASH_OF_HI "\"}]}", NULL,
		 "'x' is in its manifest and not in it"},
		{HEAD "{\"name\":\"x\",\"bytes\":3,\"xxh3_128\":\"" HASH_OF_HI "\"}]}", "s/x",
		 "has 2 bytes and 3 in the manifest"},
		{HEAD "{\"name\":\"x\",\"bytes\":2,\"xxh3_128\":\"" HASH_OF_HI "\"}]}", "s/x",
		 "'x' has another hash than in the manifest"},
		{HEAD "]}", "s/x", "'s/x' is not in its manifest"},
		{HEAD "]}", "t/x", "'t/x' is outside the study's folder"},
		{HEAD "]}", "s/manifest.json", "is there twice"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_err err = {0};

		ck_assert_int_eq(read_pack(cases[i].manifest, cases[i].name, "hi", &err),
				 ABL_EINPUT);
		ck_assert_msg(strstr(err.text, cases[i].says) != NULL, "%zu: %s", i, err.text);
	}
}
END_TEST

/* A store that was never there is not made by a file that is refused; one that is has nothing
 * more in it. */
START_TEST(test_unpack__a_refused_file_leaves_nothing)
{
	static const struct {
		const char *name, *study;
	} cases[] = {{"s/results.db", "s"}, {"s/x", "s"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_str bytes = {0}, manifest = {0};
		struct abl_unpack_request request = {.file = at("s.ablate")};
		struct abl_unpacked out;
		struct abl_err err = {0};
		char hash[ABL_HASH_TEXT];

		abl_str_printf(&manifest,
			       HEAD "{\"name\":\"%s\",\"bytes\":2,\"xxh3_128\":\"%s\"}]}",
			       cases[i].name + 2, abl_hash_bytes("hi", 2, hash));
		add(&bytes, &(struct member){"s/manifest.json", manifest.text});
		add(&bytes, &(struct member){cases[i].name, "hi"});
		end(&bytes);
		ck_assert(!abl_file_write(at("s.ablate"), bytes.text, bytes.length, NULL));
		request.file = at("s.ablate");
		request.store = at("store");
		ck_assert_int_lt(abl_unpack(&out, &request, &err), 0);
		ck_assert_msg(strstr(err.text, "its database") != NULL, "%s", err.text);
		ck_assert(!abl_file_exists(at("store")));
		abl_unpacked_finish(&out);
		abl_str_finish(&bytes), abl_str_finish(&manifest);
	}
}
END_TEST

/* A packed study of one trial, at `path`. */
static void pack_one(const char *path)
{
	const struct abl_study_row study = {.name = "s"};
	const struct abl_task_row task = {.name = "t", .metric = "accuracy"};
	const struct abl_variant_row variant = {.label = "baseline"};
	char key[ABL_HASH_TEXT];
	const struct abl_stage_row stage = {
		.key = abl_hash_bytes("what", 4, key), .kind = "evaluate", .canonical = "what"};
	struct abl_pack_request request = {.study = "s", .output = path, .engine = "0"};
	struct abl_packed packed;
	struct abl_store *s = NULL;
	struct abl_err err = {0};
	int64_t id = 0, trial = 0;
	int rc = abl_store_open(&s, at("mine"), ABL_STORE_WRITE, &err);

	rc = rc ? rc : abl_store_put_study(s, &study, &id, &err);
	rc = rc ? rc : abl_store_put_task(s, id, &task, &err);
	rc = rc ? rc : abl_store_put_variant(s, id, &variant, &id, &err);
	rc = rc ? rc : abl_store_put_trial(s, id, "t", 1, &trial, &err);
	rc = rc ? rc : abl_store_put_stage(s, &stage, &err);
	rc = rc ? rc : abl_store_link(s, trial, key, "evaluate", &err);
	request.store = s;
	rc = rc ? rc : abl_pack(&packed, &request, &err);
	ck_assert_msg(!rc, "%s", err.text);
	abl_store_close(s);
}

struct kept { /* the database of an archive */
	bool is_database;
	FILE *file;
};

static int keep(void *data, const char *name, bool executable, struct abl_err *err)
{
	(void)executable, (void)err;
	((struct kept *)data)->is_database = !strcmp(name, "results.db");
	return 0;
}

static int keep_bytes(void *data, const void *bytes, size_t length, struct abl_err *err)
{
	const struct kept *k = data;

	(void)err;
	if (k->is_database)
		ck_assert_uint_eq(fwrite(bytes, 1, length, k->file), length);
	return 0;
}

/* The same with another database: what the statements make of it, or its first bytes. */
static void change_database(const char *from, const char *to, const char *sql, size_t cut)
{
	struct kept out = {.file = fopen(at("db"), "wb")};
	const struct abl_unpack_hooks hooks = {.data = &out, .begin = keep, .bytes = keep_bytes};
	struct abl_str bytes = {0}, archive = {0}, text = {0};
	struct abl_manifest m;
	struct abl_carry_file *f;
	struct abl_sql *db = NULL;
	struct abl_err err = {0};

	ck_assert_msg(!abl_unpack_read(&m, from, &hooks, &err), "%s", err.text);
	fclose(out.file);
	ck_assert(!abl_sql_open(&db, at("db"), true, "db", &err));
	ck_assert_msg(!abl_sql_script(db, sql, &err), "%s", err.text);
	abl_sql_close(db);
	ck_assert(!abl_file_read(at("db"), &bytes, SIZE_MAX / 2, &err));
	bytes.length = cut ? cut : bytes.length;
	f = abl_carry_files_find(&m.files, "results.db");
	ck_assert(f != NULL);
	f->bytes = bytes.length;
	abl_hash_bytes(bytes.text, bytes.length, f->hash);
	ck_assert(!abl_manifest_write(&m, &text, &err));
	add(&archive, &(struct member){"s/manifest.json", text.text});
	add_bytes(&archive, &(struct member){"s/results.db", bytes.text}, bytes.length);
	end(&archive);
	ck_assert(!abl_file_write(to, archive.text, archive.length, &err));
	abl_manifest_finish(&m);
	abl_str_finish(&bytes), abl_str_finish(&archive), abl_str_finish(&text);
}

START_TEST(test_unpack__a_database_from_anybody_is_checked)
{
	static const struct {
		const char *sql, *says; /* says NULL: it is fine */
		size_t cut;
	} cases[] = {
		{"SELECT 1", NULL, 0},
		{"SELECT 1", "damaged", 20000},
		{"CREATE TRIGGER x AFTER INSERT ON result BEGIN SELECT 1; END", "has triggers", 0},
		{"CREATE VIRTUAL TABLE x USING fts5(y)", "has triggers or tables", 0},
		{"PRAGMA user_version = 99", "has schema version 99 and this program knows", 0},
		{"DROP TABLE rerun", "no table 'rerun'", 0},
		{"DROP TABLE rerun; CREATE VIEW rerun AS SELECT 1 AS id", "no table 'rerun'", 0},
		{"UPDATE study SET name = 'u'", "no study 's'", 0},
		{"UPDATE stage SET artifact = '../../etc'", "column 'artifact' of table 'stage'",
		 0},
		{"UPDATE stage SET artifact = '/etc'", "column 'artifact' of table 'stage'", 0},
		{"UPDATE stage SET code = '../x'", "column 'code' of table 'stage'", 0},
		{"UPDATE stage SET key = 'a/../b'", "column 'key' of table 'stage'", 0},
		{"UPDATE stage SET canonical = 'other'", "is not what its key says", 0},
		{"INSERT INTO prediction SELECT id, '../../x' FROM stage",
		 "column 'file' of table 'prediction'", 0},
		{"INSERT INTO attempt (stage_id, number, started, ended, log) "
		 "SELECT id, 1, 0, 0, 'logs/../../x' FROM stage",
		 "column 'log' of table 'attempt'", 0},
	};

	pack_one(at("good.ablate"));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_unpack_request request = {0};
		struct abl_unpacked out;
		struct abl_err err = {0};

		change_database(at("good.ablate"), at("bad.ablate"), cases[i].sql, cases[i].cut);
		request.file = at("bad.ablate");
		request.store = at("yours");
		ck_assert_msg(!abl_unpack(&out, &request, &err) == !cases[i].says, "%zu: %s", i,
			      err.text);
		ck_assert_msg(!cases[i].says || strstr(err.text, cases[i].says), "%zu: %s", i,
			      err.text);
		ck_assert(abl_file_exists(at("yours")) == !cases[i].says);
		ck_assert(!abl_remove_tree(at("yours"), NULL));
		abl_unpacked_finish(&out);
	}
}
END_TEST

static void setup(void)
{
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	ck_assert(mkdtemp(folder) != NULL);
}

static void teardown(void)
{
	(void)!abl_remove_tree(folder, NULL);
}

int main(void)
{
	TCase *c = tcase_create("carry");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_tar__what_a_packed_study_has_not_is_refused);
	tcase_add_test(c, test_tar__every_cut_and_every_changed_header_is_noticed);
	tcase_add_test(c, test_tar__what_is_written_is_read);
	tcase_add_test(c, test_pack__what_is_not_in_the_manifest_as_it_is_is_refused);
	tcase_add_test(c, test_unpack__a_refused_file_leaves_nothing);
	tcase_add_test(c, test_unpack__a_database_from_anybody_is_checked);
	return run_case(c, "carry");
}
