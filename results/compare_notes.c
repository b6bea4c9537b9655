/* SPDX-License-Identifier: Apache-2.0 */
/* compare_notes.c - what must be known beside a table of effects. What is true of one variant is a
 * sentence; what is true of several is one sentence with a list, and a long list is folded. */
#include "compare.h"
#include "compare_examples.h"
#include "looks.h"
#include "shell.h"

#include <math.h>
#include <string.h>

#define WIDTH 80
#define NAMED 8 /* members of a list that are named; the others are counted */

struct list {
	const struct abl_comparison *comparison;
	struct abl_str *out;
	size_t line; /* where the last one begins */
	int count;
};

static void list_begin(struct list *l, const char *heading)
{
	l->line = l->out->length;
	abl_str_puts(l->out, heading);
}

static void list_add(struct list *l, struct abl_str *item)
{
	if (l->count++ < NAMED) {
		if (l->out->length - l->line + item->length + 3 > WIDTH) {
			abl_str_puts(l->out, l->count > 1 ? ",\n  " : "\n  ");
			l->line = l->out->length - 2;
		} else {
			abl_str_puts(l->out, l->count > 1 ? ", " : " ");
		}
		abl_str_puts(l->out, item->text);
	}
	abl_str_finish(item);
}

static void list_end(struct list *l)
{
	if (l->count > NAMED)
		abl_str_printf(l->out,
			       ",\n  and %d more: 'ablate compare %s%s --format csv' has all",
			       l->count - NAMED, abl_shell_quoted(l->comparison->study),
			       l->comparison->split && !strcmp(l->comparison->split, "test")
				       ? " --split test"
				       : "");
	abl_str_puts(l->out, "\n");
}

/* Of a row that the study file names, with its task: another may be of the same variant. */
static void add_row_name(const struct abl_effect *e, struct abl_str *out)
{
	struct abl_str quoted = {0};

	abl_str_printf(&quoted, "'%s'", e->arm.label);
	abl_compare_name_as(quoted.text, e, out);
	abl_str_finish(&quoted);
}

/* ---- what befell the runs of an arm ---- */

/* The baseline is arm 0. */
static const struct abl_arm *arm_at(const struct abl_comparison *c, size_t i)
{
	return i ? &c->effect[i - 1].arm : &c->baseline;
}

/* The number without the diverged runs: an effect, or the baseline's mean; "-" = none. */
static const char *without(const struct abl_comparison *c, size_t i, char out[32])
{
	const struct abl_effect *e = i ? &c->effect[i - 1] : NULL;

	return e ? abl_format_signed(e->without, abl_effect_digits(c, e), out)
		 : abl_format_digits(c->baseline.mean_without, abl_baseline_digits(c), out);
}

static int diverged(const struct abl_arm *a)
{
	return a->diverged;
}

static int failed(const struct abl_arm *a)
{
	return a->failed;
}

static int collapsed(const struct abl_arm *a)
{
	return a->collapsed;
}

static void say_diverged(const struct abl_comparison *c, struct abl_str *out)
{
	abl_str_puts(out, c->majority_known
				  ? "diverged (counted as majority)"
				  : "diverged and are left out (majority rate not known)");
}

static void say_failed(const struct abl_comparison *c, struct abl_str *out)
{
	(void)c;
	abl_str_puts(out, "failed and are left out: see the view 'failures'");
}

static void say_collapsed(const struct abl_comparison *c, struct abl_str *out)
{
	bool undefined = false;
	char number[32];

	for (size_t i = 0; i <= c->count; i++)
		undefined |= arm_at(c, i)->undefined > 0;
	abl_str_puts(out,
		     undefined ? "collapsed to a single value" : "collapsed to a single class");
	if (!isnan(c->majority))
		abl_str_printf(out, " (majority: %s)", abl_format_score(c->majority, number));
}

static void add_without(const struct abl_comparison *c, size_t i, struct abl_str *out)
{
	char number[32];

	if (c->majority_known)
		abl_str_printf(out, "without %s %s", arm_at(c, i)->diverged == 1 ? "it" : "them",
			       without(c, i, number));
}

static void add_undefined(const struct abl_comparison *c, size_t i, struct abl_str *out)
{
	const struct abl_arm *a = arm_at(c, i);

	if (a->undefined)
		abl_str_printf(out, "%d without a %s%s", a->undefined, c->metric,
			       isnan(c->majority) ? " are left out" : " (nan) counted as that");
}

static const struct mishap {
	int (*count)(const struct abl_arm *a);
	void (*say)(const struct abl_comparison *c, struct abl_str *out);
	void (*more)(const struct abl_comparison *c, size_t i, struct abl_str *out); /* or NULL */
} mishaps[] = {
	{diverged, say_diverged, add_without},
	{failed, say_failed, NULL},
	{collapsed, say_collapsed, add_undefined},
};

