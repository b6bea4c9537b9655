/* SPDX-License-Identifier: Apache-2.0 */
/* reader_stdout.c - what a program prints, and text files such as logs: names with numbers behind
 * them, or a template. */
#include "metric_reader.h"

#include "line_search.h"
#include "plain_text.h"
#include "text_lines.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 16, NAMED = 4096 };

struct stdout_state {
	const struct abl_reading *r;
	struct abl_line_search *search;
	struct abl_text_lines lines;
	bool found;
};

static void end(void *state)
{
	struct stdout_state *s = state;

	if (!s)
		return;
	abl_line_search_destroy(s->search);
	abl_text_lines_finish(&s->lines);
	free(s);
}

static void take(void *data, char *line, size_t length, bool cut)
{
	struct stdout_state *s = data;
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
	struct stdout_state *s = abl_calloc(1, sizeof *s);
	int rc = abl_line_search_create(&s->search, r->key, r->metric, r->step, err);

	s->r = r;
	s->lines =
		(struct abl_text_lines){.returns = true, .limit = LONGEST, .data = s, .take = take};
	if (rc || !out)
		end(s);
	else
		*out = s;
	return rc;
}

static void feed(void *state, char *bytes, size_t length, bool last)
{
	abl_text_lines_feed(&((struct stdout_state *)state)->lines, bytes, length, last);
}

const struct abl_metric_reader abl_reader_stdout = {
	.name = "stdout",
	.endings = "",
	.lines = true,
	.limit = (uint64_t)1 << 30,
	.begin = begin,
	.feed = feed,
	.end = end,
};
