/* SPDX-License-Identifier: Apache-2.0 */
/* example_values.h - a metric as values of single examples whose mean it is. */
#ifndef ABL_EXAMPLE_VALUES_H
#define ABL_EXAMPLE_VALUES_H

#include "predicted_file.h"

#include <stdbool.h>

struct abl_example_scorer { /* of one metric of one task; zero-initialise the rest */
	const char *metric;
	bool tags;                    /* classes are those of words: one column has a sentence's */
	struct {                      /* its own */
		struct abl_str names; /* of classes, each ended by a 0 */
		size_t *name;         /* [classes] where each begins */
		uint32_t *slot;       /* class + 1, by hash */
		size_t classes, name_room, slots;
		size_t positive; /* class that F1 is of, + 1; 0: not known yet */
		double scale;    /* of a program's metric; 0: not known yet */
		bool fixed;      /* `positive` stays what it is */
		bool moved;      /* `positive` became another: what was made before is void */
		float *counts;
		size_t count_room;
	} own;
};

/* out[f->count]: their mean is `told`, the metric as the store has it (NaN: not known, and not
 * checked). Means are taken as they are;
 * of other metrics these are pseudo-values (crossed.h), moved so that their mean is the metric's.
 * ABL_EINPUT: the metric is not made of examples, or is another one in this file. */
int abl_example_values(struct abl_example_scorer *s, const struct abl_predicted_file *f,
		       double told, float *out, struct abl_err *err) ABL_MUST_USE;
/* out[l->count] of a run that stands for the majority predictor: one that diverged, or that says
 * the same of every example where this has no correlation. ABL_EINPUT: what that would say of these
 * examples is not known. */
int abl_example_stand_in(struct abl_example_scorer *s, const struct abl_example_list *l, float *out,
			 struct abl_err *err) ABL_MUST_USE;
/* Is each value right or wrong, 1 or 0? */
bool abl_example_is_mark(const struct abl_example_scorer *s, const struct abl_predicted_file *f);
void abl_example_scorer_finish(struct abl_example_scorer *s);

#endif
