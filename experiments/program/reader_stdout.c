/* SPDX-License-Identifier: Apache-2.0 */
/* reader_stdout.c - what a program prints, and text files such as logs: names with numbers behind
 * them, or a template. */
#include "line_reader.h"

#include "plain_text.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 16, NAMED = 4096 };

static void take(void *data, char *line, size_t length, bool cut)
{
	struct abl_line_reader *s = data;
	const struct abl_reading *r = s->r;
	struct abl_line_found f;

	length = abl_plain_text(line, length);
	if (abl_line_search_find(s->search, line, length, &f)) {
		const struct abl_point p = {.value = f.value.value,
					    .digits = f.value.digits,
					    .has_step = f.has_step,
					    .step = f.step};

		s->found = true;
		r->point(r->data, &p);
	} else if (!s->found && length < NAMED) {
		abl_line_names(line, length, r->name, r->data);
	}
}

static int begin(void **out, const struct abl_reading *r, struct abl_err *err)
{
	return abl_line_reader_begin(out, r, LONGEST, take, err);
}

const struct abl_metric_reader abl_reader_stdout = {
	.name = "stdout",
	.endings = "",
	.lines = true,
	.limit = (uint64_t)1 << 30,
	.begin = begin,
	.feed = abl_line_reader_feed,
	.end = abl_line_reader_end,
};
