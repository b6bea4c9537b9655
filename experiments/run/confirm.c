/* SPDX-License-Identifier: Apache-2.0 */
#include "confirm.h"

#include "compare.h"
#include "files.h"
#include "loaded.h"
#include "node_value.h"
#include "planned.h"
#include "standing.h"
#include "study_name.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the store has of the study ---- */

static int check_standing(struct abl_store *store, int64_t study, const char *name,
			  struct abl_err *err)
{
	struct abl_planned planned;
	struct abl_confirmation its = {0};
	int loaded = abl_read_is_loaded(store, name, err), rc = loaded < 0 ? loaded : 0;

	if (loaded == 1)
		return abl_err_set(err, ABL_EINPUT,
				   "study '%s' has no file: its numbers were loaded, so it cannot "
				   "be run with other seeds; load those of a confirmation as a "
				   "study of its own",
				   name);
	rc = rc ? rc : abl_read_confirmation(store, study, &its, err);
	if (!rc && its.of.length)
		rc = abl_err_set(err, ABL_EINPUT,
				 "study '%s' is the confirmation of '%s': 'ablate confirm %s' goes "
				 "on with it",
				 name, its.of.text, its.of.text);
	abl_str_finish(&its.of);
	rc = rc ? rc : abl_read_planned(store, study, &planned, err);
	if (!rc && planned.open)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%lld trials of study '%s' are not over: what is confirmed is the "
				 "result of all of them; 'ablate status %s' shows what is missing",
				 (long long)planned.open, name, name);
	if (!rc && !planned.done)
		rc = abl_err_set(err, ABL_EINPUT, "no trial of study '%s' is done", name);
	return rc;
}

/* ---- which variant ---- */

/* The greatest gain over the baseline; a placebo is no finding. */
static const struct abl_effect *best_of(const struct abl_comparison *c, size_t *among)
{
	const struct abl_effect *best = NULL;
	const double sign = c->lower_is_better ? -1 : 1;

	*among = 0;
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];

		if (e->arm.kind == ABL_VARIANT_PLACEBO || isnan(e->t.estimate))
			continue;
		++*among;
		if (!best || sign * e->t.estimate > sign * best->t.estimate)
			best = e;
	}
	return best;
}

/* Of the one variant that was asked for: its primary row, else one by task. */
static const struct abl_effect *first_of(const struct abl_analysis *a)
{
	const struct abl_comparison *c = a->all;

	for (size_t t = 0; t < a->tasks && !c->count; t++)
		c = a->task[t];
	return c->count ? c->effect : NULL;
}

static int choose(struct abl_confirm *out, struct abl_store *store, int64_t study,
		  const struct abl_confirm_request *request, struct abl_err *err)
{
	const struct abl_compare_request all = {.variant = request->variant};
	struct abl_analysis *a = NULL;
	const struct abl_effect *e = NULL;
	int rc = abl_analyse(&a, store, study, &all, err);

	if (!rc && request->variant)
		e = first_of(a);
	else if (!rc)
		e = best_of(a->all, &out->among);
	if (!rc && !e)
		rc = abl_err_set(err, ABL_EINPUT,
				 "study '%s' has no variant with results beside its baseline",
				 out->of);
	if (!rc) {
		out->variant = abl_strdup(e->arm.label);
		out->effect = e->t.estimate;
		out->chosen = !request->variant;
	}
	abl_analysis_destroy(a);
	return rc;
}

/* ---- the study ---- */

/* From the file where it still says what was run, else from the record of it. */
static int load(struct abl_confirm *out, const struct abl_file_record *r, struct abl_err *err)
{
	struct abl_study_options options = {0};
	struct abl_str name = {0}, text = {0};
	struct abl_err ignored = {0};
	int rc;

	if (!r->path || !r->text)
		return abl_err_set(err, ABL_EINPUT, "the store has no study file of '%s'", out->of);
	out->from_record = !abl_file_exists(r->path) ||
			   abl_study_name(r->path, &name, &text, &ignored) ||
			   !abl_study_text_same(text.text ? text.text : "", r->text);
	if (out->from_record)
		options.recorded = r->text;
	rc = abl_study_load(&out->study, r->path, &options, err);
	abl_str_finish(&name), abl_str_finish(&text);
	return rc;
}

