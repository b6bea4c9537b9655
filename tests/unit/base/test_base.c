/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"
#include "errors.h"
#include "files.h"
#include "hash.h"
#include "machine.h"
#include "option.h"
#include "rng.h"
#include "str.h"
#include "utf8.h"
#include "run_case.h"

#include <stdio.h>
#include <sys/wait.h>
#include <sys/stat.h>
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(test_err__first_cause_wins)
{
	struct abl_err err = {0};

	ck_assert_int_eq(abl_err_set(&err, ABL_EIO, "cannot open '%s'", "x"), ABL_EIO);
	abl_err_set(&err, ABL_ENOMEM, "second");
	ck_assert_str_eq(err.text, "cannot open 'x'");
	ck_assert_int_eq(abl_err_prefix(&err, ABL_EIO, "study.yaml:%d", 3), ABL_EIO);
	ck_assert_str_eq(err.text, "study.yaml:3: cannot open 'x'");
	ck_assert_int_eq(abl_err_set(NULL, ABL_EIO, "nobody asks"), ABL_EIO);
	ck_assert_int_eq(abl_err_prefix(NULL, ABL_EIO, "%s", "nobody asks"), ABL_EIO);
}
END_TEST

START_TEST(test_str__reals_round_trip)
{
	const double values[] = {5e-5, .1, 1.0 / 3, 1e6, 3e-4, 0, -2.5, 1e300, 123456.75};
	char text[32];
	double back;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		abl_format_real(values[i], text);
		ck_assert(abl_parse_real(text, &back));
		ck_assert(back == values[i]);
	}
	ck_assert_str_eq(abl_format_real(5e-5, text), "5e-5");
	ck_assert_str_eq(abl_format_real(.1, text), "0.1");
	ck_assert_str_eq(abl_format_real(3e-4, text), "3e-4");
	ck_assert_str_eq(abl_format_real(.001, text), "0.001");
	ck_assert_str_eq(abl_format_real(10, text), "10");
	ck_assert_str_eq(abl_format_real(-1200, text), "-1200");
}
END_TEST

START_TEST(test_str__numbers_as_yaml_has_them)
{
	int64_t i;
	double r;

	ck_assert(abl_parse_int("-12", &i) && i == -12);
	ck_assert(abl_parse_int("0x1f", &i) && i == 31);
	ck_assert(!abl_parse_int("1.5", &i) && !abl_parse_int("two", &i) && !abl_parse_int("", &i));
	ck_assert(!abl_parse_int("99999999999999999999", &i));
	ck_assert(abl_parse_real("1e-5", &r) && r == 1e-5);
	ck_assert(abl_parse_real(".5", &r) && r == .5);
	ck_assert(abl_parse_real(".nan", &r) && isnan(r));
	ck_assert(abl_parse_real("-.inf", &r) && isinf(r) && r < 0);
	ck_assert(!abl_parse_real("nan", &r) && !abl_parse_real("1e", &r) &&
		  !abl_parse_real("1,5", &r));
}
END_TEST

static const char *name_at(size_t i, const void *data)
{
	return ((const char *const *)data)[i];
}

START_TEST(test_str__nearest_name)
{
	const char *names[] = {"segments", "positions", "nsp"};

	ck_assert_str_eq(abl_nearest("segmnts", 3, name_at, names), "segments");
	ck_assert_str_eq(abl_nearest("psoitions", 3, name_at, names), "positions");
	ck_assert_ptr_null(abl_nearest("dropout", 3, name_at, names));
}
END_TEST

START_TEST(test_str__intern_and_formats)
{
	char out[32];

	ck_assert_ptr_eq(abl_intern("bert"), abl_intern("bert"));
	ck_assert_str_eq(abl_format_count(-1234567, out), "-1,234,567");
	ck_assert_str_eq(abl_format_count(12, out), "12");
	ck_assert_str_eq(abl_format_bytes_there(1.4 * 1048576, out), "1 MiB");
	ck_assert_str_eq(abl_format_bytes_wanted(1.41 * 1048576, out), "2 MiB");
	ck_assert_str_eq(abl_format_bytes_there(2.04 * 1073741824, out), "2.0 GiB");
	ck_assert_str_eq(abl_format_bytes_wanted(2.04 * 1073741824, out), "2.1 GiB");
	ck_assert_str_eq(abl_format_duration(24120, out), "6 h 42 min");
	ck_assert_str_eq(abl_format_duration(200, out), "3 min 20 s");
	ck_assert_str_eq(abl_format_duration(.8, out), "0.8 s");
}
END_TEST

