/* SPDX-License-Identifier: Apache-2.0 */
/* squad_score.h - exact match and F1 of answers in words, by the rules of SQuAD's official scripts,
 * evaluate-v1.1.py and evaluate-v2.0.py (Rajpurkar et al. 2016, 2018), their quirks included. */
#ifndef ABL_SQUAD_SCORE_H
#define ABL_SQUAD_SCORE_H

#include "squad.h"
#include "str.h"
#include "task.h"

/* Appends the text as it is compared: lower case, without ASCII punctuation and without the words
 * "a", "an", "the", its words joined by single blanks. */
void abl_squad_normalize(const char *text, size_t length, struct abl_str *out);

/* One question, scored. */
struct abl_squad_result {
	double exact, f1; /* the best over its gold answers, [0, 1] each */
	bool has_answer;  /* gold: by the list of answers */
	bool answered;    /* prediction: is not the empty text */
	double no_answer; /* probability (any number that grows with it) that it has no answer */
};
/* `prediction`: NULL = there is none. `v2`: by the rules of 2.0, where "" is an answer, too. */
struct abl_squad_result abl_squad_score(const struct abl_squad_question *q, const char *prediction,
					bool v2);

/* What the totals are made of. */
struct abl_squad_totals {
	const struct abl_squad_result *results; /* [count], in the order of the gold file */
	size_t count;
	double scale; /* 100 as in the scripts, or 1 */
	bool v2;
	/* 2.0: the questions in the order of the file of probabilities, or NULL without them */
	const size_t *order;
	double threshold; /* a probability above it is no answer; the script's is 1.0 */
};
/* Tells the figures by the scripts' names. 1.1: exact_match, f1. 2.0: exact, f1, total, then
 * HasAns_... and NoAns_... where there are such questions; with probabilities best_exact,
 * best_exact_thresh, best_f1, best_f1_thresh, and pr_exact_ap, pr_f1_ap, pr_oracle_ap (average
 * precision, which the script tells when it may draw). */
void abl_squad_tell(const struct abl_squad_totals *t, abl_metric_hook *emit, void *data);

/* The `mark` of the task type. */
int abl_squad_mark(const struct abl_mark_request *r, abl_metric_hook *emit, void *data,
		   struct abl_err *err);

#endif
