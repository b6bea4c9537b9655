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
		abl_str_printf(data, "%s%s", i ? "/" : "", row->field[i]);
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
	tcase_add_test(c, test_table__columns);
	failed = run_case(c, "rows");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