static void mishap_note(const struct abl_comparison *c, const struct mishap *m, struct abl_str *out)
{
	struct abl_str heading = {0};
	struct list l = {.comparison = c, .out = out};
	size_t arms = 0;

	for (size_t i = 0; i <= c->count; i++)
		arms += m->count(arm_at(c, i)) > 0;
	m->say(c, &heading);
	abl_str_puts(&heading, ":");
	if (arms > 1)
		list_begin(&l, heading.text);
	abl_str_finish(&heading);
	for (size_t i = 0; arms && i <= c->count; i++) {
		const struct abl_arm *a = arm_at(c, i);
		struct abl_str item = {0}, more = {0};

		if (!m->count(a))
			continue;
		abl_str_printf(&item, "%d of %d ", m->count(a), a->planned);
		if (i)
			add_row_name(&c->effect[i - 1], &item);
		else
			abl_str_printf(&item, "'%s'", a->label);
		if (arms == 1) {
			abl_str_puts(&item, " runs ");
			m->say(c, &item);
		}
		if (m->more)
			m->more(c, i, &more);
		if (more.length)
			abl_str_printf(&item, arms > 1 ? " (%s)" : "; %s", more.text);
		abl_str_finish(&more);
		if (arms > 1) {
			list_add(&l, &item);
		} else {
			abl_str_printf(out, "%s\n", item.text);
			abl_str_finish(&item);
		}
	}
	if (arms > 1)
		list_end(&l);
}

/* ---- what the pairs are ---- */

static void pretraining_note(const struct abl_comparison *c, struct abl_str *out)
{
	struct list l = {.comparison = c, .out = out};

	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		struct abl_str item = {0};

		if (!e->by_pretraining)
			continue;
		if (!l.count)
			list_begin(
				&l,
				"seeds are averaged within each pre-training, which is the unit:");
		add_row_name(e, &item);
		abl_str_printf(&item, " (%zu)", e->n);
		list_add(&l, &item);
	}
	if (l.count)
		list_end(&l);
}

/* Rows that go by fewer pairs than there are seeds, and the baseline's mean over these. */
static void pairs_note(const struct abl_comparison *c, struct abl_str *out)
{
	struct list l = {.comparison = c, .out = out};

	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		struct abl_str item = {0};
		char number[32];

		if (e->by_pretraining || e->n >= (size_t)c->seeds)
			continue;
		if (!e->n && e->reason) /* which its verdict says */
			continue;
		if (!l.count)
			list_begin(&l, "pairs that have finished:");
		add_row_name(e, &item);
		abl_str_printf(&item, " %zu of %d", e->n, c->seeds);
		if (e->n && e->n != c->baseline.n)
			abl_str_printf(
				&item, " (baseline there %s)",
				abl_format_digits(e->base_mean, abl_baseline_digits(c), number));
		list_add(&l, &item);
	}
	if (l.count)
		list_end(&l);
}

/* The sign-flip p beside those of the t test. */
static void sign_flip_note(const struct abl_comparison *c, struct abl_str *out)
{
	struct list l = {.comparison = c, .out = out};
	char number[32];

	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		struct abl_str item = {0};

		if (isnan(e->p_sign_flip))
			continue;
		if (!l.count)
			list_begin(&l, "sign-flip p, uncorrected, as a check:");
		abl_compare_name(c, e, &item);
		abl_str_printf(&item, " %s", abl_format_p(e->p_sign_flip, number));
		list_add(&l, &item);
	}
	if (l.count)
		list_end(&l);
}

static void scope_note(const struct abl_comparison *c, struct abl_str *out)
{
	char count[32], low[32], high[32];
	struct abl_str text = {0};
	double least, largest;

	if (c->primary && !c->only)
		abl_str_puts(&text, "on these tasks' own sets only");
	else if (c->pretraining)
		abl_str_puts(&text, "on these held-out texts only");
	else
		abl_str_printf(&text, "on this %s set only", c->split ? c->split : "dev");
	if (abl_compare_examples_error(c, &least, &largest)) {
		abl_str_puts(&text, ": ");
		if (c->examples > 0)
			abl_str_printf(&text, "%s ", abl_format_count((int64_t)c->examples, count));
		abl_format_score(least, low);
		abl_format_score(largest, high);
		abl_str_printf(&text, "examples alone give effects a standard error of %s", low);
		if (strcmp(low, high) != 0)
			abl_str_printf(&text, " to %s", high);
	}
	abl_str_wrap(out, 0, 2, text.text);
	abl_str_finish(&text);
}

/* ---- how often what befell them ---- */

static void add_rate(const struct abl_rate *r, struct abl_str *out)
{
	char low[32], high[32];

	abl_str_printf(out, "%lld of %lld [%s, %s]", (long long)r->hits, (long long)r->units,
		       abl_format_share(r->low, low), abl_format_share(r->high, high));
}

static const struct rate_kind {
	const char *heading;
	size_t offset; /* of its rate in an arm */
	bool collapses;
} rate_kinds[] = {
	{"rates of failure by unit, with 95 % intervals:", offsetof(struct abl_arm, fails), false},
	{"rates of collapse by unit, with 95 % intervals:", offsetof(struct abl_arm, collapses),
	 true},
};

