/* SPDX-License-Identifier: Apache-2.0 */
/* test_labels.c - what lines are called, and which are drawn. */
#include "labels.h"
#include "utf8.h"
#include "lines.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

START_TEST(test_labels__are_cut_in_the_middle)
{
	char *cut = abl_utf8_cut("größe=größer", 8);

	ck_assert_str_eq(cut, "grö…ößer");
	free(cut);
	cut = abl_utf8_cut("größe", 5);
	ck_assert_str_eq(cut, "größe");
	free(cut);
}
END_TEST

/* What varies stays: names go before values, and no two labels are alike. */
START_TEST(test_labels__keep_what_varies)
{
	static const char *const text[] = {"baseline", "learning_rate=1e-3, dropout=0.1",
					   "learning_rate=3e-4, dropout=0.1",
					   "learning_rate=1e-4, dropout=0.1, batch_size=128"};
	static const char *const roomy[] = {"baseline", "learning_rate=1e-3", "learning_rate=3e-4",
					    "learning_rate=1e-4, batch_size=128"};
	static const char *const narrow[] = {"baseline", "lr=1e-3", "lr=3e-4", "lr=1e-4, bs=128"};
	static const struct {
		const char *const *want, *legend;
		size_t room;
	} cases[] = {
		{text, "", 80},
		{roomy, "All settings with dropout=0.1.", 34},
		{narrow, "All settings with dropout=0.1. lr = learning_rate, bs = batch_size.", 20},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_str legend = {0};
		char **label = abl_labels_shorten(text, 4, cases[i].room, &legend);

		for (size_t k = 0; k < 4; k++)
			ck_assert_str_eq(label[k], cases[i].want[k]);
		ck_assert_str_eq(legend.length ? legend.text : "", cases[i].legend);
		abl_labels_destroy(label, 4);
		abl_str_finish(&legend);
	}
}
END_TEST

START_TEST(test_labels__no_two_are_alike)
{
	static const char *const text[] = {
		"init=checkpoints/of/some/longer/path/2024/model-a.safetensors",
		"init=checkpoints/of/some/longer/path/2024/model-b.safetensors",
		"a long name that somebody wrote, then something, end of it",
		"a long name that somebody wrote, with another, end of it",
		"a long name that somebody wrote, yet one more, end of it",
		"日本語のとても長い名前です、本当に長い名前です",
	};
	enum { N = sizeof text / sizeof *text, ROOM = 16 };
	char **label = abl_labels_shorten(text, N, ROOM, NULL);

	for (size_t i = 0; i < N; i++) {
		ck_assert_uint_le(abl_utf8_cells(label[i]), ROOM);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(label[i], label[j]);
	}
	abl_labels_destroy(label, N);
}
END_TEST

START_TEST(test_lines__baseline_best_and_worst)
{
	const double score[] = {0, .1, NAN, -.4, .3, .2, -.1, -.2, NAN, .05};
	const bool want[] = {true, true, false, true, true, true, true, true, false, true};
	bool chosen[10];

	abl_lines_choose(score, 10, 8, chosen);
	for (size_t i = 0; i < 10; i++)
		ck_assert_msg(chosen[i] == want[i], "%zu", i);
	abl_lines_choose(score, 10, 4, chosen);
	ck_assert(chosen[0] && chosen[4] && chosen[3] && chosen[5] && !chosen[1] && !chosen[7]);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("labels");

	tcase_add_test(c, test_labels__are_cut_in_the_middle);
	tcase_add_test(c, test_labels__keep_what_varies);
	tcase_add_test(c, test_labels__no_two_are_alike);
	tcase_add_test(c, test_lines__baseline_best_and_worst);
	return run_case(c, "labels");
}
