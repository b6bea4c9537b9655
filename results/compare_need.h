/* SPDX-License-Identifier: Apache-2.0 */
/* compare_need.h - how many units, of every variant alike, would see an effect of a given size. */
#ifndef ABL_COMPARE_NEED_H
#define ABL_COMPARE_NEED_H

#include "compare.h"

/* How many points one unit of the table's metric is: 100 for shares and their like, where a point
 * is a hundredth; 1 for what has units of its own. */
double abl_points(const struct abl_comparison *c);

struct abl_need {         /* of all primary rows */
	double effect;    /* asked for, in the metric's own unit */
	int64_t needed;   /* units in all that the row which needs most needs; 0: no row is known */
	bool beyond;      /* some row needs more than ABL_NEED_MOST, which do not count */
	const char *unit; /* "seed", "pre-training" */
	size_t have;      /* units that a row has, the fewest */
};
#define ABL_NEED_MOST 10000

/* A row for each primary row: units and spread so far, what these could see, units needed and how
 * many more, under the rule that decides. *out gets what they come to. Caller's. */
struct abl_table *abl_need_table(const struct abl_analysis *a, double points, struct abl_need *out);
/* The lines above and below it. Append. */
void abl_need_heading(const struct abl_analysis *a, double points, const struct abl_need *need,
		      struct abl_str *out);
void abl_need_text(const struct abl_analysis *a, const struct abl_need *need, struct abl_str *out);

#endif
