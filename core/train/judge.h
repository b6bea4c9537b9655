/* SPDX-License-Identifier: Apache-2.0 */
/* judge.h - which evaluation of a fine-tuning was the best, and when to end for want of a better
 * one: the keys `select` and `early_stopping`. */
#ifndef ABL_JUDGE_H
#define ABL_JUDGE_H

#include "config.h"

struct abl_judge {
	bool on;         /* something depends on the evaluations */
	bool apart;      /* on held-back examples, where others are scored in the end */
	bool keeps_best; /* its weights, not the last ones, are the result */
	bool lower_is_better;
	int64_t patience; /* evaluations without a better one; 0 = no end */
	char *point;      /* of the curve: "dev_accuracy", "held_back_f1" */
	double value;     /* the best one */
	int64_t step;     /* after which it was seen; 0: none yet */
	int64_t misses;   /* evaluations since then */
};

/* `split`: what is scored in the end, or NULL. */
void abl_judge_begin(struct abl_judge *j, const struct abl_recipe *recipe, const char *split,
		     const char *metric);
void abl_judge_finish(struct abl_judge *j);
/* The next evaluation, in order. True: it is better than all before. No number is never better. */
bool abl_judge_hear(struct abl_judge *j, int64_t step, double value);
bool abl_judge_is_done(const struct abl_judge *j);
/* How many evaluations: one an epoch, within limits. */
int64_t abl_judge_count(const struct abl_recipe *recipe);
/* Does it need a part of train that is not trained on? Does it look at what is scored? */
bool abl_judge_holds_back(const struct abl_recipe *recipe);
bool abl_judge_sees_scored(const struct abl_recipe *recipe);

#endif
