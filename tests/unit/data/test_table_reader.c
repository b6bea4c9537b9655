/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of table files: their borders, quotes and lines, and what is no table. */
#include "files.h"
#include "run_case.h"
#include "str.h"
#include "table_reader.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-rows-XXXXXX";

static char *put(const char *name, const char *text, size_t length)
{
	char *path = abl_path_join(folder, name);
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, length, &err), "%s", err.text);
	return path;
}

/* Rows as text: fields joined by '/', each row with its line. */
static int show(void *data, const struct abl_row *row, struct abl_err *err)
{
	abl_str_printf(data, "%zu:", row->line);
	for (size_t i = 0; i < row->fields; i++)
		abl_str_printf(data, "%s%s", i ? "/" : "", row->field[i] ? row->field[i] : "NULL");
	abl_str_puts(data, ";");
	return 0;
}

static const struct {
	const char *format, *text, *rows, *error;
} tables[] = {
	{"tsv", "a\tb\nc\t\"d\n", "1:a/b;2:c/\"d;", NULL},
	{"tsv",
	 "\xEF\xBB\xBF"
	 "a\tb\r\n\r\nc\t\n",
	 "1:a/b;3:c/;", NULL},
	{"tsv", "", "", NULL},
	{"tsv", "one", "1:one;", NULL},
	{"csv", "a,b\r\n\"c,d\",\"say \"\"e\"\"\"\r\n", "1:a/b;2:c,d/say \"e\";", NULL},
	{"csv", "a,\"two\nlines\nof it\"\n\nb, c \n", "1:a/two\nlines\nof it;5:b/ c ;", NULL},
	{"csv", "\"\nx\",y\nz,", "1:\nx/y;3:z/;", NULL},
	{"csv", ",\n", "1:/;", NULL},
	{"csv", "a\r\"\n\nb\"\n", "1:a;1:\n\nb;", NULL},
	{"csv", "a,b\nc\"d,e\n", NULL, ":2: a stray quote"},
	{"csv", "a,\"b\"c\n", NULL, ":1: a stray quote"},
	{"csv", "a,b\nc,\"d\n\ne\n", NULL, ":2: a quote opened in this row is never closed"},
	{"tsv", "a\n\302\240\nb\n", "1:a;3:b;", NULL}, /* a no-break space */
	{"jsonl",
	 "\n{\"t\": \"a\\nb\", \"l\": 1}\r\n{\"l\": 0.5, \"x\": 9, \"t\": null}\n \n{\"t\": [1], "
	 "\"l\": true}",
	 "2:t/l;2:a\nb/1;3:NULL/0.5;5:a list or an object/true;", NULL},
	{"jsonl", "{\"t\": 1}\n{\"t\": 1\n", NULL, "t:2:7: not JSON"},
	{"jsonl", "{\"t\": 1}\n[2]\n", NULL, "t:2: not a JSON object: a row is {\"key\": value"},
	{"jsonl", "{\"t\": 1, \"t\": 2}\n", NULL, "t:1:12: not JSON: duplicate"},
	{"jsonl", "{}\n", NULL, "t:1: an object without keys"},
	{"jsonl", "a,b\n1,2\n", NULL, "t:1:1: not JSON"},
	{"jsonl", "[\n{\"t\": 1},\n{\"t\": 2}\n]\n", NULL,
	 "t: this is JSON, one list: write an object a line"},
	{"jsonl", "{\"val\": [[\"a\", \"b\"]], \"train\": []}", NULL,
	 "t: this is JSON, an object of lists ('val', 'train'), as CLINC150 has it: write each to "
	 "a "
	 "file"},
	{"csv", "{\n \"val\": [[\"a\", \"b\"]], \"train\": []}", NULL,
	 "an object of lists ('val', 'train')"},
	{"csv", "{\"t\": 1}\n{\"t\": 2}\n", NULL,
	 "t: this is JSON lines: set `format: jsonl`, and name"},
	{"tsv", "{\"t\": 1}\n{\"t\": 2}\n", NULL, "t: this is JSON lines: set `format: jsonl`"},
	{"tsv", "[{\"t\": 1},\n {\"t\": 2}]\n", NULL, "t: this is JSON, one list"},
	{"tsv", "{\"version\": 1, \"data\": [{\"paragraphs\": []}]}", NULL,
	 "t: this is SQuAD's JSON"},
	{"tsv", "[[a\", b]]\n{b}\n[c]\n", "1:[[a\", b]];2:{b};3:[c];", NULL},
	{"tsv", "{\"a\": 1}\tno\n", "1:{\"a\": 1}/no;", NULL},
	{"tsv", "a\nb\xff\n", NULL, ":2:2: invalid UTF-8"},
	{"csv", "a\nb\xc3\n", NULL, ":2:2: invalid UTF-8"},
};

