/* SPDX-License-Identifier: Apache-2.0 */
/* span_threshold.c - when to say that a question has no answer: decided on held-back questions. */
#include "span_internal.h"
#include "squad_score.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

struct point {
	double margin; /* of "no answer" over the best one */
	double gain;   /* F1 of answering minus F1 of not answering */
};

static int by_margin(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return (x->margin > y->margin) - (x->margin < y->margin);
}

/* The threshold of the highest sum of gains: half-way between the last margin that is answered and
 * the next; of equal ones the first. Nothing to answer: below them all. */
static double best_threshold(struct point *points, size_t n)
{
	double sum = 0, best = 0, threshold = points[0].margin - 1;

	qsort(points, n, sizeof *points, by_margin);
	threshold = points[0].margin - 1;
	for (size_t i = 0; i < n; i++) {
		sum += points[i].gain;
		if (i + 1 < n && !(points[i].margin < points[i + 1].margin))
			continue;
		if (sum > best) {
			best = sum;
			threshold = i + 1 < n ? (points[i].margin + points[i + 1].margin) / 2
					      : points[i].margin;
		}
	}
	return threshold;
}

double span_best_calibrate(const struct abl_task *held_back)
{
	struct point *points = abl_calloc(held_back->question_count, sizeof *points);
	struct abl_str text = {0};
	double threshold = NAN;
	size_t n = 0;

	for (size_t i = 0; i < held_back->question_count; i++) {
		const struct span_question *q = &held_back->questions[i];

		if (!q->candidates || !isfinite(span_best_margin(q)))
			continue;
		abl_str_clear(&text);
		abl_str_add(&text, q->gold->context + q->best[0].begin,
			    q->best[0].end - q->best[0].begin);
		points[n++] = (struct point){span_best_margin(q),
					     abl_squad_score(q->gold, text.text, true).f1 -
						     abl_squad_score(q->gold, "", true).f1};
	}
	if (held_back->no_answer && n)
		threshold = best_threshold(points, n);
	abl_str_finish(&text);
	free(points);
	return threshold;
}

void span_best_threshold(struct abl_task *t, double threshold)
{
	t->threshold = threshold;
}
