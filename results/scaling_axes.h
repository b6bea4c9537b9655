/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_axes.h - how large each variant of a study is, and which of them lie on one line. */
#ifndef ABL_SCALING_AXES_H
#define ABL_SCALING_AXES_H

#include "facts.h"
#include "str.h"

/* What grows. */
enum abl_scaling_axis { ABL_AXIS_PARAMETERS, ABL_AXIS_WORDS, ABL_AXIS_FLOPS, ABL_AXES };
const char *abl_axis_name(enum abl_scaling_axis axis); /* "parameters", as on the command line */

struct abl_axes { /* per variant of the facts; NaN: not known */
	size_t variants;
	double *parameters, *bare; /* with embeddings and without; bare NaN: told as one number */
	double *words;             /* of text to train on, each counted once */
	double *seen;              /* words that the steps of pre-training go through */
	double *flops; /* as told, else 6 x parameters without embeddings x tokens seen */
	double *seconds, *cpu_seconds; /* of training a trial */
	bool flops_told, tokens_told;  /* tokens_told: words are tokens */
	bool with_tasks;               /* of trials, with their fine-tuning */
	struct abl_axes_option {       /* those of all variants */
		char *name;
		char **text;    /* [variants] NULL: has none */
		double *number; /* [variants] */
	} * option;
	size_t options, option_capacity;
};

/* `task` NULL: of pre-training. Ends with abl_axes_finish(), also after a failure. */
int abl_axes_load(struct abl_axes *a, struct abl_store *store, const struct abl_facts *f,
		  const char *task, struct abl_err *err) ABL_MUST_USE;
void abl_axes_finish(struct abl_axes *a); /* null-safe */

/* Parameters of variants without a score, roughly: from one count the other, from the shape both.
 */
void abl_axes_place(struct abl_axes *a, const bool *scored);

/* The x of an axis: for parameters those without embeddings where they are known and differ, with
 * `whole` those with them; for words those of the text where it differs, else those seen. */
const double *abl_axes_x(const struct abl_axes *a, enum abl_scaling_axis axis, bool whole);
const char *abl_axes_title(const struct abl_axes *a, enum abl_scaling_axis axis, bool whole);
/* Are there two numbers at least? */
bool abl_axes_differ(const double *x, size_t n);

/* Variants that differ in nothing but their size, and what follows from it, are a line.
 * line[variants]: what else varies, "dropout=0.1"; "" where nothing does; NULL: on no line, alone
 * or without a size. Ends with abl_axes_lines_finish(). */
char **abl_axes_lines(const struct abl_axes *a, const double *x);
/* Of words of text: lines of as many steps for every text, so that less of it is seen more often,
 * that hold variants on no line `before`. */
char **abl_axes_lines_same_steps(const struct abl_axes *a, const double *x, char *const *before);
void abl_axes_lines_finish(char **line, size_t n); /* null-safe */

#endif
