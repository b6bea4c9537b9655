/* SPDX-License-Identifier: Apache-2.0 */
/* scaling.h - how losses and scores of a study fall and rise with size: the points, a curve through
 * them, and a verdict (stats/scaling_law.h). A score that rises is fitted as what is missing. */
#ifndef ABL_SCALING_H
#define ABL_SCALING_H

#include "errors.h"
#include "scaling_axes.h"
#include "scaling_law.h"
#include "scaling_two.h"
#include "str.h"
#include "table.h"

#include <stdbool.h>

struct abl_store;

struct abl_scaling_request {
	const char *task;   /* NULL: pre-training and all tasks; "pretraining" */
	const char *metric; /* NULL: each task's main one, and the loss of pre-training */
	enum abl_scaling_axis axis;
	size_t refits; /* of a test that is in a hurry; 0: ABL_SCALING_REFITS */
};

struct abl_scaling_row {                     /* one line of variants on one task */
	char *task, *metric, *split, *label; /* split, label may be NULL */
	char *line;                          /* what else varies; "" = nothing does */
	const char *x_name, *x_title, *other_title;
	enum abl_scaling_axis axis;
	bool lower_is_better;
	double ceiling; /* what a score is missing to is fitted; NaN: it is a loss */
	struct abl_scaling_law law;
	struct abl_scaling_law other; /* parameters with embeddings, where both counts are known */
	bool has_other, depends;      /* on how parameters are counted */
	const char *reason;           /* why there is no verdict; NULL: see the law */
	double next_x, next_value, next_low, next_high; /* twice the largest size */
	double next_gain, gain_low, gain_high;          /* over the curve at the largest */
	struct abl_scaling_cost {
		double seconds, low, high;
	} next_wall, next_cpu;  /* of training a trial of that size */
	struct abl_str missing; /* variants of the line without a value: "hidden=96, hidden=128" */
	double *gap;            /* their x, at least roughly */
	size_t gaps;
};

struct abl_scaling_pair { /* a task on which parameters and words vary */
	char *task, *metric;
	double ceiling;
	struct abl_scaling_two fit;
};

struct abl_scaling {
	char *study;
	struct abl_scaling_row *row;
	size_t rows, capacity;
	struct abl_scaling_pair *pair;
	size_t pairs, pair_capacity;
	struct abl_str off_line; /* variants on no line: "no positions, dropout=0" */
	struct abl_str no_size;  /* variants whose size nothing tells */
};

/* ABL_EINPUT: no such task or metric; nothing of the study makes x larger, which is said. */
int abl_scaling(struct abl_scaling **out, struct abl_store *store, const char *study,
		const struct abl_scaling_request *request, struct abl_err *err) ABL_MUST_USE;
void abl_scaling_destroy(struct abl_scaling *s); /* null-safe */

/* The metric for what was fitted: 1 - y for a score. */
double abl_scaling_shown(double ceiling, double fitted);

/* scaling_words.c: "a power law so far (b .11 [.09, .13])", "cannot tell from these sizes"; as a
 * text, with the reason; "loss = 3.1 N^-.11 [.09, .13]". */
void abl_scaling_verdict(const struct abl_scaling_row *r, struct abl_str *out);
void abl_scaling_verdict_text(const struct abl_scaling_row *r, struct abl_str *out);
void abl_scaling_formula_text(const struct abl_scaling_row *r, bool interval, struct abl_str *out);
/* Lines that say what else must be known: sizes missing and off the curve. */
void abl_scaling_notes(const struct abl_scaling_row *r, struct abl_str *out);
/* scaling_table.c: a row as people read it; the table for papers and for machines (the caller's).
 */
void abl_scaling_paragraph(const struct abl_scaling_row *r, struct abl_str *out);
void abl_scaling_pair_text(const struct abl_scaling_pair *p, struct abl_str *out);
struct abl_table *abl_scaling_table(const struct abl_scaling *s, bool machines);

#endif
