/* SPDX-License-Identifier: Apache-2.0 */
/* compare_guards.c - what makes a table of effects mean less than it seems to: seeds or options
 * that do nothing, a spread that is not the seeds', results of other code or of several
 * environments. */
#include "compare_guards.h"

#include "kept.h"
#include "sameness.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAMED 5

/* One line, or more where there is no room. */
static void say(struct abl_comparison *c, const char *fmt, ...) ABL_PRINTF(2, 3);

static void say(struct abl_comparison *c, const char *fmt, ...)
{
	char text[600];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	abl_str_wrap(&c->guards, 0, 2, text);
}

struct same { /* variants that were told */
	const char *baseline;
	struct abl_str names;
	size_t count;
	int64_t seeds; /* of the baseline, where it is among them; else of the first */
	bool has_baseline;
};

static void hear(void *data, const char *variant, int64_t seeds)
{
	struct same *s = data;

	if (s->count++ < NAMED)
		abl_str_printf(&s->names, "%s'%s'", s->names.length ? ", " : "", variant);
	if (!strcmp(variant, s->baseline) || s->count == 1)
		s->seeds = seeds;
	s->has_baseline |= !strcmp(variant, s->baseline);
}

static void add_more(struct same *s)
{
	if (s->count > NAMED)
		abl_str_printf(&s->names, " and %zu more", s->count - NAMED);
}

static int add_seeds(struct abl_comparison *c, struct abl_store *store, int64_t study,
		     struct abl_err *err)
{
	struct same s = {.baseline = c->baseline.label};
	int rc = abl_read_same_over_seeds(store, study, c->task, hear, &s, err);

	add_more(&s);
	if (!rc && s.count)
		say(c,
		    "warning: the seed does nothing: %lld seeds gave the same results to "
		    "the last bit in %s",
		    (long long)s.seeds, s.names.text);
	abl_str_finish(&s.names);
	return rc;
}

static int add_options(struct abl_comparison *c, struct abl_store *store, int64_t study,
		       struct abl_err *err)
{
	struct same s = {.baseline = c->baseline.label};
	int rc = abl_read_same_as_baseline(store, study, c->task, hear, &s, err);

	add_more(&s);
	if (!rc && s.count)
		say(c,
		    "warning: what was changed does nothing: every metric is equal to the "
		    "baseline's to the last bit in %s",
		    s.names.text);
	abl_str_finish(&s.names);
	return rc;
}

static int add_repeat(struct abl_comparison *c, struct abl_store *store, int64_t study,
		      struct abl_err *err)
{
	char repeat[32], spread[32];
	double difference;
	const int found = abl_read_repeat(store, study, c->task, c->metric, &difference, err);

	if (found != 1 || !isfinite(difference))
		return found < 0 ? found : 0;
	abl_format_score(difference, repeat);
	abl_format_score(c->baseline.sd, spread);
	if (!difference)
		say(c, "the same seed once more gave the same result to the last bit");
	else if (isfinite(c->baseline.sd) && difference >= c->baseline.sd)
		say(c,
		    "warning: the same seed once more differs by %s, as seeds do (sd %s): "
		    "the seed does nothing, or less than the machine",
		    repeat, spread);
	else
		say(c, "the same seed once more differs by %s", repeat);
	return 0;
}

static int add_code(struct abl_comparison *c, struct abl_store *store, int64_t study,
		    struct abl_err *err)
{
	int64_t other = 0, all = 0, environments = 0;
	int rc = abl_read_other_code(store, study, c->task, &other, &all, err);

	rc = rc ? rc : abl_read_environments(store, study, c->task, &environments, err);
	if (rc)
		return rc;
	c->other_code = other;
	if (other)
		say(c, "%lld of %lld trials are of other code, kept by 'run --code same'",
		    (long long)other, (long long)all);
	if (environments > 1)
		say(c,
		    "warning: the trials ran in %lld environments (interpreter, packages, "
		    "image, GPU): see column 'environment' of 'ablate query \"select * "
		    "from run\"'",
		    (long long)environments);
	return 0;
}

int abl_compare_guards(struct abl_comparison *c, struct abl_store *store, int64_t study,
		       struct abl_err *err)
{
	static int (*const guards[])(struct abl_comparison *, struct abl_store *, int64_t,
				     struct abl_err *) = {add_seeds, add_options, add_repeat,
							  add_code};
	int rc = 0;

	for (size_t i = 0; i < sizeof guards / sizeof *guards && !rc; i++)
		rc = guards[i](c, store, study, err);
	return rc;
}

static bool has_note(const struct abl_comparison *c, const char *wanted)
{
	const char *text = c->guards.length ? c->guards.text : "";
	struct abl_str note = {0};
	bool found = false;

	while (!found && abl_next_note(&text, &note))
		found = !strcmp(note.text, wanted);
	abl_str_finish(&note);
	return found;
}

/* Says once what several tasks have, and names them where others do not. */
static void join_note(struct abl_comparison *all, struct abl_comparison *const *tasks, size_t count,
		      size_t first, const char *note)
{
	struct abl_str names = {0};
	size_t having = 0;

	for (size_t k = 0; k < count; k++) {
		if (!has_note(tasks[k], note))
			continue;
		if (k < first) {
			abl_str_finish(&names);
			return; /* it has been said */
		}
		if (having++ < NAMED)
			abl_str_printf(&names, "%s%s", names.length ? ", " : "", tasks[k]->task);
	}
	if (having > NAMED)
		abl_str_printf(&names, " and %zu more", having - NAMED);
	if (having < count)
		say(all, "%s: %s", names.text, note);
	else
		say(all, "%s", note);
	abl_str_finish(&names);
}

void abl_compare_join_guards(struct abl_comparison *all, struct abl_comparison *const *tasks,
			     size_t count)
{
	for (size_t t = 0; t < count; t++) {
		const char *text = tasks[t]->guards.length ? tasks[t]->guards.text : "";
		struct abl_str note = {0};

		while (abl_next_note(&text, &note))
			join_note(all, tasks, count, t, note.text);
		abl_str_finish(&note);
	}
}