static void rate_note(const struct abl_comparison *c, const struct rate_kind *kind,
		      struct abl_str *out)
{
	struct list l = {.comparison = c, .out = out};
	const struct abl_rate *base =
		(const struct abl_rate *)((const char *)&c->baseline + kind->offset);
	char number[32];

	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		const struct abl_rate *r =
			(const struct abl_rate *)((const char *)&e->arm + kind->offset);
		struct abl_str item = {0};

		if (!r->hits || !r->units)
			continue;
		if (!l.count) {
			list_begin(&l, kind->heading);
			abl_str_puts(&item, "baseline ");
			add_rate(base, &item);
			list_add(&l, &item);
		}
		add_row_name(e, &item);
		abl_str_puts(&item, " ");
		add_rate(r, &item);
		if (e->collapses == kind->collapses && !isnan(e->p_fails))
			abl_str_printf(&item,
				       e->fails_more ? ", more often, p %s" : ", p %s uncorrected",
				       abl_format_p(e->fails_more ? e->p_fails : e->p_fails_alone,
						    number));
		list_add(&l, &item);
	}
	if (l.count)
		list_end(&l);
}

/* ---- what verdicts rest on ---- */

/* Of all rows, or by name where others are judged. */
static void few_note(const struct abl_comparison *c, struct abl_str *out)
{
	struct list l = {.comparison = c, .out = out};
	struct abl_str heading = {0};
	bool few = false, judged = false;

	for (size_t i = 0; i < c->count; i++) {
		few |= c->effect[i].decision == ABL_DECISION_VALUES;
		judged |= c->effect[i].decision >= ABL_DECISION_UNRESOLVED;
	}
	if (!few)
		return;
	abl_str_printf(&heading, "fewer than %d %s: values and intervals only, no verdict",
		       c->verdict_from, c->pretrainings ? "pre-trainings" : "seeds");
	if (!judged) {
		abl_str_printf(out, "%s\n", heading.text);
		abl_str_finish(&heading);
		return;
	}
	abl_str_puts(&heading, ":");
	list_begin(&l, heading.text);
	for (size_t i = 0; i < c->count; i++)
		if (c->effect[i].decision == ABL_DECISION_VALUES) {
			struct abl_str item = {0};

			add_row_name(&c->effect[i], &item);
			list_add(&l, &item);
		}
	list_end(&l);
	abl_str_finish(&heading);
}

static void margin_note(const struct abl_comparison *c, struct abl_str *out)
{
	struct list l = {.comparison = c, .out = out};
	char low[32], high[32];

	if (!(c->margin > 0))
		return;
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		const struct abl_digits digits = abl_effect_digits(c, e);
		struct abl_str item = {0};

		if (!isfinite(e->narrow_low))
			continue;
		if (!l.count)
			list_begin(&l, "90 % intervals, for the margin:");
		abl_compare_name(c, e, &item);
		abl_str_printf(&item, " [%s, %s]", abl_format_signed(e->narrow_low, digits, low),
			       abl_format_signed(e->narrow_high, digits, high));
		list_add(&l, &item);
	}
	if (l.count)
		list_end(&l);
	if (c->margin_late)
		abl_str_puts(out, "the margin was chosen after the run: it belongs into the study "
				  "file, 'margins:'\n");
}

/* Seeds that were added because of what was seen make chance look like an effect more often. */
static void raised_note(const struct abl_comparison *c, struct abl_str *out)
{
	char number[32];

	if (!c->seeds_from)
		return;
	abl_str_printf(
		out,
		"seeds were raised from %d to %d after results were there: a nominal .05 is "
		"%s\n",
		c->seeds_from, c->seeds_to,
		abl_format_share(abl_stats_two_looks((size_t)c->seeds_from, (size_t)c->seeds_to),
				 number));
}

void abl_compare_notes(const struct abl_comparison *c, struct abl_str *out)
{
	int pending = c->baseline.pending;

	sign_flip_note(c, out);
	scope_note(c, out);
	for (size_t i = 0; i < c->count; i++)
		pending += c->effect[i].arm.pending;
	few_note(c, out);
	pairs_note(c, out);
	for (size_t i = 0; i < sizeof mishaps / sizeof *mishaps; i++)
		mishap_note(c, &mishaps[i], out);
	for (size_t i = 0; i < sizeof rate_kinds / sizeof *rate_kinds; i++)
		rate_note(c, &rate_kinds[i], out);
	pretraining_note(c, out);
	margin_note(c, out);
	raised_note(c, out);
	if (c->baseline_arms > 1)
		abl_str_printf(out, "the baseline is the mean of %d arms, seed by seed\n",
			       c->baseline_arms);
	if (pending)
		abl_str_printf(out,
			       "%d trial%s still to run: read the verdicts when all are done\n",
			       pending, pending == 1 ? " is" : "s are");
	if (c->guards.length)
		abl_str_puts(out, c->guards.text);
	if (c->mixed)
		abl_str_printf(
			out,
			"warning: the trials were not all run on the same machine and build: %s\n",
			c->mixed);
}
