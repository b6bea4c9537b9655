/* SPDX-License-Identifier: Apache-2.0 */
#include "report_facts.h"

#include "listings.h"
#include "power.h"
#include "spending.h"
#include "standing.h"
#include "time_left.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the store ---- */

/* Of a variant on a task: how many trials are in which state. */
static void count_trials(void *data, const struct abl_cell *cells, size_t count)
{
	struct abl_report_facts *f = data;
	const struct {
		const char *name;
		int64_t *sum;
	} sums[] = {{"trials", &f->trials},
		    {"done", &f->done},
		    {"failed", &f->failed},
		    {"running", &f->waiting},
		    {"waiting", &f->waiting}};

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sizeof sums / sizeof *sums; k++)
			if (!strcmp(cells[i].name, sums[k].name))
				*sums[k].sum += cells[i].i;
}

static void no_head(void *data, const struct abl_cell *cells, size_t count)
{
}

static void keep_variants(void *data, const struct abl_standing *s)
{
	struct abl_report_facts *f = data;

	f->variants = s->variants;
}

static void see_stage(void *data, const struct abl_spending *s)
{
	((struct abl_report_facts *)data)->loaded |= !strcmp(s->stage, "loaded");
}

static void see_variant(void *data, const struct abl_cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(cells[i].name, "kind") && cells[i].text &&
		    !strcmp(cells[i].text, abl_variant_kind_name(ABL_VARIANT_BASELINE)))
			((struct abl_report_facts *)data)->baseline = true;
}

static int read_store(struct abl_report_facts *f, struct abl_store *store, int64_t study,
		      struct abl_err *err)
{
	const struct abl_listener trials = {f, .head = no_head, .row = count_trials},
				  variants = {f, .head = no_head, .row = see_variant};
	int rc = abl_read_standing(store, study, keep_variants, f, err);

	rc = rc ? rc : abl_read_time_left(store, study, &f->left, err);
	rc = rc ? rc : abl_read_spending(store, study, see_stage, f, err);
	rc = rc ? rc : abl_read_listing(store, ABL_LISTING_CHANGES, study, &variants, err);
	return rc ? rc : abl_read_listing(store, ABL_LISTING_VARIANTS, study, &trials, err);
}

/* ---- the analysis ---- */

static enum abl_row_standing standing_of(const struct abl_effect *e)
{
	if (e->decision == ABL_DECISION_INTERIM)
		return ABL_ROW_INTERIM;
	if (!e->n)
		return ABL_ROW_EMPTY;
	if (abl_is_decided(e))
		return e->decision == ABL_DECISION_HURTS ? ABL_ROW_HURTS : ABL_ROW_HELPS;
	if (e->decision == ABL_DECISION_CANNOT_SAY)
		return ABL_ROW_CANNOT_SAY;
	if (e->decision == ABL_DECISION_VALUES || e->decision == ABL_DECISION_UNJUDGED)
		return ABL_ROW_VALUES;
	return e->equivalent ? ABL_ROW_EQUIVALENT : ABL_ROW_UNRESOLVED;
}

static struct abl_report_row row_of(const struct abl_comparison *c, const struct abl_effect *e)
{
	return (struct abl_report_row){
		.name = abl_compare_is(c, e, ABL_VARIANT_REMOVAL) ||
					abl_compare_is(c, e, ABL_VARIANT_ADDITION)
				? e->arm.subject
				: e->arm.label,
		.tasks = e->tasks,
		.kind = e->arm.kind,
		.standing = standing_of(e),
		.estimate = e->t.estimate,
		.sd = e->t.sd,
		.could_see = e->could_see,
		.digits = abl_effect_digits(c, e),
		.n = e->n,
		.family_size = e->family_size,
		.reason = e->reason,
		.fails_more = e->fails_more,
	};
}

static struct abl_report_row factor_of(const struct abl_interaction *x)
{
	enum abl_row_standing standing = ABL_ROW_UNRESOLVED;

	if (x->interim)
		standing = ABL_ROW_INTERIM;
	else if (x->reason)
		standing = ABL_ROW_CANNOT_SAY;
	else if (isnan(x->p_adjusted))
		standing = x->n ? ABL_ROW_VALUES : ABL_ROW_EMPTY;
	else if (x->found)
		standing =
			(x->t.estimate < 0) != x->lower_is_better ? ABL_ROW_HURTS : ABL_ROW_HELPS;
	return (struct abl_report_row){
		.name = x->label,
		.kind = x->removals ? ABL_VARIANT_REMOVAL : ABL_VARIANT_FACTORIAL,
		.standing = standing,
		.estimate = x->t.estimate,
		.sd = x->t.sd,
		.could_see = x->could_see,
		.digits = abl_digits_of_interval(x->t.estimate, x->t.low, x->t.high, 0),
		.n = x->n,
		.family_size = x->family_size,
		.reason = x->reason,
	};
}

