/* SPDX-License-Identifier: Apache-2.0 */
/* compare_settings.h - what a study says about how it is judged: the table study_rule, and defaults
 * for stores that were made before there was one. */
#ifndef ABL_COMPARE_SETTINGS_H
#define ABL_COMPARE_SETTINGS_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

struct abl_primary_rule { /* a primary row that the study file names */
	char *variant;    /* its label or subject */
	char *task;       /* "": the mean over tasks */
};

struct abl_margin_rule {
	char *metric;
	double margin;
};

struct abl_compare_settings {
	bool exploratory;                 /* grid, zip, random */
	int pretrainings;                 /* of crossed seeds; 0: not crossed */
	bool from_checkpoint;             /* every variant starts from one */
	int verdict_from;                 /* units that a verdict needs */
	int seeds_from, seeds_to;         /* raised by hand after results; 0 = not */
	struct abl_primary_rule *primary; /* none: one for each variant */
	size_t primaries, primary_capacity;
	struct abl_margin_rule *margin;
	size_t margins, margin_capacity;
};

int abl_compare_settings_load(struct abl_compare_settings *out, struct abl_store *store,
			      int64_t study, struct abl_err *err) ABL_MUST_USE;
void abl_compare_settings_finish(struct abl_compare_settings *s);
double abl_compare_margin(const struct abl_compare_settings *s, const char *metric); /* 0: none */

#endif
