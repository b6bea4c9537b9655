/* SPDX-License-Identifier: Apache-2.0 */
#include "fraction.h"

#include <string.h>

/* Words of resolution V by how many factors they generate, for the fewest factors that allow it:
 * with more factors the rest is added to the base. Box, Hunter and Hunter (1978), table 12.15.
 * Those of one factor take the whole base. */
static const struct row {
	size_t generated, base;
	const char *word[ABL_GENERATED_MAX];
} rows[] = {
	{2, 6, {"ABCD", "ABEF"}},
	{2, 7, {"ACDFG", "BCEFG"}},
	{3, 7, {"ABCG", "BCDE", "ACDF"}},
	{4, 7, {"ABCG", "BCDE", "ACDF", "ABCDEFG"}},
};

char abl_fraction_letter(size_t factor)
{
	return (char)('A' + factor + (factor >= (size_t)('I' - 'A'))); /* I is the mean */
}

static uint32_t bits_of(const char *word)
{
	uint32_t bits = 0;

	for (; *word; word++)
		bits |= 1U << (*word - 'A');
	return bits;
}

bool abl_fraction_find(size_t factors, size_t base, struct abl_fraction *out)
{
	const size_t generated = factors - base;
	const struct row *row = NULL;

	*out = (struct abl_fraction){.factors = factors, .base = base};
	if (!generated)
		return true;
	if (generated == 1) {
		out->word[0] = (1U << base) - 1;
		return base >= 4;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].generated == generated && rows[i].base <= base)
			row = &rows[i];
	for (size_t i = 0; row && i < generated; i++)
		out->word[i] = bits_of(row->word[i]);
	return row;
}

const char *abl_fraction_why_not(size_t factors, size_t base)
{
	if (factors > ((size_t)1 << base) - 1)
		return "the factors could not be told apart";
	if (factors > (size_t)1 << (base - 1))
		return "factors would look like pairs of others (resolution III)";
	return "pairs of factors would look like other pairs (resolution IV)";
}

uint32_t abl_fraction_cell(const struct abl_fraction *f, size_t i)
{
	uint32_t cell = 0;

	for (size_t k = 0; k < f->base; k++) /* the last of them runs fastest */
		cell |= (uint32_t)(i >> (f->base - 1 - k) & 1) << k;
	for (size_t k = f->base; k < f->factors; k++)
		cell |= (uint32_t)(__builtin_popcount(cell & f->word[k - f->base]) & 1) << k;
	return cell;
}

/* Member g of the defining relation, g = 1 .. 2^generated - 1. */
static uint32_t member(const struct abl_fraction *f, size_t g)
{
	uint32_t word = 0;

	for (size_t i = 0; i < f->factors - f->base; i++)
		if (g >> i & 1)
			word ^= f->word[i] | 1U << (f->base + i);
	return word;
}

static size_t members(const struct abl_fraction *f)
{
	return (size_t)1 << (f->factors - f->base);
}

int abl_fraction_resolution(const struct abl_fraction *f)
{
	int least = 0;

	for (size_t g = 1; g < members(f); g++) {
		const int n = __builtin_popcount(member(f, g));

		least = !least || n < least ? n : least;
	}
	return least;
}

/* Levels count as -1 and +1. All factors at their first level are a cell, so a word of an odd
 * number of them is -1. */
static void add_word(uint32_t bits, bool negative, struct abl_str *out)
{
	abl_str_puts(out, negative ? "-" : "");
	for (size_t k = 0; bits >> k; k++)
		if (bits >> k & 1)
			abl_str_add(out, &(char){abl_fraction_letter(k)}, 1);
}

static bool is_odd(uint32_t bits)
{
	return __builtin_popcount(bits) & 1;
}

/* "AB=-CDE", with words of `most` factors at most. False: there are none. */
static bool add_aliases(const struct abl_fraction *f, uint32_t effect, int most,
			struct abl_str *out)
{
	bool any = false;

	for (size_t g = 1; g < members(f); g++) {
		const uint32_t other = effect ^ member(f, g);

		if (__builtin_popcount(other) > most)
			continue;
		if (!any)
			add_word(effect, false, out);
		any = true;
		abl_str_puts(out, "=");
		add_word(other, is_odd(member(f, g)), out);
	}
	return any;
}

static void add_relation(const struct abl_fraction *f, struct abl_str *out)
{
	for (size_t i = 0; i < f->factors - f->base; i++) {
		abl_str_puts(out, i ? ", " : "");
		add_word(1U << (f->base + i), false, out);
		abl_str_puts(out, "=");
		add_word(f->word[i], !is_odd(f->word[i]), out);
	}
	abl_str_puts(out, "\nI");
	for (size_t g = 1; g < members(f); g++) {
		abl_str_puts(out, " = ");
		add_word(member(f, g), is_odd(member(f, g)), out);
	}
	abl_str_puts(out, "\n");
}

void abl_fraction_aliases(const struct abl_fraction *f, struct abl_str *out)
{
	const int most = members(f) > 4 ? 3 : ABL_FACTORS_MAX; /* else there are hundreds */
	struct abl_str one = {0}, all = {0};

	add_relation(f, out);
	for (size_t k = 0; k < f->factors; k++)
		for (size_t j = k; j < f->factors; j++) {
			abl_str_clear(&one);
			if (add_aliases(f, 1U << k | 1U << j, most, &one))
				abl_str_printf(&all, "%s%s", all.length ? ", " : "", one.text);
		}
	if (all.length)
		abl_str_printf(out, "%s\n", all.text);
	if (most == 3)
		abl_str_puts(out, "all others: with four factors and more\n");
	abl_str_finish(&one), abl_str_finish(&all);
}
