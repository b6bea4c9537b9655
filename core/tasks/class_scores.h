/* SPDX-License-Identifier: Apache-2.0 */
/* class_scores.h - what every choice of one class for an item ends in: the guesses of a head
 * "classify", their scores, their files. */
#ifndef ABL_CLASS_SCORES_H
#define ABL_CLASS_SCORES_H

#include "class_labels.h"
#include "submission.h"
#include "task.h"

enum {
	ABL_GOLD_NONE = -1,  /* not known: the item is not scored */
	ABL_GOLD_UNSEEN = -2 /* a class that training does not have: whatever is said is wrong */
};

struct abl_guess {
	const char *gold_text; /* NULL: not known */
	int32_t gold;          /* class, or one of the above */
	uint32_t line;         /* of its file */
	int32_t predicted;
	float probability; /* of what is predicted */
};

struct abl_guesses {
	struct abl_guess *items; /* [count] */
	size_t count;
	/* [label_count] in class order, then [other_count] that are only in gold: classes that
	 * nobody predicts. The task's */
	const char *const *labels;
	size_t label_count, other_count;
	float *all; /* [count, label_count] of every class, for who asks; NULL: not kept */
};

/* Items [first, first + n): the likeliest class of scores [n, label_count]; the first of equals. */
void abl_guesses_collect(struct abl_guesses *g, size_t first, size_t n, const real *scores);

/* In place of a class that F1 is of. */
enum {
	ABL_POSITIVE_NONE = -1, /* no score of F1's kind is due, or no label has the name */
	ABL_POSITIVE_MANY = -2, /* more than two classes and none is named: only their mean */
};
/* Class that F1 is of: the label `wanted`; when it is NULL and there are at most two "1", else the
 * last one. */
long abl_positive_class(const char *const *labels, size_t count, const char *wanted);
/* "accuracy", with a positive class "f1", unless it is ABL_POSITIVE_NONE "f1_macro" and "matthews",
 * "examples".
 * `of_run`: also what a comparison of runs looks for, "majority", "f1_majority",
 * "f1_macro_majority", "predicted_classes". */
void abl_guesses_score(const struct abl_guesses *g, long positive, bool of_run,
		       abl_metric_hook *emit, void *data);

/* What a predictions file says of the items, whose gold is set: one of the first `known` of
 * `names`, compared without case. 0: anything, and another name joins them. g->labels are those of
 * `names` from then on. */
int abl_guesses_read(struct abl_guesses *g, const struct abl_submission *s,
		     struct abl_class_labels *names, size_t known, const char *path,
		     struct abl_err *err) ABL_MUST_USE;

/* One line an item: line, gold, prediction, probability. */
int abl_guesses_write(const struct abl_guesses *g, const char *path, struct abl_err *err);
/* The submission form of GLUE: `index<TAB>prediction`, names of classes. */
int abl_guesses_submit(const struct abl_guesses *g, const char *path, struct abl_err *err);
/* What there is to say of predictions and gold read from files: gold labels that are none of the
 * first `classes`, predictions of which none is a gold label. */
void abl_guesses_note_marked(const struct abl_guesses *g, size_t classes, struct abl_str *notes);
/* Gold labels that are no class, in items that are called `what`. */
void abl_guesses_note(const struct abl_guesses *g, const char *what, struct abl_str *notes);
/* "name (probability 0.93)", a line each: the likeliest classes of each item, whose `all` is kept;
 * equals in their order. */
#define ABL_ANSWERS 5
void abl_guesses_answer(const struct abl_guesses *g, struct abl_str *out);

#endif
