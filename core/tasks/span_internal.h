/* SPDX-License-Identifier: Apache-2.0 */
/* span_internal.h - what the files of the task type "span" share. An item is a window: the question
 * and as much of the passage as fits, so that a passage of any length is read whole (BERT's
 * run_squad.py). A question's answer is found over its windows. */
#ifndef ABL_SPAN_INTERNAL_H
#define ABL_SPAN_INTERNAL_H

#include "squad.h"
#include "task.h"

/* A part of the passage that may be the answer. */
struct span_candidate {
	double score;        /* sum of the logits of its two ends */
	uint32_t begin, end; /* bytes of the passage */
};

struct span_question {
	const struct abl_squad_question *gold;
	size_t ask, passage; /* first tokens, into ids */
	uint32_t ask_length, passage_length;
	size_t first_window, windows;
	struct span_candidate *best; /* [n_best] descending, no text twice */
	size_t candidates;
	double null_score; /* of "no answer": the least over the windows */
	uint64_t id;
};

struct span_window {
	uint32_t question;
	uint32_t first, length; /* tokens of the passage */
	uint64_t id;
};

struct abl_task {
	struct abl_squad squad;
	bool no_answer;   /* "" may be predicted (SQuAD 2.0) */
	double threshold; /* it is where null_score is so much above the best candidate's */
	size_t n_best, max_answer, stride, max_question;
	struct abl_ids ids;
	struct abl_piece_places places;    /* of each of ids, in its own text */
	struct span_question *questions;   /* [question_count] */
	struct span_window *windows;       /* [window_count], those of a question in a row */
	struct span_candidate *candidates; /* what questions' best point into */
	size_t question_count, window_count;
	size_t before_passage;        /* special tokens there */
	size_t questions_cut, cut_to; /* questions that lost tokens, and how many are left */
};

/* span_windows.c: cuts texts into tokens and passages into windows. */
int span_windows_make(struct abl_task *t, const struct abl_task_tools *tools, struct abl_err *err);
void span_windows_note(const struct abl_task *t, const struct abl_layout *layout,
		       struct abl_str *notes);
void span_windows_subset(struct abl_task *t, double fraction);
/* Appends the window with its targets, and where in it the answer is. */
void span_windows_put(const struct abl_task *t, size_t window, const struct abl_layout *layout,
		      struct abl_batch *b);

/* span_best.c: what the head says -> answers. */
void span_best_collect(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
		       const real *scores);
/* span_threshold.c */
double span_best_calibrate(const struct abl_task *held_back);
void span_best_threshold(struct abl_task *t, double threshold);
/* How much better "no answer" is than the best answer; infinite without any. */
double span_best_margin(const struct span_question *q);
/* The prediction; NULL = no answer. */
const struct span_candidate *span_best_answer(const struct abl_task *t,
					      const struct span_question *q);
/* Its probability among the n best (and "no answer" where that may be). */
double span_best_probability(const struct abl_task *t, const struct span_question *q);
/* That there is no answer, against the best one: the logistic function of the margin. */
double span_best_none(const struct span_question *q);
/* The exact text of the prediction, "" for no answer; in *out, which is emptied before. */
const char *span_best_text(const struct abl_task *t, const struct span_question *q,
			   struct abl_str *out);

/* span_report.c */
void span_report_score(const struct abl_task *t, abl_metric_hook *emit, void *data);
int span_report_write(const struct abl_task *t, const char *path, struct abl_err *err);
int span_report_submit(const struct abl_task *t, const char *path, struct abl_err *err);
void span_report_answer(const struct abl_task *t, struct abl_str *out);

#endif
