/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_need.h"

#include "power.h"

#include <math.h>
#include <string.h>

double abl_points(const struct abl_comparison *c)
{
	double most = fabs(c->baseline.mean);

	if (!strcmp(c->metric, "points") || c->lower_is_better)
		return 1;
	for (size_t i = 0; i < c->count; i++)
		most = fmax(most, fabs(c->effect[i].arm.mean)); /* NaN is passed over */
	return most <= 1 ? 100 : 1;
}

/* Of one difference; NaN: not known, or there is none. */
static double spread_of(const struct abl_effect *e)
{
	const double sd = e->t.error * sqrt((double)e->n);

	return e->n > 1 && sd > 0 ? sd : NAN;
}

static void add_row(const struct abl_comparison *c, const struct abl_effect *e, double effect,
		    struct abl_need *need, struct abl_table *t)
{
	const double sd = spread_of(e);
	const double m = e->family_size > 1 ? (double)e->family_size : 1;
	const int64_t needed = abl_units_needed(effect, sd, ABL_LEVEL / m, ABL_NEED_MOST);
	struct abl_str name = {0};
	char text[32];

	abl_compare_name(c, e, &name);
	abl_table_text(t, name.text);
	abl_str_finish(&name);
	abl_table_int(t, (int64_t)e->n);
	abl_table_real(t, sd, abl_format_score(sd, text));
	abl_table_real(t, e->could_see, abl_format_score(e->could_see, text));
	need->beyond |= !isnan(sd) && needed < 0;
	if (needed < 0) {
		abl_table_text(t, NULL);
		abl_table_text(t, NULL);
		return;
	}
	abl_table_int(t, needed);
	abl_table_int(t, needed > (int64_t)e->n ? needed - (int64_t)e->n : 0);
	need->needed = needed > need->needed ? needed : need->needed;
}

struct abl_table *abl_need_table(const struct abl_analysis *a, double points, struct abl_need *out)
{
	static const char *const columns[] = {"units", "sd", "sees", "needed", "more"};
	const struct abl_comparison *c = a->all;
	struct abl_table *t = abl_table_create();

	*out = (struct abl_need){.effect = points / abl_points(c), .unit = "seed"};
	abl_table_column(t, "variant", false);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		abl_table_column(t, columns[i], true);
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];

		add_row(c, e, out->effect, out, t);
		if (e->by_pretraining)
			out->unit = "pre-training";
		if (!i || e->n < out->have)
			out->have = e->n;
	}
	return t;
}

void abl_need_heading(const struct abl_analysis *a, double points, const struct abl_need *need,
		      struct abl_str *out)
{
	char effect[32];

	abl_str_printf(out, "%s: %ss that would see an effect of %g ", a->study, need->unit,
		       points);
	if (a->all->lower_is_better)
		abl_str_printf(out, "in %s", a->all->metric);
	else
		abl_str_puts(out, points == 1 ? "point" : "points");
	if (need->effect != points)
		abl_str_printf(out, ", %s of %s", abl_format_number(need->effect, effect),
			       a->all->metric);
	abl_str_puts(out, "\nseen: found with power .8, corrected as in the table, in four of five "
			  "studies\n");
}

void abl_need_text(const struct abl_analysis *a, const struct abl_need *need, struct abl_str *out)
{
	const long long needed = (long long)need->needed, have = (long long)need->have;

	if (need->beyond)
		abl_str_puts(out, "rows without a number need more than 10,000: out of reach\n");
	else if (!needed)
		abl_str_puts(out, "not known: it takes two units that differ\n");
	else if (needed <= have)
		abl_str_puts(out, "every row has as many as it needs\n");
	else if (a->all->pretrainings)
		abl_str_printf(out,
			       "all rows: %lld pre-trainings of every variant, %lld more, as "
			       "'seeds: {pretrain: %lld, ...}'\n",
			       needed, needed - have, needed);
	else
		abl_str_printf(
			out, "all rows: %lld seeds of every variant, %lld more, as 'seeds: %lld'\n",
			needed, needed - have, needed);
	if (needed > have && have >= 5 && !need->beyond)
		abl_str_puts(out,
			     "more seeds after a look at the results cost a little of the level: "
			     "the table\nthen says how much; 'seeds: {start, until, max}' does "
			     "not look at effects\n");
}
