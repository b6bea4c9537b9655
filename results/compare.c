/* SPDX-License-Identifier: Apache-2.0 */
/* compare.c - from trials to pairs to effects. */
#include "compare_guards.h"
#include "compare_load.h"

#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a trial counts as: its value; the majority predictor where it diverged, or predicts so
 * little that the metric has no value; or nothing. */
static double value_of(const struct abl_loaded_run *r, double majority)
{
	if (r->diverged || r->undefined)
		return majority;
	return r->done ? r->value : NAN;
}

/* The dev set's own noise is that of a share of right answers: these are none. */
static bool is_share(const char *metric)
{
	static const char *const others[] = {"f1", "matthews", "pearson", "spearman", "mse"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(metric, others[i]))
			return false;
	return true;
}

static void describe_arm(struct abl_loaded_arm *a, const struct abl_comparison *c)
{
	double *all = abl_calloc(a->count + 1, sizeof *all);
	double *own = abl_calloc(a->count + 1, sizeof *own);
	/* half an example, where the metric counts them */
	double tolerance = c->lower_is_better ? 1e-6 * fabs(c->majority)
			   : c->examples > 0  ? .5 / c->examples
					      : 1e-9;
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++) {
		double value = value_of(&a->runs[i], c->majority);

		if (!isnan(value))
			all[a->arm.n++] = value;
		if (!a->runs[i].done)
			continue;
		if (!isnan(value))
			own[n++] = value;
		a->arm.collapsed += a->runs[i].one_class || a->runs[i].undefined ||
				    fabs(value - c->majority) < tolerance;
		a->arm.undefined += a->runs[i].undefined;
	}
	a->arm.failed = a->arm.planned - a->arm.done - a->arm.pending - a->arm.diverged;
	a->arm.mean = abl_stats_mean(all, a->arm.n);
	a->arm.sd = abl_stats_sd(all, a->arm.n);
	a->arm.mean_without = abl_stats_mean(own, n);
	free(all);
	free(own);
}

struct pairs {
	double *x, *y, *difference, *without; /* variant, base, and their differences */
	int64_t *block; /* pre-training that a pair belongs to; 0 = a block of its own */
	size_t n, without_n;
	double x_seconds, y_seconds;
};

static void add_pair(struct pairs *p, const struct abl_loaded_run *r,
		     const struct abl_loaded_run *b, double majority)
{
	double x = value_of(r, majority), y = value_of(b, majority);

	if (isnan(x) || isnan(y))
		return;
	p->x[p->n] = x;
	p->y[p->n] = y;
	p->difference[p->n] = x - y;
	if (r->pretraining != b->pretraining)
		p->block[p->n] = b->pretraining ? b->pretraining : r->pretraining;
	p->n++;
	if (!r->done || !b->done)
		return;
	p->without[p->without_n++] = x - y;
	p->x_seconds += r->seconds;
	p->y_seconds += b->seconds;
}

static void collect_pairs(struct pairs *p, const struct abl_loaded_arm *a,
			  const struct abl_loaded_arm *base, double majority)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < base->count; k++)
			if (a->runs[i].seed == base->runs[k].seed)
				add_pair(p, &a->runs[i], &base->runs[k], majority);
}

/* Averages the pairs within each block, in place. Returns whether there was something to do. */
static bool average_blocks(struct pairs *p)
{
	size_t blocks = 0, n = p->n;

	for (size_t i = 0; i < n; i++) {
		double x = 0, y = 0, difference = 0, count = 0;
		bool first = true;

		for (size_t k = 0; k < n; k++)
			if (k == i || (p->block[i] && p->block[k] == p->block[i])) {
				first &= k >= i;
				x += p->x[k];
				y += p->y[k];
				difference += p->difference[k];
				count++;
			}
		if (!first)
			continue;
		p->x[blocks] = x / count; /* all members lie at i or behind */
		p->y[blocks] = y / count;
		p->difference[blocks++] = difference / count;
	}
	p->n = blocks;
	return blocks < n;
}

static void describe_effect(struct abl_effect *e, const struct abl_loaded_arm *a,
			    const struct abl_loaded_arm *base, const struct abl_comparison *c)
{
	size_t room = a->count + 1; /* seeds are unique within an arm */
	struct pairs p = {.x = abl_calloc(room, sizeof *p.x),
			  .y = abl_calloc(room, sizeof *p.y),
			  .difference = abl_calloc(room, sizeof *p.x),
			  .without = abl_calloc(room, sizeof *p.x),
			  .block = abl_calloc(room, sizeof *p.block)};

	collect_pairs(&p, a, base, c->majority);
	*e = (struct abl_effect){.p = NAN, .p_holm = NAN, .p_sign_flip = NAN};
	abl_arm_copy(&e->arm, &a->arm);
	e->correlation = abl_stats_correlation(p.x, p.y, p.n);
	e->without = p.without_n < p.n ? abl_stats_mean(p.without, p.without_n) : NAN;
	e->time = p.y_seconds > 0 && p.x_seconds > 0 ? p.x_seconds / p.y_seconds - 1 : NAN;
	e->by_pretraining = average_blocks(&p);
	e->mean = abl_stats_mean(p.x, p.n);
	e->base_mean = abl_stats_mean(p.y, p.n);
	e->n = p.n;
	e->difference = p.difference;
	abl_stats_t(e->difference, e->n, .05, &e->t);
	e->could_see = abl_stats_could_see(e->t.sd, e->n);
	if (e->n >= ABL_VERDICT_PAIRS) { /* fewer: values only */
		e->p_sign_flip = abl_stats_sign_flip(e->difference, e->n);
		e->p = isnan(e->t.p) ? e->p_sign_flip : e->t.p;
	}
	free(p.x);
	free(p.y);
	free(p.without);
	free(p.block);
}

