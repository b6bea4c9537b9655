/* SPDX-License-Identifier: Apache-2.0 */
/* test_chart.c - figures before they are drawn, and pieces of pages. */
#include "chart.h"
#include "html.h"
#include "samples.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <string.h>

START_TEST(test_samples__mean_and_interval)
{
	struct abl_samples s = {0};
	struct abl_spread p;
	size_t at = 0;

	abl_samples_add(&s, 2, 1, 7);
	abl_samples_add(&s, 1, 3, 4);
	abl_samples_add(&s, 1, 1, 1);
	abl_samples_add(&s, 1, 2, 3);
	abl_samples_add(&s, 1, 2, 1); /* one seed twice: 2 */
	abl_samples_add(&s, 1, 4, NAN);
	abl_samples_add(&s, INFINITY, 1, 1);
	abl_samples_sort(&s);
	ck_assert(abl_samples_next(&s, &at, &p));
	ck_assert_uint_eq(p.n, 3);
	ck_assert_double_eq_tol(p.mean, 7.0 / 3, 1e-12);
	ck_assert_double_eq_tol(p.sd, 1.5275252316519465, 1e-12);
	ck_assert_double_eq_tol(p.half, 4.302652729696142 * 1.5275252316519465 / sqrt(3), 1e-9);
	ck_assert(abl_samples_next(&s, &at, &p));
	ck_assert(p.n == 1 && p.mean == 7 && isnan(p.sd) && isnan(p.half));
	ck_assert(!abl_samples_next(&s, &at, &p));
	abl_samples_finish(&s);
}
END_TEST

/* Seed by seed; the ends have fewer neighbours. */
START_TEST(test_samples__smoothed_by_seed)
{
	static const double want[] = {1.5, 2, 3, 3.5};
	struct abl_samples s = {0};

	for (int x = 1; x <= 4; x++) {
		abl_samples_add(&s, x, 1, x);
		abl_samples_add(&s, x, 2, 10);
	}
	abl_samples_sort(&s);
	abl_samples_smooth(&s, 1);
	for (size_t i = 0; i < s.count; i++)
		ck_assert_double_eq_tol(s.item[i].value, s.item[i].seed == 2 ? 10 : want[i / 2],
					1e-12);
	abl_samples_smooth(&s, 0);
	ck_assert_double_eq_tol(s.item[0].value, 1.5, 1e-12);
	abl_samples_clear(&s);
	abl_samples_smooth(&s, 3);
	abl_samples_finish(&s);
}
END_TEST

START_TEST(test_chart__labels_do_not_overlap)
{
	struct abl_chart c = {.columns = "x\ty", .column_count = 2, .panel_width = 300};
	struct abl_chart_panel *p = abl_chart_add_panel(&c, "task", "x", "y", 200);
	const double ends[] = {.5, .52, .51, .99, 1, .0};

	p->y.low = 0, p->y.high = 1;
	for (int i = 0; i < 6; i++) {
		abl_chart_add_series(&c, i, "label", "");
		abl_chart_add_row(&c, (double[]){0, .3});
		abl_chart_add_row(&c, (double[]){1, ends[i]});
	}
	abl_chart_place_labels(&c, 16);
	for (int i = 0; i < 6; i++) {
		ck_assert(c.series[i].at >= 0 && c.series[i].at <= 1);
		for (int j = 0; j < i; j++)
			ck_assert(fabs(c.series[i].at - c.series[j].at) >= 16 / 200.0 - 1e-9);
	}
	ck_assert(c.series[0].at < c.series[2].at && c.series[2].at < c.series[1].at);
	abl_chart_finish(&c);
}
END_TEST

START_TEST(test_chart__ranges)
{
	struct abl_chart_range r = {INFINITY, -INFINITY, false}, l = {1, 100, true};

	abl_chart_see(&r, NAN);
	abl_chart_see(&r, .5);
	abl_chart_widen(&r, .1);
	ck_assert(r.low < .5 && r.high > .5);
	abl_chart_widen(&l, .5);
	ck_assert_double_eq_tol(l.low, .1, 1e-12);
	ck_assert_double_eq_tol(l.high, 1000, 1e-9);
	/* equal but for rounding: room as where they are equal */
	r = (struct abl_chart_range){.83, nextafter(.83, 1), false};
	abl_chart_widen(&r, .06);
	ck_assert(r.low < .75 && r.high > .91);
	/* what exploded is beyond a hundred times the median, whatever the sign; nothing known: no
	 * limit */
	ck_assert_double_eq(abl_chart_limit((double[]){.5, NAN, -6e9, .4, .6, 0, 5e12}, 7), 60);
	ck_assert(isinf(abl_chart_limit((double[]){0, NAN}, 2)));
}
END_TEST

/* A column of a paper is less than half as wide as a page; its panels stand below each other, and
 * its marks have room. */
START_TEST(test_chart__fits_its_width)
{
	struct abl_chart c = {.columns = "x\ty",
			      .column_count = 2,
			      .grid = 2,
			      .left = 60,
			      .right = 90,
			      .width = 930};

	for (int i = 0; i < 2; i++) {
		struct abl_chart_panel *p = abl_chart_add_panel(&c, "task", "x", "y", 200);

		p->x.low = 0, p->x.high = 4000;
	}
	abl_chart_fit(&c);
	ck_assert_int_eq(c.grid, 2);
	ck_assert_int_eq(c.panel_width, (930 - 18) / 2 - 150);
	c.width = 440;
	abl_chart_fit(&c);
	ck_assert_int_eq(c.grid, 1);
	ck_assert_int_eq(c.panel_width, 440 - 18 - 150);
	abl_chart_add_tics(&c);
	ck_assert_str_eq(c.panel[0].x_tics.text,
			 "'0' 0, '1000' 1000, '2000' 2000, '3000' 3000, '4000' 4000");
	abl_chart_finish(&c);
}
END_TEST

START_TEST(test_html__text_and_base64)
{
	const char *const plain[] = {"", "f", "fo", "foo", "foob"}, *const packed[] = {
									    "",
									    "Zg==", "Zm8=", "Zm9v",
									    "Zm9vYg=="};
	struct abl_str out = {0};

	abl_html_element(&out, "td class=\"n\"", "<a href='x'>&\"\x01</a>");
	ck_assert_str_eq(out.text,
			 "<td class=\"n\">&lt;a href=&#39;x&#39;&gt;&amp;&quot; &lt;/a&gt;</td>");
	for (int i = 0; i < 5; i++) { /* RFC 4648, section 10 */
		abl_str_clear(&out);
		abl_str_puts(&out, "");
		abl_html_base64(&out, plain[i], strlen(plain[i]));
		ck_assert_str_eq(out.text, packed[i]);
	}
	abl_str_finish(&out);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("chart");

	tcase_add_test(c, test_samples__mean_and_interval);
	tcase_add_test(c, test_samples__smoothed_by_seed);
	tcase_add_test(c, test_chart__labels_do_not_overlap);
	tcase_add_test(c, test_chart__ranges);
	tcase_add_test(c, test_chart__fits_its_width);
	tcase_add_test(c, test_html__text_and_base64);
	return run_case(c, "chart");
}
