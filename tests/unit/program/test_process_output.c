/* SPDX-License-Identifier: Apache-2.0 */
#include "process_fixture.h"
#include "process_output.h"
#include "run_case.h"

#include <fcntl.h>

START_TEST(test_output__closed_and_going_on)
{
	const struct abl_process_end end =
		run_script("echo a; exec >&- 2>&- <&-; sleep 1.2; exit 4");

	ck_assert(end.exit_code == 4 && heard.ticks == 1);
	ck_assert_str_eq(heard.lines.text, "a|");
}
END_TEST

START_TEST(test_output__bytes_that_are_no_text)
{
	const struct abl_process_end end = run_script(
		"printf 'a\\377\\000b\\n\\033[31mred\\033[0m \\303\\251\\033]0;x\\007\\001'");

	ck_assert_uint_eq(heard.count, 2);
	ck_assert_uint_eq(heard.bytes, 4 + 22);
	ck_assert_str_eq(end.tail, "a??b\nred \xc3\xa9?");
}
END_TEST

/* Everything that is printed goes to the lines; the log has its bounds. */
static void check_flood(const char *script, size_t bytes)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct abl_process_spec spec = spec_of(argv);
	struct abl_str path = {0}, log = {0};

	hear_nothing();
	abl_str_printf(&path, "%s/log", folder);
	spec.log = open(path.text, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
	ck_assert_int_eq(run_spec(&spec).exit_code, 0);
	close(spec.log);
	ck_assert_uint_ge(heard.bytes + heard.count, bytes);
	ck_assert(!abl_file_read(path.text, &log, 16 << 20, NULL));
	ck_assert_uint_lt(log.length, ABL_OUTPUT_FIRST + ABL_OUTPUT_LAST + 100);
	ck_assert_ptr_nonnull(strstr(log.text + ABL_OUTPUT_FIRST, " of output left out here\n"));
	ck_assert_str_eq(log.text + log.length - 9, "the end\n\n");
	unlink(path.text);
	abl_str_finish(&path);
	abl_str_finish(&log);
}

START_TEST(test_output__a_flood)
{
	const bool slow = getenv("ABLATE_SLOW");

	check_flood(slow ? "yes | head -c 1073741824; printf 'the end\\n\\n'"
			 : "yes | head -c 50000000; printf 'the end\\n\\n'",
		    slow ? 1 << 30 : 50000000);
	check_flood("head -c 20000000 /dev/zero; printf '\\nthe end\\n\\n'", 20000000);
	ck_assert_uint_eq(heard.longest, ABL_OUTPUT_LINE); /* one line, in pieces */
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("process_output");
	int failed;

	if (!process_fixture_begin())
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_output__closed_and_going_on);
	tcase_add_test(c, test_output__bytes_that_are_no_text);
	tcase_add_test(c, test_output__a_flood);
	failed = run_case(c, "process_output");
	return !process_fixture_end() || failed;
}
