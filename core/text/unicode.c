/* SPDX-License-Identifier: Apache-2.0 */
#include "unicode.h"

#include <stdbool.h>
#include <utf8proc.h>

struct range {
	int32_t first, last;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The blocks of BERT's tokenizer (google-research/bert, tokenization.py), the sixth as tokenizers
 * has it: from 2B920, not from 2B820. */
static const struct range ideographs[] = {
	{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
	{0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F},
};

/* Marks, punctuation and format characters that came after Unicode 8, so that tokenizers takes them
 * for text: all such code points and, to keep the rows few, none but unassigned and ordinary ones
 * between. */
static const struct range later[] = {
	{0x61D, 0x61D},     {0x7FD, 0x7FD},     {0x890, 0x8E2},     {0x9FD, 0x9FE},
	{0xA76, 0xA76},     {0xAFA, 0xAFF},     {0xB55, 0xB55},     {0xC04, 0xC3C},
	{0xC77, 0xC77},     {0xC84, 0xC84},     {0xD00, 0xD00},     {0xD3B, 0xD3C},
	{0xD81, 0xD81},     {0xEBA, 0xEBA},     {0xECE, 0xECE},     {0x1715, 0x1715},
	{0x180F, 0x1886},   {0x1ABF, 0x1ACE},   {0x1B7D, 0x1B7E},   {0x1DF6, 0x1DFB},
	{0x2E43, 0x2E5D},   {0xA82C, 0xA82C},   {0xA8C5, 0xA8C5},   {0xA8FF, 0xA8FF},
	{0xA9BD, 0xA9BD},   {0x10D24, 0x10F89}, {0x11070, 0x11074}, {0x110C2, 0x110CD},
	{0x111CF, 0x111CF}, {0x1123E, 0x11241}, {0x1133B, 0x1133B}, {0x11438, 0x1145E},
	{0x11660, 0x1166C}, {0x116B9, 0x116B9}, {0x1182F, 0x11FFF}, {0x12FF1, 0x13455},
	{0x16E97, 0x16F4F}, {0x16FE2, 0x16FF1}, {0x1CF00, 0x1CF46}, {0x1E000, 0x1E4EF},
	{0x1E944, 0x1E95F},
};

/* Those among them that Unicode 9 brought: they have their combining class. */
static const struct range later_ordered[] = {
	{0x8D4, 0x8E1},     {0x1DFB, 0x1DFB},   {0x11442, 0x11442}, {0x11446, 0x11446},
	{0x11C3F, 0x11C3F}, {0x1E000, 0x1E02A}, {0x1E944, 0x1E94A},
};

/* Code points whose category changed after Unicode 8. */
static const struct {
	int32_t point;
	enum abl_point class;
} changed[] = {
	{0x166D, ABL_POINT_PUNCTUATION},  /* Canadian syllabics chi sign: a symbol now */
	{0x1734, ABL_POINT_MARK},         /* Hanunoo pamudpod: a spacing mark now */
	{0x111C9, ABL_POINT_PUNCTUATION}, /* Sharada sandhi mark: a mark now */
};

/* Lower case that came after Unicode 15: every `step`th from first to last, `by` further on. */
static const struct {
	int32_t first, last, step, by;
} later_lower[] = {
	{0x1C89, 0x1C89, 1, 1},      {0xA7CB, 0xA7CB, 1, 0x264 - 0xA7CB},
	{0xA7CC, 0xA7CE, 2, 1},      {0xA7D2, 0xA7D4, 2, 1},
	{0xA7DA, 0xA7DA, 1, 1},      {0xA7DC, 0xA7DC, 1, 0x19B - 0xA7DC},
	{0x10D50, 0x10D65, 1, 0x20}, {0x16EA0, 0x16EB8, 1, 0x1B},
};

static bool within(const struct range *ranges, size_t count, int32_t point)
{
	size_t low = 0, high = count;

	while (low < high) { /* the first range that does not end before the point */
		size_t mid = (low + high) / 2;

		if (ranges[mid].last < point)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && ranges[low].first <= point;
}

static enum abl_point class_of_category(utf8proc_category_t category)
{
	switch (category) {
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return ABL_POINT_SPACE;
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
		return ABL_POINT_PUNCTUATION;
	case UTF8PROC_CATEGORY_MN:
		return ABL_POINT_MARK;
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CO:
		return ABL_POINT_DROP;
	default:
		return ABL_POINT_TEXT;
	}
}

static enum abl_point class_of_ascii(int32_t point)
{
	if ((point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') ||
	    (point >= '0' && point <= '9'))
		return ABL_POINT_TEXT;
	if (point == ' ' || point == '\t' || point == '\n' || point == '\r')
		return ABL_POINT_SPACE;
	return point < ' ' || point == 0x7F ? ABL_POINT_DROP : ABL_POINT_PUNCTUATION;
}

enum abl_point abl_point_class(int32_t point)
{
	enum abl_point class;

	if (point < 0x80)
		return class_of_ascii(point);
	if (within(ideographs, COUNT(ideographs), point))
		return ABL_POINT_IDEOGRAPH;
	for (size_t i = 0; i < COUNT(changed); i++)
		if (changed[i].point == point)
			return changed[i].class;
	class = class_of_category(utf8proc_category(point));
	if (class != ABL_POINT_TEXT && within(later, COUNT(later), point))
		return ABL_POINT_TEXT;
	return point == 0xFFFD ? ABL_POINT_DROP : class;
}

size_t abl_point_decompose(int32_t point, int32_t out[ABL_DECOMPOSED_MAX])
{
	utf8proc_ssize_t n = 0;

	if (!within(later, COUNT(later), point))
		n = utf8proc_decompose_char(point, out, ABL_DECOMPOSED_MAX, UTF8PROC_DECOMPOSE,
					    NULL);
	if (n > 0 && n <= ABL_DECOMPOSED_MAX)
		return (size_t)n;
	out[0] = point;
	return 1;
}

int abl_point_order(int32_t point)
{
	int order = utf8proc_get_property(point)->combining_class;

	if (order && within(later, COUNT(later), point) &&
	    !within(later_ordered, COUNT(later_ordered), point))
		return 0;
	return order;
}

int32_t abl_point_lower(int32_t point)
{
	for (size_t i = 0; i < COUNT(later_lower); i++)
		if (point >= later_lower[i].first && point <= later_lower[i].last &&
		    !((point - later_lower[i].first) % later_lower[i].step))
			return point + later_lower[i].by;
	return utf8proc_tolower(point);
}
