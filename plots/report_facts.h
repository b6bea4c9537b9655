/* SPDX-License-Identifier: Apache-2.0 */
/* report_facts.h - what the answer and the advice of the page go by: how the study's primary rows
 * stand, counted. */
#ifndef ABL_REPORT_FACTS_H
#define ABL_REPORT_FACTS_H

#include "compare.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum abl_row_standing { /* of a row that is judged */
			ABL_ROW_HURTS,
			ABL_ROW_HELPS,
			ABL_ROW_EQUIVALENT, /* and not different */
			ABL_ROW_UNRESOLVED,
			ABL_ROW_CANNOT_SAY,
			ABL_ROW_VALUES, /* too few units */
			ABL_ROW_INTERIM,
			ABL_ROW_EMPTY, /* no pair of runs */
			ABL_ROW_STANDINGS,
};

struct abl_report_row {           /* a primary row, or the effect of a factor over all cells */
	const char *name, *tasks; /* tasks: those it was restricted to, or NULL */
	enum abl_variant_kind kind;
	enum abl_row_standing standing;
	double estimate, sd, could_see;
	struct abl_digits digits;
	size_t n, family_size;
	const char *reason; /* of ABL_ROW_CANNOT_SAY */
	bool fails_more;
};

struct abl_report_facts {
	/* of the store */
	int64_t trials, done, failed, waiting; /* of the last plan; waiting: or running */
	int64_t variants;
	bool baseline; /* there is one */
	bool loaded;   /* numbers that another program made */
	double left;   /* seconds expected; 0: nothing is left */
	/* of the analysis; none where it is NULL */
	struct abl_report_row *row;
	size_t rows;
	size_t count[ABL_ROW_STANDINGS], fails_more;
	bool factors;     /* rows are effects of factors over all cells */
	const char *noun; /* "removal", "addition", "swap", "factor" or "change" */
	const char *unit; /* "seed" or "pre-training" */
	const struct abl_effect
		*placebo; /* the first one that differs, else the first; NULL: none */
	size_t placebos, placebos_differ;
	size_t interactions_found;
	size_t fewest, most; /* units of the rows */
	double could_see;    /* the largest of the unresolved rows */
	/* Units with which every unresolved row would see `target`; 0: none is asked for, -1: no
	 * number up to a thousand. */
	int64_t units_needed;
	double target, point; /* NaN: none; .01, or 1 where the metric is in points */
	enum abl_report_target { ABL_TARGET_MARGIN, ABL_TARGET_POINT, ABL_TARGET_ROW } target_is;
	const char *target_of; /* the row whose effect it is */
};

#define ABL_MOST_UNITS 1000

/* `a` may be NULL; it must outlive the facts. */
int abl_report_facts(struct abl_report_facts *f, struct abl_store *store, int64_t study,
		     const struct abl_analysis *a, struct abl_err *err) ABL_MUST_USE;
void abl_report_facts_finish(struct abl_report_facts *f);

#endif