/* Known answers of Philox4x32-10 from the Random123 distribution's kat_vectors. */
START_TEST(test_rng__philox_known_answers)
{
	uint32_t r[4];

	abl_rng_block(0, 0, 0, r);
	ck_assert_uint_eq(r[0], 0x6627e8d5);
	ck_assert_uint_eq(r[3], 0x9b00dbd8);
	abl_rng_block(UINT64_MAX, UINT64_MAX, UINT64_MAX, r);
	ck_assert_uint_eq(r[0], 0x408f276d);
}
END_TEST

START_TEST(test_rng__moments_and_shuffle)
{
	uint64_t key = abl_rng_key(7, "init/x");
	double sum = 0, squares = 0;
	uint32_t order[1000], seen[1000] = {0};

	for (uint64_t i = 0; i < 100000; i++) {
		double z = abl_rng_truncated_normal(key, i);

		ck_assert(fabs(z) <= 2);
		sum += z, squares += z * z;
	}
	ck_assert(fabs(sum / 1e5) < .01);
	ck_assert(fabs(squares / 1e5 - .7737) < .01); /* variance of a normal cut at 2 */
	abl_rng_shuffle(key, order, 1000);
	for (int i = 0; i < 1000; i++)
		seen[order[i]]++;
	for (int i = 0; i < 1000; i++)
		ck_assert_uint_eq(seen[i], 1);
	ck_assert_uint_ne(abl_rng_key(7, "a"), abl_rng_key(7, "b"));
}
END_TEST

START_TEST(test_arena__counts_then_takes)
{
	struct abl_arena dry = {0}, a;
	struct abl_err err = {0};

	ck_assert_ptr_null(ABL_TAKE(&dry, float, 100));
	ck_assert_uint_eq(dry.used, 448);
	ck_assert_int_eq(abl_arena_init(&a, dry.used, &err), 0);
	ck_assert_ptr_nonnull(ABL_TAKE(&a, float, 100));
	abl_arena_finish(&a);
	abl_arena_finish(&a);
}
END_TEST

static char folder[] = "/tmp/ablate-base-XXXXXX";

START_TEST(test_files__lines_and_bad_input)
{
	struct abl_err err = {0};
	struct abl_reader *r;
	const char *line;
	char *path = abl_path_join(folder, "a.txt");
	size_t n;

	ck_assert_int_eq(abl_file_write(path,
					"\xEF\xBB\xBF"
					"one\n\ntwo",
					11, &err),
			 0);
	ck_assert_int_eq(abl_reader_open(&r, path, &err), 0);
	ck_assert_int_eq(abl_reader_line(r, &line, &n, &err), 1);
	ck_assert_str_eq(line, "one");
	ck_assert_int_eq(abl_reader_line(r, &line, &n, &err), 1);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(abl_reader_line(r, &line, &n, &err), 1);
	ck_assert_str_eq(line, "two");
	ck_assert_int_eq(abl_reader_line(r, &line, &n, &err), 0);
	abl_reader_close(r);

	ck_assert_int_eq(abl_file_write(path,
					"fine\nb\xff"
					"d\n",
					9, &err),
			 0);
	ck_assert_int_eq(abl_reader_open(&r, path, &err), 0);
	ck_assert_int_eq(abl_reader_line(r, &line, &n, &err), 1);
	ck_assert_int_eq(abl_reader_line(r, &line, &n, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "a.txt:2:2: invalid UTF-8"));
	abl_reader_close(r);

	err = (struct abl_err){0};
	ck_assert_int_eq(abl_reader_open(&r, folder, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "is a folder"));
	free(path);
}
END_TEST

START_TEST(test_files__packed_and_cut_off)
{
	struct abl_err err = {0};
	struct abl_str command = {0}, text = {0}, packed = {0};
	char *plain = abl_path_join(folder, "p.txt"), *other = abl_path_join(folder, "p.packed");
	char hash[2][ABL_HASH_TEXT];
	struct abl_str body = {0};

	for (int i = 0; i < 20000; i++)
		abl_str_printf(&body, "line %d\n", i * 7919 % 20011);
	ck_assert_int_eq(abl_file_write(plain, body.text, body.length, &err), 0);
	ck_assert_int_eq(abl_hash_file(plain, hash[0], &err), 0);
	for (int kind = 0; kind < 2; kind++) {
		abl_str_clear(&command);
		abl_str_printf(&command, "%s -c %s > %s", kind ? "xz" : "gzip", plain, other);
		ck_assert_int_eq(system(command.text), 0);
		ck_assert_int_eq(abl_hash_file(other, hash[1], &err), 0);
		ck_assert_str_eq(hash[0], hash[1]);
		abl_str_clear(&packed);
		abl_str_printf(&command, " && truncate -s 3000 %s", other);
		ck_assert_int_eq(system(command.text), 0);
		ck_assert_int_eq(abl_file_read(other, &text, 1 << 20, &err), ABL_EINPUT);
		ck_assert(strstr(err.text, "truncated"));
		err = (struct abl_err){0};
	}
	abl_str_finish(&command), abl_str_finish(&text), abl_str_finish(&packed),
		abl_str_finish(&body);
	free(plain), free(other);
}
END_TEST