/* What is recorded as its study file: that of the study, and what is made of it. */
static void describe(struct abl_study *s, const struct abl_confirm *c)
{
	struct abl_str text = {0};

	abl_str_printf(&text,
		       "# made by 'ablate confirm %s': the baseline and '%s' with %lld seeds after "
		       "seed %lld\n%s",
		       c->of, c->variant, (long long)s->pretrain_seeds, (long long)s->seeds_after,
		       s->text);
	free(s->text);
	s->text = text.text;
}

/* Whether what is to be run has a name that can be. */
static int rename_study(struct abl_study *s, struct abl_err *err)
{
	struct abl_str name = {0};

	abl_str_printf(&name, "%s-confirm", s->name);
	if (!abl_is_name(name.text)) {
		int rc = abl_err_set(err, ABL_EINPUT,
				     "'%s' is too long for the name of a study: at most 64 "
				     "characters",
				     name.text);

		abl_str_finish(&name);
		return rc;
	}
	s->confirms = s->name;
	s->name = name.text;
	return 0;
}

/* Seeds of an earlier start are kept while they are fresh. */
static int find_after(const struct abl_study *s, struct abl_store *store, int64_t study,
		      int64_t *after, struct abl_err *err)
{
	struct abl_confirmation before = {0};
	struct abl_err ignored = {0};
	int64_t its;
	int rc = abl_read_last_seed(store, study, after, err);

	if (rc || abl_store_find_study(store, s->name, &its, &ignored))
		return rc;
	rc = abl_read_confirmation(store, its, &before, err);
	if (!rc && !before.of.length)
		rc = abl_err_set(err, ABL_EINPUT,
				 "study '%s' of the store has another study file: rename it, or "
				 "give another --store",
				 s->name);
	if (before.seeds_after > *after)
		*after = before.seeds_after;
	abl_str_finish(&before.of);
	return rc;
}

static int turn(struct abl_confirm *c, struct abl_store *store, int64_t study,
		const struct abl_confirm_request *request, struct abl_err *err)
{
	struct abl_study *s = c->study;
	struct abl_planned planned;
	int rc = abl_study_keep_variant(s, c->variant, err);

	rc = rc ? rc : abl_read_planned(store, study, &planned, err);
	rc = rc ? rc : rename_study(s, err);
	rc = rc ? rc : find_after(s, store, study, &s->seeds_after, err);
	if (rc)
		return rc;
	if (request->seeds)
		s->pretrain_seeds = request->seeds;
	else if (s->seeds_until > 0)
		s->pretrain_seeds = planned.seeds;
	if (!s->crossed)
		s->finetune_seeds = s->pretrain_seeds;
	s->seeds_start = s->seeds_max = 0;
	s->seeds_until = 0;
	for (size_t t = 0; t < s->task_count; t++) {
		s->tasks[t].tested = !s->program && s->tasks[t].spec.test;
		c->tested += s->tasks[t].tested;
	}
	describe(s, c);
	return 0;
}

int abl_confirm_make(struct abl_confirm *out, struct abl_store *store, int64_t study,
		     const struct abl_confirm_request *request, struct abl_err *err)
{
	struct abl_file_record record = {0};
	int rc;

	*out = (struct abl_confirm){.of = abl_strdup(request->of), .effect = NAN};
	rc = check_standing(store, study, out->of, err);

	rc = rc ? rc : choose(out, store, study, request, err);
	rc = rc ? rc : abl_read_file_record(store, study, &record, err);
	rc = rc ? rc : load(out, &record, err);
	rc = rc ? rc : turn(out, store, study, request, err);
	abl_file_record_finish(&record);
	return rc;
}

void abl_confirm_finish(struct abl_confirm *c)
{
	free(c->of), free(c->variant);
	*c = (struct abl_confirm){0};
}
