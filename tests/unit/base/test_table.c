/* SPDX-License-Identifier: Apache-2.0 */
/* Tables in every format, and numbers as people read them. */
#include "run_case.h"
#include "table.h"

#include <check.h>
#include <math.h>

START_TEST(test_table__formats)
{
	static const struct {
		enum abl_table_format format;
		const char *text;
	} expected[] = {
		{ABL_TABLE_PLAIN, "name       score\na, \"b\"|±    .612\n-              -\n"},
		{ABL_TABLE_CSV, "name,score\n\"a, \"\"b\"\"|±\",0.6124\n,\n"},
		{ABL_TABLE_JSON, "[\n {\"name\": \"a, \\\"b\\\"|±\", \"score\": 0.6124},\n "
				 "{\"name\": null, \"score\": null}\n]\n"},
		{ABL_TABLE_MARKDOWN,
		 "| name | score |\n|---|---:|\n| a, \"b\"\\|± | .612 |\n| - | - |\n"},
		{ABL_TABLE_TEX,
		 "% \\usepackage{booktabs}\n\\begin{tabular}{lr}\n\\toprule\nname & score "
		 "\\\\\n\\midrule\na, \"b\"$|$$\\pm$ & .612 \\\\\n"
		 "-- & -- \\\\\n\\bottomrule\n\\end{tabular}\n"},
	};
	struct abl_table *t = abl_table_create();
	struct abl_str out = {0};
	char number[32];

	abl_table_column(t, "name", false);
	abl_table_column(t, "score", true);
	abl_table_text(t, "a, \"b\"|±");
	abl_table_real(t, .6124, abl_format_score(.6124, number));
	abl_table_text(t, NULL);
	abl_table_real(t, NAN, "nan");
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		abl_str_clear(&out);
		abl_table_render(t, expected[i].format, &out);
		ck_assert_str_eq(out.text, expected[i].text);
	}
	abl_str_finish(&out);
	abl_table_destroy(t);
}
END_TEST

/* Papers get a caption, notes on one line each, and true minus signs before numbers only. */
START_TEST(test_table__for_papers)
{
	struct abl_table *t = abl_table_create();
	struct abl_str out = {0};

	abl_table_column(t, "name", false);
	abl_table_column(t, "interval", false);
	abl_table_text(t, "lr -1");
	abl_table_numbers(t, "[-.02, -1.50]");
	abl_table_caption(t, "effect = a - b, mean -.5", "p: x .1,\n  y .2\nx_y: -3\n");
	abl_table_render(t, ABL_TABLE_MARKDOWN, &out);
	ck_assert_str_eq(out.text, "effect = a − b, mean −.5\n\n| name | interval |\n|---|---|\n"
				   "| lr -1 | [−.02, −1.50] |\n\n- p: x .1, y .2\n- x_y: −3\n");
	abl_str_clear(&out);
	abl_table_render(t, ABL_TABLE_TEX, &out);
	ck_assert_str_eq(out.text,
			 "% \\usepackage{booktabs}\n\\begin{table}\n\\centering\n"
			 "\\caption{effect = a $-$ b, mean $-$.5}\n"
			 "\\begin{tabular}{ll}\n\\toprule\nname & interval \\\\\n\\midrule\n"
			 "lr -1 & [$-$.02, $-$1.50] \\\\\n\\bottomrule\n\\end{tabular}\n"
			 "\\par\\noindent\\footnotesize p: x .1, y .2\n"
			 "\\par\\noindent\\footnotesize x\\_y: $-$3\n\\end{table}\n");
	abl_str_clear(&out);
	abl_table_render(t, ABL_TABLE_PLAIN, &out);
	ck_assert_str_eq(out.text, "name    interval\nlr -1   [-.02, -1.50]\n");
	abl_str_finish(&out);
	abl_table_destroy(t);
}
END_TEST

static void check_fit(struct abl_table *t, size_t room, bool drop, const char *expected)
{
	struct abl_str out = {0};

	abl_table_fit(t, room, drop);
	abl_table_render(t, ABL_TABLE_PLAIN, &out);
	ck_assert_str_eq(out.text, expected);
	abl_str_finish(&out);
}

/* Wide letters take two columns; in a narrow window texts lose their middles, numbers nothing. */
START_TEST(test_table__fits)
{
	struct abl_table *t = abl_table_create();

	abl_table_column(t, "a", false);
	abl_table_column(t, "n", true);
	abl_table_column(t, "verdict", false);
	abl_table_whole(t);
	abl_table_text(t, "日本語");
	abl_table_int(t, 1);
	abl_table_text(t, "not resolved, could see .1");
	abl_table_text(t, "a long text of 26 columns");
	abl_table_int(t, 23);
	abl_table_text(t, "-");
	check_fit(t, 80, false,
		  "a                            n   verdict\n"
		  "日本語                       1   not resolved, could see .1\n"
		  "a long text of 26 columns   23   -\n");
	check_fit(t, 44, false,
		  "a               n verdict\n"
		  "日本語          1 not resolved, could see .1\n"
		  "a long…columns 23 -\n");
	check_fit(t, 20, true,
		  "a             n\n"
		  "日本語        1\n"
		  "a lon…olumns 23\n"
		  "1 more column:\n  verdict\n");
	abl_table_destroy(t);
}
END_TEST