/* In a process that is not root, for whom modes are nothing. Only what is outside stays. */
static _Noreturn void make_and_remove(void)
{
	char top[] = "/tmp/test_remove.XXXXXX", name[200];
	struct abl_err err = {0};
	bool ok = (getuid() || !setuid(65534)) && mkdtemp(top) && !chdir(top) &&
		  !mkdir("out", 0777) && !mkdir("else", 0777) && !mkdir("else/kept", 0777) &&
		  !symlink("../else", "out/link") && !mkdir("out/none", 0777) &&
		  !mkdir("out/none/below", 0) && !chmod("out/none", 0) &&
		  !mkdir("out/read", 0777) && !mkdir("out/read/below", 0777) &&
		  !chmod("out/read", 0555) && !mkfifo("out/pipe", 0) && !chdir("out");

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = 0;
	for (int i = 0; ok && i < 500; i++) /* longer than a path may be */
		ok = !mkdir(name, 0777) && !chdir(name);
	ok = ok && !chdir(top) && !abl_remove_tree("out", &err) && access("out", F_OK) &&
	     !access("else/kept", F_OK) && !abl_remove_tree(top, &err);
	if (!ok)
		printf("# %s\n", err.text);
	_exit(!ok);
}

START_TEST(test_files__a_folder_with_whatever_is_in_it)
{
	const pid_t pid = fork();
	int status;

	if (!pid)
		make_and_remove();
	ck_assert(waitpid(pid, &status, 0) == pid && !status);
}
END_TEST

