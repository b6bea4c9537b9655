/* SPDX-License-Identifier: Apache-2.0 */
#include "run_choice.h"

#include "str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct choice {
	const struct abl_study *study;
	bool *variants, *tasks; /* [of the study] */
	bool some_variants, some_tasks;
};

/* Labels of variants, then names of tasks. */
static const char *name_at(size_t i, const void *data)
{
	const struct abl_study *s = data;

	return i < s->variant_count ? s->variants[i].label
				    : s->tasks[i - s->variant_count].spec.name;
}

/* The longest name that the text begins with, up to a comma or the end: labels may have commas. */
static size_t find(const struct abl_study *s, const char *text, size_t *length)
{
	size_t found = ABL_NONE;

	*length = 0;
	for (size_t i = 0; i < s->variant_count + s->task_count; i++) {
		const char *name = name_at(i, s);
		const size_t n = strlen(name);

		if (strncmp(text, name, n) || (text[n] && text[n] != ',') ||
		    (found != ABL_NONE && n <= *length))
			continue;
		found = i;
		*length = n;
	}
	return found;
}

static int unknown(const struct abl_study *s, const char *text, struct abl_err *err)
{
	char word[100];
	const char *near;

	snprintf(word, sizeof word, "%.*s", (int)strcspn(text, ","), text);
	near = abl_nearest(word, s->variant_count + s->task_count, name_at, s);
	return abl_err_set(err, ABL_EINPUT, "study '%s' has no variant '%s'%s; %s%s%s", s->name,
			   word, s->task_count > 1 ? " and no such task" : "",
			   near ? "did you mean '" : "'ablate plan STUDY --verbose' lists them",
			   near ? near : "", near ? "'?" : "");
}

static int read_names(struct choice *c, const char *text, struct abl_err *err)
{
	size_t length;

	for (const char *at = text; at && *at; at += *at == ',') {
		size_t i;

		at += strspn(at, " ");
		i = find(c->study, at, &length);
		if (i == ABL_NONE)
			return unknown(c->study, at, err);
		if (i < c->study->variant_count)
			c->variants[i] = c->some_variants = true;
		else
			c->tasks[i - c->study->variant_count] = c->some_tasks = true;
		at += length;
	}
	return 0;
}

/* One "3" or "3-5" of a list; *end is behind it. */
static bool read_range(const char *text, const char **end, int64_t *from, int64_t *to)
{
	char *after;

	errno = 0;
	*from = *to = strtoll(text, &after, 10);
	if (after != text && *after == '-') {
		text = after + 1;
		*to = strtoll(text, &after, 10);
	}
	*end = after;
	return !errno && after != text && *from > 0 && *to >= *from &&
	       (!*after || (*after == ',' && after[1]));
}

static bool has_seed(const char *text, int64_t seed)
{
	int64_t from, to;

	for (const char *at = text; *at; at += *at == ',')
		if (!read_range(at, &at, &from, &to) || (from <= seed && seed <= to))
			return true;
	return false;
}

static int check_seeds(const char *text, struct abl_err *err)
{
	int64_t from, to;
	const char *at = text;

	do
		if (!read_range(at, &at, &from, &to))
			return abl_err_set(err, ABL_EINPUT,
					   "--seed '%s': it takes numbers from 1: 3, or 1,3-5",
					   text);
	while (*at++);
	return 0;
}

static int mark(struct abl_study_run *r, const struct choice *c, const char *seeds,
		struct abl_err *err)
{
	size_t chosen = 0;

	r->supervisor.run.only = abl_calloc(r->plan->trial_count + 1, sizeof(bool));
	for (size_t i = 0; i < r->plan->trial_count; i++) {
		const struct abl_plan_trial *t = &r->plan->trials[i];
		const bool is = (!c->some_variants || c->variants[t->variant]) &&
				(!c->some_tasks || c->tasks[t->task]) &&
				(!seeds || has_seed(seeds, t->seed));

		r->supervisor.run.only[i] = is;
		chosen += is;
	}
	return chosen ? 0
		      : abl_err_set(err, ABL_EINPUT,
				    "study '%s' has no seed %s: its seeds are 1 to %lld",
				    r->study->name, seeds ? seeds : "",
				    (long long)abl_plan_seeds(r->study));
}

int abl_run_choose(struct abl_study_run *r, const struct abl_args *args, struct abl_err *err)
{
	const char *names = abl_args_text(args, "only"), *seeds = abl_args_text(args, "seed");
	struct choice c = {.study = r->study};
	int rc;

	if (!names && !seeds)
		return 0;
	c.variants = abl_calloc(r->study->variant_count + 1, sizeof *c.variants);
	c.tasks = abl_calloc(r->study->task_count + 1, sizeof *c.tasks);
	rc = names && !*names ? unknown(r->study, "", err) : read_names(&c, names, err);
	rc = rc || !seeds ? rc : check_seeds(seeds, err);
	rc = rc ? rc : mark(r, &c, seeds, err);
	free(c.variants), free(c.tasks);
	return rc;
}
