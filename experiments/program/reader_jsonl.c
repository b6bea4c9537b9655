/* SPDX-License-Identifier: Apache-2.0 */
/* reader_jsonl.c - an object a line: logs of training loops, W&B's and lm-evaluation-harness's. A
 * line that is not JSON (the last one may be half written) is passed over. */
#include "metric_reader.h"

#include "key_path.h"
#include "loose_json.h"
#include "text_lines.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 16 << 20 };

struct jsonl_state {
	const struct abl_reading *r;
	struct abl_key_path *key, *step; /* step may be NULL */
	struct abl_text_lines lines;
};

static void end(void *state)
{
	struct jsonl_state *s = state;

	if (!s)
		return;
	abl_key_path_destroy(s->key);
	abl_key_path_destroy(s->step);
	abl_text_lines_finish(&s->lines);
	free(s);
}

static bool step_of(const struct jsonl_state *s, const json_t *line, const json_t *beside,
		    int64_t *out)
{
	struct abl_key_values steps = {0};
	bool found;

	if (!s->step)
		return abl_key_step(line, out) || abl_key_step(beside, out);
	abl_key_path_values(s->step, line, &steps);
	found = steps.count && abl_printed_step(&steps.item[steps.count - 1].number, out);
	abl_key_values_finish(&steps);
	return found;
}

static void take(void *data, char *text, size_t length, bool cut)
{
	struct jsonl_state *s = data;
	const struct abl_reading *r = s->r;
	struct abl_key_values values = {0};
	json_t *line = cut ? NULL : abl_loose_json(text, length, NULL), *v;
	const char *key;
	int64_t step;

	if (!json_is_object(line)) {
		json_decref(line);
		return;
	}
	abl_key_path_values(s->key, line, &values);
	for (size_t i = 0; i < values.count; i++) {
		struct abl_point p = {.value = values.item[i].number.value};

		p.has_step = step_of(s, line, values.item[i].beside, &p.step);
		r->point(r->data, &p);
	}
	if (!values.count)
		json_object_foreach(line, key, v)
		{
			struct abl_printed n;

			if (abl_key_number(v, &n))
				r->name(r->data, key, strlen(key));
		}
	if (step_of(s, line, NULL, &step))
		r->rank(r->data, step);
	abl_key_values_finish(&values);
	json_decref(line);
}

static int begin(void **out, const struct abl_reading *r, struct abl_err *err)
{
	struct jsonl_state *s = abl_calloc(1, sizeof *s);
	int rc = abl_key_path_create_in_line(&s->key, r->key, err);

	s->r = r;
	s->lines = (struct abl_text_lines){.limit = LONGEST, .data = s, .take = take};
	if (!rc && r->step)
		rc = abl_key_path_create_in_line(&s->step, r->step, err);
	if (rc || !out)
		end(s);
	else
		*out = s;
	return rc;
}

static void feed(void *state, char *bytes, size_t length, bool last)
{
	abl_text_lines_feed(&((struct jsonl_state *)state)->lines, bytes, length, last);
}

const struct abl_metric_reader abl_reader_jsonl = {
	.name = "jsonl",
	.endings = ".jsonl|.ndjson|.jsonlines",
	.exact = true,
	.limit = (uint64_t)1 << 30,
	.begin = begin,
	.feed = feed,
	.end = end,
};
