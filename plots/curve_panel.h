/* SPDX-License-Identifier: Apache-2.0 */
/* curve_panel.h - one panel of the figure `curves`: a series that stages told, a line per variant.
 * Seeds that diverged, or whose loss went far above where it began, are no part of a mean: each is
 * a thin line that ends with a cross. */
#ifndef ABL_CURVE_PANEL_H
#define ABL_CURVE_PANEL_H

#include "curves.h"
#include "lines.h"

struct abl_chart;
struct abl_facts;

struct abl_curves {
	struct abl_chart *chart;
	struct abl_store *store;
	const struct abl_facts *facts;
	struct abl_curve_request from; /* the stages that are read */
	const char *metric;            /* the final score that a series comes to; NULL: none */
	double majority;     /* what the majority predictor has of the series; NaN: not known */
	double examples;     /* that the final score stands on; NaN: not known */
	bool noisy;          /* of single batches: smoothed where there are many */
	bool partly, unsaid; /* scores stand on a part of the examples; on how many is not known */
	bool summed;         /* only the sum of losses was told */
	/* the rest is the panels' */
	struct abl_lines lines;
	bool *drawn;        /* [variants] in some panel */
	size_t least, most; /* seeds of a line */
	bool shared;        /* some variants have no line of their own */
	bool binned, smoothed, wild, chance;
};

/* Wants chart, store and facts. */
int abl_curves_init(struct abl_curves *k, struct abl_err *err) ABL_MUST_USE;
/* Nothing is added where no stage told the series. */
int abl_curves_add_panel(struct abl_curves *k, const char *series, const char *title,
			 struct abl_err *err) ABL_MUST_USE;
/* Axes, places of labels, caption. */
int abl_curves_end(struct abl_curves *k, struct abl_err *err) ABL_MUST_USE;
void abl_curves_finish(struct abl_curves *k);

#endif
