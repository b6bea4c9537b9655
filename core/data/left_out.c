/* SPDX-License-Identifier: Apache-2.0 */
#include "left_out.h"

void abl_left_out_add(struct abl_left_out *l, enum abl_left_why why, size_t line)
{
	if (!l->count[why]++)
		l->line[why] = line;
}

size_t abl_left_out_count(const struct abl_left_out *l)
{
	size_t n = 0;

	for (int i = 0; i < ABL_LEFT_WHYS; i++)
		n += l->count[i];
	return n;
}

const char *abl_left_out_why(enum abl_left_why why)
{
	static const char *const texts[] = {
		[ABL_LEFT_SHORT] = "too few columns",
		[ABL_LEFT_LONG] = "too many columns",
		[ABL_LEFT_NO_LABEL] = "no gold label",
		[ABL_LEFT_VALUE] = "a value that the task does not have",
		[ABL_LEFT_NO_ANSWER] = "no answer",
		[ABL_LEFT_MISPLACED] = "answer not where the file says",
	};

	return texts[why];
}

void abl_left_out_text(const struct abl_left_out *l, struct abl_str *out)
{
	const char *gap = "";

	for (int i = 0; i < ABL_LEFT_WHYS; i++) {
		if (!l->count[i])
			continue;
		abl_str_printf(out, "%s%zu left out: %s", gap, l->count[i],
			       abl_left_out_why((enum abl_left_why)i));
		if (l->line[i])
			abl_str_printf(out, " (the first in line %zu)", l->line[i]);
		gap = ", ";
	}
}