START_TEST(test_files__writer_keeps_all_or_nothing)
{
	struct abl_err err = {0};
	struct abl_writer w;
	struct abl_str text = {0};
	char *own = abl_path_join(folder, "written"), *path = abl_path_join(own, "w.txt");

	ck_assert_int_eq(abl_mkdir_all(own, &err), 0);
	ck_assert_int_eq(abl_writer_open(&w, path, &err), 0);
	abl_writer_put(&w, "first", 5);
	ck_assert(!abl_file_exists(path));
	ck_assert_int_eq(abl_writer_commit(&w, &err), 0);

	ck_assert_int_eq(abl_writer_open(&w, path, &err), 0);
	abl_writer_put(&w, "second", 6);
	abl_writer_drop(&w);
	abl_writer_drop(&w);
	ck_assert_int_eq(abl_file_read(path, &text, 100, &err), 0);
	ck_assert_str_eq(text.text, "first");

	ck_assert_int_eq(abl_writer_open(&w, "/dev/full", &err), 0); /* written to, not replaced */
	abl_writer_put(&w, "third", 5);
	ck_assert_int_eq(abl_writer_commit(&w, &err), ABL_EIO);
	ck_assert_str_eq(err.text, "cannot write '/dev/full': No space left on device");
	ck_assert(!abl_is_regular("/dev/full"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(own), 0); /* nothing was left beside it */
	abl_str_finish(&text);
	free(path), free(own);
}
END_TEST

struct sample {
	int64_t layers;
	double rate;
	const char *kind;
};

START_TEST(test_option__same_rows)
{
	static const char *const words[] = {"a", "b", NULL}, *const more[] = {"a", "b", "c", NULL};
	const struct abl_option row = {.name = "rate", .type = ABL_REAL, .max = 1, .help = "x"};
	const struct abl_option name = {.name = "kind", .type = ABL_CHOICE, .choices = words};
	struct abl_option other = row;

	other.help = "in other words";
	ck_assert(abl_option_same(&row, &other));
	ck_assert(abl_option_same(&name, &name));
#define DIFFERS(base, field, value)                         \
	do {                                                \
		other = base;                               \
		other.field = value;                        \
		ck_assert(!abl_option_same(&base, &other)); \
	} while (0)
	DIFFERS(row, name, "rates");
	DIFFERS(row, type, ABL_INT);
	DIFFERS(row, offset, 8);
	DIFFERS(row, def, .5);
	DIFFERS(row, min, -1);
	DIFFERS(row, max, 2);
	DIFFERS(row, above_min, true);
	DIFFERS(row, below_max, true);
	DIFFERS(row, stages, ABL_AT_MODEL);
	DIFFERS(row, pretrain_def, .1);
	DIFFERS(row, has_pretrain_def, true);
	DIFFERS(name, def_choice, "b");
	DIFFERS(name, choices, NULL);
	DIFFERS(name, choices, more);
	DIFFERS(name, choices, words + 1);
#undef DIFFERS
}
END_TEST

START_TEST(test_option__types_and_ranges)
{
	static const char *const kinds[] = {"tanh", "relu", NULL};
	const struct abl_option layers = {.name = "layers",
					  .type = ABL_INT,
					  .offset = offsetof(struct sample, layers),
					  .min = 1,
					  .max = 48};
	const struct abl_option rate = {.name = "rate",
					.type = ABL_REAL,
					.offset = offsetof(struct sample, rate),
					.min = 0,
					.max = 1,
					.above_min = true};
	const struct abl_option kind = {.name = "kind",
					.type = ABL_CHOICE,
					.offset = offsetof(struct sample, kind),
					.choices = kinds};
	struct sample s = {0};
	struct abl_err err = {0};
	struct abl_value v = {.type = ABL_INT, .i = 4};

	ck_assert_int_eq(abl_option_set(&layers, &s, "layers", &v, &err), 0);
	ck_assert_int_eq(s.layers, 4);
	v.i = 1;
	ck_assert_int_eq(abl_option_set(&rate, &s, "rate", &v, &err), 0);
	ck_assert(s.rate == 1);
	v.i = 0;
	ck_assert_int_eq(abl_option_set(&rate, &s, "rate", &v, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, "'rate' is out of range: 0; it must be above 0 to 1");
	err = (struct abl_err){0};
	v = (struct abl_value){.type = ABL_CHOICE, .choice = "rleu"};
	ck_assert_int_eq(abl_option_set(&kind, &s, "kind", &v, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "did you mean 'relu'"));
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_option_set(&layers, &s, "layers", &v, &err), ABL_EINPUT);
}
END_TEST

START_TEST(test_utf8__what_a_terminal_acts_upon_is_shown)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"plain\n\tÄ 日本語 😀", "plain\n\tÄ 日本語 😀"},
		{"\033[31mred\a\177", "\\x1b[31mred\\x07\\x7f"},
		{"\302\2331m", "\\x9b1m"}, /* CSI in one character */
		{"a\342\200\256b\342\201\246", "a\\u202eb\\u2066"},
		{"bad \377 and cut \342\200", "bad \\xff and cut \\xe2\\x80"},
	};
	struct abl_str out = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		abl_str_clear(&out);
		abl_utf8_visible(&out, cases[i].text, strlen(cases[i].text));
		ck_assert_str_eq(out.text, cases[i].shown);
	}
	ck_assert(abl_utf8_turns(cases[3].text) && !abl_utf8_turns(cases[0].text));
	abl_str_finish(&out);
}
END_TEST

START_TEST(test_base__machine)
{
	ck_assert(abl_machine_memory_left() <= abl_machine_memory());
	ck_assert(abl_machine_memory_kills() >= 0);
	ck_assert(abl_machine_disk("/tmp/not/there/yet") == abl_machine_disk("/tmp") ||
		  abl_machine_disk("/tmp/not/there/yet") > 0);
	ck_assert_int_ge(abl_machine_cores(), 1);
	ck_assert(abl_machine_memory() > 1e6);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("base");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_err__first_cause_wins);
	tcase_add_test(c, test_str__reals_round_trip);
	tcase_add_test(c, test_str__numbers_as_yaml_has_them);
	tcase_add_test(c, test_str__nearest_name);
	tcase_add_test(c, test_str__intern_and_formats);
	tcase_add_test(c, test_utf8__what_a_terminal_acts_upon_is_shown);
	tcase_add_test(c, test_rng__philox_known_answers);
	tcase_add_test(c, test_rng__moments_and_shuffle);
	tcase_add_test(c, test_arena__counts_then_takes);
	tcase_add_test(c, test_files__lines_and_bad_input);
	tcase_add_test(c, test_files__packed_and_cut_off);
	tcase_add_test(c, test_files__writer_keeps_all_or_nothing);
	tcase_add_test(c, test_files__a_folder_with_whatever_is_in_it);
	tcase_add_test(c, test_option__types_and_ranges);
	tcase_add_test(c, test_option__same_rows);
	tcase_add_test(c, test_base__machine);
	failed = run_case(c, "base");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