/* Holm over all but placebos, then the verdicts. */
static void decide(struct abl_comparison *c)
{
	double *p = abl_calloc(c->count + 1, sizeof *p);

	for (size_t i = 0; i < c->count; i++) {
		bool placebo = c->effect[i].arm.kind == ABL_VARIANT_PLACEBO;

		p[i] = placebo ? NAN : c->effect[i].p;
		c->family += !isnan(p[i]);
	}
	abl_stats_holm(p, c->count, p);
	for (size_t i = 0; i < c->count; i++) {
		struct abl_effect *e = &c->effect[i];

		e->p_holm = p[i];
		e->verdict = abl_stats_verdict(e->difference, e->n, isnan(p[i]) ? e->p : p[i],
					       c->lower_is_better, c->margin);
	}
	free(p);
}

static void finish_effect(struct abl_effect *e)
{
	abl_arm_finish(&e->arm);
	free(e->difference);
}

static const struct abl_loaded_arm *find_arm(const struct abl_loaded *l, const char *label)
{
	for (size_t i = 0; i < l->count; i++)
		if (label ? !strcmp(l->arms[i].arm.label, label)
			  : l->arms[i].arm.kind == ABL_VARIANT_BASELINE)
			return &l->arms[i];
	return NULL;
}

/* Leaves only the effect of one variant: the correction stays that of the whole table. */
static void select_variant(struct abl_comparison *c, const char *label)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->effect[i].arm.label, label))
			c->effect[kept++] = c->effect[i];
		else
			finish_effect(&c->effect[i]);
	c->count = kept;
}

static int compute(struct abl_comparison *c, struct abl_loaded *l, struct abl_store *store,
		   int64_t study, const struct abl_compare_request *request, struct abl_err *err)
{
	const struct abl_loaded_arm *base = find_arm(l, request->base);

	if (!base && request->base)
		return abl_compare_no_variant(store, study, request->base, err);
	if (!base)
		return abl_err_set(err, ABL_EINPUT,
				   "the study has no baseline on '%s'; name the variant "
				   "to compare with",
				   request->task);
	if (request->variant && !strcmp(request->variant, base->arm.label))
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' would be compared with itself: name another variant, or "
				   "two",
				   request->variant);
	if (request->variant && !find_arm(l, request->variant))
		return abl_compare_no_variant(store, study, request->variant, err);
	for (size_t i = 0; i < l->count; i++)
		describe_arm(&l->arms[i], c);
	c->margin = request->margin;
	abl_arm_copy(&c->baseline, &base->arm);
	c->noise =
		is_share(c->metric) ? abl_stats_binomial_error(base->arm.mean, c->examples) : NAN;
	c->effect = abl_calloc(l->count, sizeof *c->effect);
	for (size_t i = 0; i < l->count; i++)
		if (&l->arms[i] != base)
			describe_effect(&c->effect[c->count++], &l->arms[i], base, c);
	decide(c);
	if (request->variant)
		select_variant(c, request->variant);
	return 0;
}

static void add_mixed(void *data, const char *what, const char *values)
{
	struct abl_str *out = data;

	abl_str_printf(out, "%s%s %s", out->length ? "; " : "", what, values);
}

int abl_compare(struct abl_comparison **out, struct abl_store *store, int64_t study,
		const struct abl_compare_request *request, struct abl_err *err)
{
	struct abl_comparison *c = abl_calloc(1, sizeof *c);
	struct abl_loaded l = {0};
	struct abl_str mixed = {0};
	int rc = abl_compare_load(&l, c, store, study, request, err);

	rc = rc ? rc : compute(c, &l, store, study, request, err);
	rc = rc ? rc : abl_read_mixed(store, study, c->task, add_mixed, &mixed, err);
	c->mixed = mixed.text;
	rc = rc ? rc : abl_compare_guards(c, store, study, err);
	abl_loaded_finish(&l);
	if (rc)
		abl_comparison_destroy(c);
	else
		*out = c;
	return rc;
}

void abl_comparison_destroy(struct abl_comparison *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		finish_effect(&c->effect[i]);
	abl_arm_finish(&c->baseline);
	free(c->effect);
	free(c->study);
	free(c->task);
	free(c->metric);
	free(c->split);
	free(c->label);
	free(c->mixed);
	abl_str_finish(&c->guards);
	free(c);
}