START_TEST(test_table__rows_and_bad_input)
{
	struct abl_str rows = {0};
	struct abl_err err = {0};
	char *path = put("t", tables[_i].text, strlen(tables[_i].text));
	int rc = abl_rows_read(path, tables[_i].format, show, &rows, &err);

	if (tables[_i].error) {
		ck_assert_int_eq(rc, ABL_EINPUT);
		ck_assert_msg(strstr(err.text, tables[_i].error), "%s", err.text);
	} else {
		ck_assert_msg(!rc, "%s", err.text);
		ck_assert_str_eq(rows.text ? rows.text : "", tables[_i].rows);
	}
	abl_str_finish(&rows);
	free(path);
}
END_TEST

START_TEST(test_table__limits_and_hooks)
{
	struct abl_str text = {0}, rows = {0};
	struct abl_err err = {0};
	char *path;

	for (int i = 0; i <= ABL_ROW_COLUMNS; i++)
		abl_str_puts(&text, "x\t");
	path = put("wide", text.text, text.length);
	ck_assert_int_eq(abl_rows_read(path, "tsv", show, &rows, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "more than 256 columns"), "%s", err.text);
	free(path);
	err = (struct abl_err){0};
	path = put("nul", "a\tb\nc\0d\te\n", 10);
	ck_assert_int_eq(abl_rows_read(path, "tsv", show, &rows, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, ":2: a NUL byte"), "%s", err.text);
	free(path);
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_rows_read(folder, "csv", show, &rows, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "is a folder"), "%s", err.text);
	abl_str_finish(&text), abl_str_finish(&rows);
}
END_TEST

#define KIND(bytes, text)                      \
	{                                      \
		bytes, sizeof(bytes) - 1, text \
	}
static const struct {
	const char *bytes;
	size_t length;
	const char *text;
} kinds[] = {
	KIND("\xff\xfe"
	     "a\0\n\0",
	     "t: this looks like UTF-16 text: convert it: iconv -f UTF-16 -t UTF-8 FILE >NEW (read "
	     "are "
	     "UTF-8 texts, plain or packed as .gz or .xz)"),
	KIND("\xfe\xff\0a\0b", "UTF-16 text"),
	KIND("a\0b\0\n\0c\0", "iconv -f UTF-16LE"),
	KIND("\xff\xfe\0\0a\0\0\0", "UTF-32 text"),
	KIND("PK\3\4\024\0\0\0\010\0",
	     "a zip archive: unpack it (read are UTF-8 texts, plain or packed"),
	KIND("PK\3\4\024\0\6\0\010\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\023\0\0\0[Content_Types].xml",
	     "save the sheet as CSV"),
	KIND("BZh91AY&SY\x9f\n\xff", "a bzip2 file"),
	KIND("(\xb5/\xfd\0", "a zstd file"),
	KIND("SQLite format 3\0", "an SQLite database: write it out as CSV, TSV or JSON lines"),
	KIND("PAR1\x15\0", "a Parquet file"),
	KIND("caf\xe9\n",
	     "t:1:4: invalid UTF-8 (byte 0xe9): convert the file to UTF-8; if it is from Windows"),
	KIND("a\nb\0c\n", "t:2: a NUL byte: this is not a text file"),
};

START_TEST(test_table__what_a_file_looks_like)
{
	struct abl_str rows = {0};
	struct abl_err err = {0};
	char *path = put("t", kinds[_i].bytes, kinds[_i].length);

	ck_assert_int_eq(abl_rows_read(path, "tsv", show, &rows, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, kinds[_i].text), "%s", err.text);
	abl_str_finish(&rows);
	free(path);
}
END_TEST

START_TEST(test_table__columns)
{
	const char *const field[] = {"index", "sentence", "2"};
	const struct abl_row row = {.field = field, .fields = 3, .line = 1};

	ck_assert_int_eq(abl_row_column(&row, true, "sentence"), 1);
	ck_assert_int_eq(abl_row_column(&row, false, "sentence"), -1);
	ck_assert_int_eq(abl_row_column(&row, false, "last"), 2);
	ck_assert_int_eq(abl_row_column(&row, false, "0"), 0);
	ck_assert_int_eq(abl_row_column(&row, true, "2"), 2);
	ck_assert_int_eq(abl_row_column(&row, false, "3"), -1);
	ck_assert_int_eq(abl_row_column(&row, false, "-1"), -1);
	ck_assert_str_eq(abl_row_nearest(&row, "sentense"), "sentence");
	ck_assert(abl_row_column_is_place("last") && abl_row_column_is_place("7"));
	ck_assert(!abl_row_column_is_place("label"));
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

int main(void)
{
	TCase *c = tcase_create("rows");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_loop_test(c, test_table__rows_and_bad_input, 0, COUNT(tables));
	tcase_add_test(c, test_table__limits_and_hooks);
	tcase_add_loop_test(c, test_table__what_a_file_looks_like, 0, COUNT(kinds));
	tcase_add_test(c, test_table__columns);
	failed = run_case(c, "rows");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
