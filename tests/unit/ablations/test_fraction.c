/* SPDX-License-Identifier: Apache-2.0 */
/* Fractions of two-level factorials. */
#include "files.h"
#include "fraction.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
	const long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

/* The cells of the fraction are those of pyDOE (tests/reference/make_fractions.py). */
START_TEST(test_fraction__is_that_of_pydoe)
{
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/fractions.txt");
	FILE *in = fopen(path, "r");
	size_t factors, cells;
	int designs = 0;

	ck_assert_msg(in && fscanf(in, "#%*[^\n]") == 0, "%s", path);
	for (; fscanf(in, "%zu %zu", &factors, &cells) == 2; designs++) {
		struct abl_fraction f;
		long cell[1024], theirs;

		ck_assert(cells < 1024 &&
			  abl_fraction_find(factors, (size_t)__builtin_ctzll(cells), &f));
		for (size_t i = 0; i < cells; i++)
			cell[i] = abl_fraction_cell(&f, i);
		ck_assert_int_eq(cell[0], 0);
		qsort(cell, cells, sizeof *cell, by_value);
		for (size_t i = 0; i < cells; i++) {
			ck_assert_int_eq(fscanf(in, "%ld", &theirs), 1);
			ck_assert_int_eq(cell[i], theirs);
		}
	}
	ck_assert_int_eq(designs, 8);
	fclose(in);
	free(path);
}
END_TEST

/* In the cells themselves: no effect of at most two factors has the signs of another, up to their
 * sign. */
static bool tells_apart(const struct abl_fraction *f)
{
	uint32_t effects[400];
	size_t count = 0;

	for (size_t i = 0; i < f->factors; i++)
		for (size_t k = i; k < f->factors; k++)
			effects[count++] = 1U << i | 1U << k;
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			size_t same = 0;

			for (size_t c = 0; c < (size_t)1 << f->base; c++)
				same += __builtin_popcount(abl_fraction_cell(f, c) &
							   (effects[i] ^ effects[k])) &
					1;
			if (same != (size_t)1 << (f->base - 1))
				return false;
		}
	return true;
}

START_TEST(test_fraction__has_resolution_v)
{
	struct abl_fraction f;
	int found = 0;

	for (size_t factors = 2; factors <= 11; factors++)
		for (size_t base = 1; base <= factors && base < 9; base++) {
			if (!abl_fraction_find(factors, base, &f))
				continue;
			found++;
			ck_assert(tells_apart(&f));
			ck_assert(base == factors || abl_fraction_resolution(&f) >= 5);
			ck_assert(base < factors || !abl_fraction_resolution(&f));
		}
	ck_assert_int_gt(found, 12);
	ck_assert(abl_fraction_find(5, 4, &f) && !abl_fraction_find(4, 3, &f));
	ck_assert(!abl_fraction_find(6, 4, &f) && !abl_fraction_find(7, 5, &f));
	ck_assert_int_eq(abl_fraction_letter(7), 'H');
	ck_assert_int_eq(abl_fraction_letter(8), 'J'); /* I is the mean */
}
END_TEST

START_TEST(test_fraction__aliases)
{
	struct abl_str text = {0};
	struct abl_fraction f;

	ck_assert(abl_fraction_find(5, 4, &f));
	abl_fraction_aliases(&f, &text);
	ck_assert_str_eq(text.text, "E=-ABCD\nI = -ABCDE\n"
				    "A=-BCDE, AB=-CDE, AC=-BDE, AD=-BCE, AE=-BCD, "
				    "B=-ACDE, BC=-ADE, BD=-ACE, BE=-ACD, "
				    "C=-ABDE, CD=-ABE, CE=-ABD, D=-ABCE, DE=-ABC, E=-ABCD\n");
	abl_str_clear(&text);
	ck_assert(abl_fraction_find(8, 6, &f));
	abl_fraction_aliases(&f, &text);
	ck_assert_msg(strstr(text.text, "G=-ABCD, H=-ABEF\nI = -ABCDG = -ABEFH = CDEFGH\n"), "%s",
		      text.text);
	ck_assert_msg(strstr(text.text, ", GH=-ABCDH=-ABEFG=CDEF, "), "%s", text.text);
	abl_str_clear(&text);
	ck_assert(abl_fraction_find(10, 7, &f));
	abl_fraction_aliases(&f, &text);
	ck_assert_msg(strstr(text.text, "\nall others: with four factors and more\n"), "%s",
		      text.text);
	abl_str_finish(&text);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("fraction");

	tcase_add_test(c, test_fraction__is_that_of_pydoe);
	tcase_add_test(c, test_fraction__has_resolution_v);
	tcase_add_test(c, test_fraction__aliases);
	return run_case(c, "fraction");
}