START_TEST(test_table__seeds_and_shares)
{
	static const char *const bad[] = {"", "1.", ".1", "1.x", "1.0", "0.1", "1.2.3", "x"};
	char out[32];
	int64_t seed;

	ck_assert_str_eq(abl_format_seed(3, out), "3");
	ck_assert_str_eq(abl_format_seed(12000003, out), "12.3");
	ck_assert(abl_parse_seed("12.3", &seed) && seed == 12000003);
	ck_assert(abl_parse_seed("12000003", &seed) && seed == 12000003);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!abl_parse_seed(bad[i], &seed), "'%s'", bad[i]);
	ck_assert_str_eq(abl_format_share(.75, out), ".750");
	ck_assert_str_eq(abl_format_share(1, out), "1.000");
	ck_assert_str_eq(abl_format_number(.123456789, out), ".123457");
	ck_assert_str_eq(abl_format_number(1234567, out), "1234567");
	ck_assert_str_eq(abl_format_number(-0., out), "0");
	ck_assert_str_eq(abl_format_number(1.5e-9, out), "1.5e-09");
}
END_TEST

/* The decimals of numbers that belong together follow the width of their interval. */
START_TEST(test_table__digits)
{
	static const struct {
		double estimate, low, high;
		const char *shown[3];
	} rows[] = {
		{-.026, -.112, .06, {"-.026", "-.112", "+.060"}},
		{1e-5, 4e-6, 1.6e-5, {"+.000010", "+.000004", "+.000016"}},
		{1e-6, 4e-7, 1.6e-6, {"+1.00e-6", "+.40e-6", "+1.60e-6"}},
		{-1.2e-4, -2.3e-4, -1e-5, {"-.00012", "-.00023", "-.00001"}},
		{.0521, .0518, .0524, {"+.05210", "+.05180", "+.05240"}},
		{5.1234e12, 5.0e12, 5.25e12, {"+5.12e12", "+5.00e12", "+5.25e12"}},
		{-1234.5, -2000, -469, {"-1234", "-2000", "-469"}},
		{-.05, -.0999, -.0001, {"-.0500", "-.0999", "-.0001"}}, /* the end is not 0 */
		{0, 0, 0, {".000", ".000", ".000"}},
	};
	struct abl_digits column = abl_digits_of_interval(3.46, -.637, 7.557, 32.01);
	char out[32];

	ck_assert_str_eq(abl_format_signed(3.46, column, out), "+3.46"); /* as the others in it */

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const double x[] = {rows[i].estimate, rows[i].low, rows[i].high};
		struct abl_digits d = abl_digits_of_interval(x[0], x[1], x[2], x[0]);

		for (size_t k = 0; k < 3; k++)
			ck_assert_str_eq(abl_format_signed(x[k], d, out), rows[i].shown[k]);
	}
}
END_TEST

START_TEST(test_table__numbers)
{
	char out[32];

	ck_assert_str_eq(abl_format_score(.6119, out), ".612");
	ck_assert_str_eq(abl_format_score(1, out), "1.000");
	ck_assert_str_eq(abl_format_score(.99996, out), "1.000");
	ck_assert_str_eq(abl_format_score(23.412, out), "23.41");
	ck_assert_str_eq(abl_format_score(-.5, out), "-.500");
	ck_assert_str_eq(abl_format_score(NAN, out), "-");
	ck_assert_str_eq(abl_format_signed(.003, abl_digits_for(.003, NAN), out), "+.003");
	ck_assert_str_eq(abl_format_signed(-.0001, abl_digits_for(-.0001, NAN), out), "-.00010");
	ck_assert_str_eq(abl_format_signed(-0., abl_digits_for(0, NAN), out), ".000");
	ck_assert_str_eq(abl_format_score(1.234e-5, out), ".000012");
	ck_assert_str_eq(abl_format_score(1.234e-7, out), "1.23e-7");
	ck_assert_str_eq(abl_format_score(5.3e12, out), "5.30e12");
	ck_assert_str_eq(abl_format_score(-INFINITY, out), "-inf");
	ck_assert_str_eq(abl_format_p(.0496, out), ".0496"); /* on which side of .05 is seen */
	ck_assert_str_eq(abl_format_p(.0503, out), ".0503");
	ck_assert_str_eq(abl_format_p(.05, out), ".050");
	ck_assert_str_eq(abl_format_p(.04996, out), ".04996");
	ck_assert_str_eq(abl_format_p(.00003, out), "<.0001");
	ck_assert_str_eq(abl_format_p(.0003, out), ".0003");
	ck_assert_str_eq(abl_format_p(.04, out), ".040");
	ck_assert_str_eq(abl_format_p(.486, out), ".49");
	ck_assert_str_eq(abl_format_p(1, out), "1.00");
	ck_assert_str_eq(abl_format_percent(-.004, out), "-0.4 %");
	ck_assert_str_eq(abl_format_percent(.0001, out), "0.0 %");
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("table");

	tcase_add_test(c, test_table__formats);
	tcase_add_test(c, test_table__for_papers);
	tcase_add_test(c, test_table__fits);
	tcase_add_test(c, test_table__seeds_and_shares);
	tcase_add_test(c, test_table__digits);
	tcase_add_test(c, test_table__numbers);
	return run_case(c, "table");
}
