/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_chart.h - the figure of scaling laws: per line of variants a curve with its band, the
 * seeds and means of sizes, and the largest size as a power law of the others has it. */
#ifndef ABL_SCALING_CHART_H
#define ABL_SCALING_CHART_H

#include "chart.h"
#include "figure.h"
#include "scaling.h"

/* NULL in *out: no line of the study has sizes enough for a curve. */
int abl_scaling_chart_laws(struct abl_scaling **out, struct abl_store *store,
			   const struct abl_figure_request *request,
			   struct abl_err *err) ABL_MUST_USE;
void abl_scaling_chart(struct abl_chart *c, const struct abl_scaling *laws,
		       void (*tic)(double x, char out[32]));

#endif
