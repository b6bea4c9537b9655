/* SPDX-License-Identifier: Apache-2.0 */
/* fig_expected.c - what the best of n drawn configurations is expected to reach, against n. */
#include "figure.h"

#include "chart.h"
#include "expected.h"
#include "facts.h"

#include <math.h>

extern const char abl_file_expected_gp[];

enum { HEIGHT = 230 };

/* False: too few draws for a line. */
static bool add_panel(struct abl_chart *c, const struct abl_expected *e)
{
	struct abl_str title = {0}, y_title = {0};
	struct abl_chart_panel *p;

	if (e->shown < 2)
		return false;
	abl_str_printf(&title, "%s: %zu draws", e->task, e->draws);
	abl_str_printf(&y_title, "best %s%s%s", e->metric, e->split ? " on " : "",
		       e->split ? e->split : "");
	p = abl_chart_add_panel(c, title.text, "configurations tried", y_title.text, HEIGHT);
	p->whole = true;
	abl_chart_add_series(c, 1, "", "");
	c->series[c->series_count - 1].name = abl_strdup("expected best");
	for (size_t i = 0; i < e->count && i < e->shown; i++) {
		const struct abl_expected_point *at = &e->point[i];
		const double row[] = {(double)at->budget, at->unbiased, at->low, at->high,
				      at->expected};

		abl_chart_add_row(c, row);
		abl_chart_see(&p->x, row[0]);
		for (int k = 1; k < 5; k++)
			abl_chart_see(&p->y, row[k]);
	}
	abl_chart_widen(&p->y, .06);
	abl_str_finish(&title), abl_str_finish(&y_title);
	return true;
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct abl_err refused = {0};
	struct abl_facts f = {0};
	size_t seeds = 0;
	int rc;

	if ((rc = abl_facts_load(&f, store, r->study, r->metric, err)))
		return rc;
	c->columns = "configurations\texpected best\tlow\thigh\twith replacement";
	c->column_count = 5;
	c->grid = 2, c->left = 60, c->right = 16;
	abl_chart_title(c, "%s: what the best of n draws reaches", r->study);
	for (size_t t = 0; f.main_metric && t < f.tasks && !rc; t++) {
		struct abl_expected *e = NULL;

		rc = abl_expected(&e, store, f.study, f.task[t].name, &refused);
		if (rc == ABL_EINPUT) {
			abl_str_clear(absent);
			abl_str_puts(absent, "it is told of the design `random` alone, whose "
					     "points are drawn independently of each other");
			rc = 0;
		} else if (rc) {
			*err = refused;
		} else if (add_panel(c, e)) {
			seeds = e->seeds > seeds ? e->seeds : seeds;
		}
		abl_expected_destroy(e);
	}
	abl_chart_make_left(c);
	abl_chart_fit(c);
	abl_chart_add_tics(c);
	abl_chart_caption_n(c, seeds, seeds, "seed",
			    " per configuration, of which the mean counts.");
	abl_chart_caption(c, "Line: expected best of so many configurations, drawn without "
			     "replacement from those that were run, up to half of them. Band: "
			     "where 95 of 100 such searches end; it is no confidence interval.");
	if (c->panels)
		abl_str_clear(absent);
	else if (!rc && !absent->length)
		abl_str_puts(absent, f.main_metric ? "fewer than four draws are finished"
						   : "it is drawn of a task's main metric, which "
						     "this is not");
	abl_facts_finish(&f);
	return rc;
}

const struct abl_figure abl_figure_expected = {
	.name = "expected",
	.help = "random search: what the best of n configurations reaches, against n",
	.template = abl_file_expected_gp,
	.collect = collect,
};
