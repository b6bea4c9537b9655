/* SPDX-License-Identifier: Apache-2.0 */
#include "line_reader.h"

#include <stdlib.h>

void abl_line_reader_end(void *state)
{
	struct abl_line_reader *s = state;

	if (!s)
		return;
	abl_line_search_destroy(s->search);
	abl_text_lines_finish(&s->lines);
	free(s);
}

int abl_line_reader_begin(void **out, const struct abl_reading *r, size_t limit,
			  void (*take)(void *data, char *line, size_t length, bool cut),
			  struct abl_err *err)
{
	struct abl_line_reader *s = abl_calloc(1, sizeof *s);
	int rc = abl_line_search_create(&s->search, r->key, r->metric, r->step, err);

	s->r = r;
	s->lines =
		(struct abl_text_lines){.returns = true, .limit = limit, .data = s, .take = take};
	if (rc || !out)
		abl_line_reader_end(s);
	else
		*out = s;
	return rc;
}

void abl_line_reader_feed(void *state, char *bytes, size_t length, bool last)
{
	abl_text_lines_feed(&((struct abl_line_reader *)state)->lines, bytes, length, last);
}
