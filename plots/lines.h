/* SPDX-License-Identifier: Apache-2.0 */
/* lines.h - the variants of a study as its figures show them: the same name and colour in all of
 * them. There are eight colours. Where there are more variants, the baseline and those that are
 * farthest from it on both sides have one; the others are grey where they are drawn at all. */
#ifndef ABL_LINES_H
#define ABL_LINES_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_analysis;
struct abl_chart;
struct abl_facts;
struct abl_store;

enum { ABL_LINES_MAX = 8, ABL_LINES_GREY = -1 };

struct abl_lines {       /* zero-initialise */
	char **label;    /* [count] short, no two alike */
	int *style;      /* [count] 0 is the baseline; or ABL_LINES_GREY */
	size_t count;    /* as many as the facts have variants */
	size_t left_out; /* grey ones */
	struct abl_str legend;
};

/* The effects that a figure draws. Where they cannot be had, as without a baseline, `absent` says
 * why and *out stays NULL. */
int abl_lines_analyse(struct abl_analysis **out, struct abl_store *store, int64_t study,
		      const char *metric, struct abl_str *absent, struct abl_err *err) ABL_MUST_USE;
/* Names of at most `room` columns. */
int abl_lines_load(struct abl_lines *l, struct abl_store *store, const struct abl_facts *f,
		   size_t room, struct abl_err *err) ABL_MUST_USE;
void abl_lines_finish(struct abl_lines *l); /* null-safe */

/* Which `room` of n to show: the first, then the best and the worst by turns; those without a score
 * (NaN) only if room is left. */
void abl_lines_choose(const double *score, size_t n, size_t room, bool *chosen);

/* Says in the caption which are not drawn: "Left out, 24 variants: a; b; c and 21 more." `what` is
 * one of them: "variant". */
void abl_lines_caption_left_out(struct abl_chart *c, const char *what, char *const *label,
				const bool *drawn, size_t n);
/* Says of which variants no trial is done since all failed, task by task. */
int abl_lines_caption_failed(struct abl_chart *c, struct abl_store *store,
			     const struct abl_facts *f, struct abl_err *err) ABL_MUST_USE;

#endif
