/* SPDX-License-Identifier: Apache-2.0 */
#include "seeds_look.h"

#include "compare_need.h"
#include "planned.h"
#include "rules.h"
#include "stopping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void take_rule(void *data, const char *name, const char *subject, const char *value)
{
	struct abl_seeds_look *look = data;
	double number;

	(void)subject;
	if (!abl_parse_real(value, &number))
		return;
	if (!strcmp(name, "seeds_start"))
		look->start = (int64_t)number;
	else if (!strcmp(name, "seeds_until"))
		look->until = number;
	else if (!strcmp(name, "seeds_max"))
		look->most = (int64_t)number;
}

/* One that is nothing (no spread), or not there, gets no narrower. */
static double widest(const struct abl_comparison *c)
{
	double most = NAN;

	for (size_t i = 0; i < c->count; i++) {
		const double width = (c->effect[i].t.high - c->effect[i].t.low) / 2;

		if (width > 0)
			most = fmax(most, width);
	}
	return most * abl_points(c);
}

static int find_width(struct abl_store *store, int64_t study, struct abl_seeds_look *out,
		      struct abl_err *err)
{
	const struct abl_compare_request request = {0};
	struct abl_analysis *a = NULL;
	int rc = abl_analyse(&a, store, study, &request, err);

	out->width = rc ? NAN : widest(a->all);
	out->loss = !rc && a->all->lower_is_better;
	abl_analysis_destroy(a);
	return rc;
}

int abl_seeds_look(struct abl_store *store, int64_t study, struct abl_seeds_look *out,
		   struct abl_err *err)
{
	struct abl_planned planned;
	int rc;

	*out = (struct abl_seeds_look){.width = NAN};
	rc = abl_read_rules(store, study, take_rule, out, err);
	if (rc || !(out->until > 0))
		return rc;
	rc = abl_read_planned(store, study, &planned, err);
	if (rc)
		return rc;
	out->grows = true;
	out->planned = out->next = planned.seeds;
	out->open = planned.open, out->done = planned.done;
	if (!planned.done)
		return 0;
	rc = find_width(store, study, out, err);
	if (!rc && !planned.open)
		out->next = abl_stopping_next(planned.seeds, out->width, out->until, out->most);
	return rc;
}

void abl_seeds_text(const struct abl_seeds_look *look, struct abl_str *out)
{
	abl_str_printf(out, "%lld of at most %lld; ", (long long)look->planned,
		       (long long)look->most);
	if (isnan(look->width))
		abl_str_printf(out, "more until the widest interval is ±%g point%s", look->until,
			       look->until == 1 ? "" : "s");
	else
		abl_str_printf(out, "widest interval ±%.3g%s, until ±%g", look->width,
			       look->loss         ? ""
			       : look->width == 1 ? " point"
						  : " points",
			       look->until);
	if (look->open)
		abl_str_puts(out, ", looked at when these are done");
	else if (look->next > look->planned)
		abl_str_printf(out, ": %lld next", (long long)look->next);
	else if (look->width > look->until)
		abl_str_puts(out, ": no more");
	else if (look->done)
		abl_str_puts(out, ": narrow enough");
}
