/* SPDX-License-Identifier: Apache-2.0 */
#include "python_text.h"

#include <utf8proc.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { CAPITAL_SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2, DOTTED_CAPITAL_I = 0x130, DOT_ABOVE = 0x307 };

struct range {
	int32_t first, last;
};

/* Neither Lu, Ll nor Lt, but Other_Lowercase or Other_Uppercase (Unicode, PropList.txt), as far as
 * they are not passed over as Case_Ignorable in any case. */
static const struct range other_cased[] = {
	{0xAA, 0xAA},       {0xBA, 0xBA},       {0x2160, 0x217F},   {0x24B6, 0x24E9},
	{0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189},
};

/* Case_Ignorable without being Mn, Me, Cf, Lm or Sk: what WordBreakProperty.txt has as MidLetter,
 * MidNumLet or Single_Quote. */
static const int32_t inside_words[] = {
	0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
	0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A,
};

int32_t abl_python_next(const char *text, size_t length, size_t *at)
{
	utf8proc_int32_t point = 0;
	utf8proc_ssize_t width = utf8proc_iterate((const utf8proc_uint8_t *)text + *at,
						  (utf8proc_ssize_t)(length - *at), &point);

	*at += width > 0 ? (size_t)width : 1;
	return point;
}

static bool case_ignorable(int32_t point)
{
	for (size_t i = 0; i < COUNT(inside_words); i++)
		if (inside_words[i] == point)
			return true;
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_SK:
		return true;
	default:
		return false;
	}
}

static bool cased(int32_t point)
{
	utf8proc_category_t c = utf8proc_category(point);

	for (size_t i = 0; i < COUNT(other_cased); i++)
		if (point >= other_cased[i].first && point <= other_cased[i].last)
			return true;
	return c == UTF8PROC_CATEGORY_LU || c == UTF8PROC_CATEGORY_LL || c == UTF8PROC_CATEGORY_LT;
}

/* Is the sigma in text[begin, end) the last letter of a word (Unicode's Final_Sigma)? */
static bool is_final(const char *text, size_t length, size_t begin, size_t end)
{
	int32_t point = 0;
	bool found = false;

	for (size_t at = begin; at > 0 && !found;) {
		size_t from;

		while ((text[--at] & 0xC0) == 0x80)
			;
		from = at;
		point = abl_python_next(text, length, &from);
		found = !case_ignorable(point);
	}
	if (!found || !cased(point))
		return false;
	while (end < length) {
		point = abl_python_next(text, length, &end);
		if (!case_ignorable(point))
			return !cased(point);
	}
	return true;
}

static void add_point(struct abl_str *out, int32_t point)
{
	utf8proc_uint8_t bytes[4];

	abl_str_add(out, (const char *)bytes, (size_t)utf8proc_encode_char(point, bytes));
}

void abl_python_lower(const char *text, size_t length, struct abl_str *out)
{
	abl_str_add(out, "", 0);
	for (size_t at = 0; at < length;) {
		size_t begin = at;
		int32_t point = abl_python_next(text, length, &at);

		if (point == CAPITAL_SIGMA && is_final(text, length, begin, at)) {
			add_point(out, FINAL_SIGMA);
		} else if (point == DOTTED_CAPITAL_I) {
			add_point(out, 'i');
			add_point(out, DOT_ABOVE);
		} else {
			add_point(out, utf8proc_tolower(point));
		}
	}
}

bool abl_python_space(int32_t point)
{
	if (point < 0x80)
		return point == ' ' || (point >= 0x9 && point <= 0xD) ||
		       (point >= 0x1C && point <= 0x1F);
	return point == 0x85 || utf8proc_category(point) == UTF8PROC_CATEGORY_ZS ||
	       point == 0x2028 || point == 0x2029;
}

bool abl_python_blank(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length)
		if (!abl_python_space(abl_python_next(text, length, &at)))
			return false;
	return true;
}

bool abl_python_word(int32_t point)
{
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return true;
	default:
		return point == '_';
	}
}