static void add_row(struct abl_report_facts *f, size_t *capacity, struct abl_report_row row)
{
	abl_grow(&f->row, capacity, f->rows + 1, sizeof *f->row);
	f->row[f->rows++] = row;
	f->count[row.standing]++;
	f->fails_more += row.fails_more;
	if (row.n) {
		f->fewest = f->most && f->fewest < row.n ? f->fewest : row.n;
		f->most = f->most > row.n ? f->most : row.n;
	}
}

static void see_placebo(struct abl_report_facts *f, const struct abl_effect *e)
{
	f->placebos++;
	if (!f->placebo || (abl_is_decided(e) && !f->placebos_differ))
		f->placebo = e;
	f->placebos_differ += abl_is_decided(e);
}

/* Effects of factors over all cells, where there are, stand for the cells. */
static void gather(struct abl_report_facts *f, const struct abl_analysis *a)
{
	size_t capacity = 0;

	for (size_t i = 0; i < a->interactions; i++) {
		const struct abl_interaction *x = &a->interaction[i];
		const bool primary = !strcmp(x->task, a->all->task);

		f->interactions_found += primary && !x->single && x->found;
		if (x->single && primary)
			add_row(f, &capacity, factor_of(x));
	}
	f->factors = f->rows > 0;
	for (size_t i = 0; i < a->all->count; i++) {
		const struct abl_effect *e = &a->all->effect[i];

		f->unit = e->by_pretraining ? "pre-training" : f->unit;
		if (abl_compare_is(a->all, e, ABL_VARIANT_PLACEBO))
			see_placebo(f, e);
		else if (e->arm.kind != ABL_VARIANT_PAIR &&
			 !(f->factors && e->arm.kind == ABL_VARIANT_FACTORIAL))
			add_row(f, &capacity, row_of(a->all, e));
	}
}

static void name_rows(struct abl_report_facts *f, const struct abl_comparison *c)
{
	static const struct {
		enum abl_variant_kind kind;
		const char *noun;
	} nouns[] = {{ABL_VARIANT_REMOVAL, "removal"},
		     {ABL_VARIANT_SWAP, "swap"},
		     {ABL_VARIANT_ADDITION, "addition"}};

	f->noun = f->factors ? "factor" : "change";
	for (size_t k = 0; !f->factors && f->rows && k < sizeof nouns / sizeof *nouns; k++) {
		size_t of_kind = 0;

		for (size_t i = 0; i < c->count; i++)
			of_kind += abl_compare_is(c, &c->effect[i], nouns[k].kind);
		if (of_kind == f->rows)
			f->noun = nouns[k].noun;
	}
}

/* Do the metrics of all tasks look like shares or correlations, of which a point is a hundredth? */
static bool are_shares(const struct abl_analysis *a)
{
	for (size_t t = 0; t < a->tasks; t++) {
		const struct abl_comparison *c = a->task[t];

		if (c->lower_is_better || !(fabs(c->baseline.mean) <= 1))
			return false;
		for (size_t i = 0; i < c->count; i++)
			if (fabs(c->effect[i].mean) > 1)
				return false;
	}
	return a->tasks > 0;
}

/* What an unresolved row should be able to see: the margin, else a point, else the smallest effect
 * that was found. */
static void choose_target(struct abl_report_facts *f, const struct abl_analysis *a)
{
	f->point = strcmp(a->all->metric, "points") ? .01 : 1;
	if (a->all->margin > 0)
		f->target = a->all->margin;
	else if (f->point == 1 || are_shares(a))
		f->target = f->point, f->target_is = ABL_TARGET_POINT;
	if (isfinite(f->target))
		return;
	f->target_is = ABL_TARGET_ROW;
	for (size_t i = 0; i < f->rows; i++) {
		const double size = fabs(f->row[i].estimate);

		if (f->row[i].standing > ABL_ROW_HELPS || !(isnan(f->target) || size < f->target))
			continue;
		f->target = size, f->target_of = f->row[i].name;
	}
}

static void count_units(struct abl_report_facts *f)
{
	for (size_t i = 0; i < f->rows; i++) {
		const struct abl_report_row *r = &f->row[i];
		int64_t n;

		if (r->standing != ABL_ROW_UNRESOLVED)
			continue;
		f->could_see = fmax(f->could_see, r->could_see);
		if (f->units_needed < 0)
			continue;
		n = abl_units_needed(f->target, r->sd,
				     ABL_LEVEL / (double)(r->family_size ? r->family_size : 1),
				     ABL_MOST_UNITS);
		f->units_needed = n < 0 ? n : n > f->units_needed ? n : f->units_needed;
	}
}

int abl_report_facts(struct abl_report_facts *f, struct abl_store *store, int64_t study,
		     const struct abl_analysis *a, struct abl_err *err)
{
	int rc;

	*f = (struct abl_report_facts){.noun = "change", .unit = "seed", .target = NAN};
	if ((rc = read_store(f, store, study, err)) || !a)
		return rc;
	gather(f, a);
	name_rows(f, a->all);
	choose_target(f, a);
	count_units(f);
	return 0;
}

void abl_report_facts_finish(struct abl_report_facts *f)
{
	free(f->row);
}
