/* SPDX-License-Identifier: Apache-2.0 */
#include "task_text.h"

#include "files.h"
#include "rng.h"
#include "task_types.h"
#include "world.h"

#include <string.h>

#define HELD_BACK_OF 10 /* one of so many */

static int read_lines(const char *path, const struct abl_task_spec *s, struct abl_str *out,
		      struct abl_err *err)
{
	const struct abl_task_facts *type = abl_task_facts_find(s->type);
	bool json = type && abl_is_one_of(type->formats, "squad");
	struct abl_reader *r;
	const char *line;
	size_t length;
	int rc = abl_reader_open(&r, path, err);

	if (rc)
		return rc;
	while ((rc = abl_reader_line(r, &line, &length, err)) > 0) {
		if (!json && abl_reader_line_number(r) == 1 && abl_reader_is_json(r)) {
			rc = abl_err_set(err, ABL_EINPUT, "%s: this is JSON; format '%s' is wanted",
					 path, s->format ? s->format : "conll");
			break;
		}
		abl_str_add(out, line, length);
		abl_str_puts(out, "\n");
	}
	abl_reader_close(r);
	return rc;
}

int abl_task_text(const struct abl_task_spec *s, const char *split, struct abl_str *out,
		  const char **path, struct abl_err *err)
{
	bool dev = !strcmp(split, "dev"), test = !strcmp(split, "test");
	int64_t examples = dev ? s->dev_examples : test ? s->test_examples : s->train_examples;

	*path = dev ? s->dev : test ? s->test : s->train;
	if (!*path)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has no %s file", s->name, split);
	if (strcmp(*path, ABL_WORLD))
		return read_lines(*path, s, out, err);
	return abl_world_text(s->name, (uint64_t)s->world_seed, dev || test ? split : "train",
			      (size_t)examples, out, err);
}

bool abl_group_held_back(uint64_t group)
{
	return abl_rng_below(abl_rng_key(0, "held-back"), group, 0, HELD_BACK_OF) == 0;
}

static bool says(const char *field, const char *what)
{
	return field && !strcmp(field, what);
}

bool abl_task_spec_holds_back(const struct abl_task_spec *s)
{
	return (!s->dev && !says(s->held_back, "no")) || says(s->no_answer, "yes");
}

const char *abl_task_spec_scored(const struct abl_task_spec *s)
{
	return s->dev ? "dev" : says(s->held_back, "no") ? NULL : "held-back";
}
