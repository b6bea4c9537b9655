/* SPDX-License-Identifier: Apache-2.0 */
/* span_best.c - from the logits of single tokens to an answer, as BERT's run_squad.py does: the
 * best pairs of a start and an end over all windows of a question, each token judged where it has
 * the most context. */
#include "span_internal.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One window's logits. */
struct view {
	const real *scores;  /* [targets, 2] of the window */
	uint32_t shift;      /* target of the passage's first token */
	uint32_t length;     /* tokens of the passage */
	uint32_t null_piece; /* the token that says "no answer" where that is one of them: no pair
				of it alone is an answer; else UINT32_MAX */
};

static double logit(const struct view *v, uint32_t piece, size_t column)
{
	return (double)v->scores[2 * (v->shift + piece) + column];
}

/* The n tokens with the highest logits, descending, of equal ones the first before. */
static size_t best_pieces(const struct view *v, size_t column, uint32_t *out, size_t n)
{
	size_t count = 0;

	for (uint32_t i = 0; i < v->length; i++) {
		size_t at = count < n ? count++ : n;

		for (; at > 0 && logit(v, out[at - 1], column) < logit(v, i, column); at--)
			if (at < n)
				out[at] = out[at - 1];
		if (at < n)
			out[at] = i;
	}
	return count;
}

/* Has the token more context in this window than in any other? The smaller of its two sides counts,
 * then the window's length, then the earlier window. */
static bool has_most_context(const struct abl_task *t, size_t window, uint32_t piece)
{
	const struct span_question *q = &t->questions[t->windows[window].question];
	double most = -1;
	size_t best = window;

	for (size_t i = q->first_window; i < q->first_window + q->windows; i++) {
		const struct span_window *w = &t->windows[i];
		uint32_t left = piece - w->first, right = w->first + w->length - 1 - piece;
		double context;

		if (piece < w->first || piece >= w->first + w->length)
			continue;
		context = (left < right ? left : right) + 0.01 * w->length;
		if (context > most) {
			most = context;
			best = i;
		}
	}
	return best == window;
}

static bool same_text(const char *text, const struct span_candidate *a,
		      const struct span_candidate *b)
{
	return a->end - a->begin == b->end - b->begin &&
	       !memcmp(text + a->begin, text + b->begin, a->end - a->begin);
}

/* Keeps the n best, each text once. */
static void offer(const struct abl_task *t, struct span_question *q, struct span_candidate c)
{
	const char *text = q->gold->context;
	size_t at = q->candidates, from;

	for (from = 0; from < q->candidates && !same_text(text, &q->best[from], &c); from++)
		;
	if (from < q->candidates) {
		if (q->best[from].score >= c.score)
			return;
		at = from; /* the same text, better now: it moves up from there */
	} else if (q->candidates < t->n_best) {
		q->candidates++;
	} else if (q->best[--at].score >= c.score) {
		return;
	}
	for (; at > 0 && q->best[at - 1].score < c.score; at--)
		q->best[at] = q->best[at - 1];
	q->best[at] = c;
}

static void collect_window(struct abl_task *t, size_t window, const struct view *v,
			   const real *null_at, uint32_t *starts, uint32_t *ends)
{
	const struct span_window *w = &t->windows[window];
	struct span_question *q = &t->questions[w->question];
	const struct abl_piece_place *p = t->places.items + q->passage + w->first;
	size_t n = best_pieces(v, 0, starts, t->n_best);
	double null_score = (double)null_at[0] + (double)null_at[1];

	(void)best_pieces(v, 1, ends, t->n_best);
	if (window == q->first_window) {
		q->candidates = 0;
		q->null_score = null_score;
	}
	q->null_score = null_score < q->null_score ? null_score : q->null_score;
	for (size_t i = 0; i < n; i++) {
		uint32_t start = starts[i];

		if (!has_most_context(t, window, w->first + start))
			continue;
		for (size_t k = 0; k < n; k++) {
			uint32_t end = ends[k];

			if (end < start || end - start >= t->max_answer ||
			    (end == start && end == v->null_piece))
				continue;
			offer(t, q,
			      (struct span_candidate){logit(v, start, 0) + logit(v, end, 1),
						      p[start].begin, p[end].end});
		}
	}
}

void span_best_collect(struct abl_task *t, size_t first, size_t n, const struct abl_batch *b,
		       const real *scores)
{
	uint32_t *places = abl_calloc(2 * t->n_best, sizeof *places);
	size_t from = 0, to;

	for (size_t s = 0; s < n; s++, from = to) {
		const struct span_window *w = &t->windows[first + s];
		const struct span_question *q = &t->questions[w->question];
		int32_t passage_at = b->offset[s] + (int32_t)(t->before_passage + q->ask_length);
		struct view v = {.scores = scores + 2 * from, .length = w->length};
		size_t null_at = from;

		for (to = from; to < b->targets && b->target_row[to] < b->offset[s + 1]; to++) {
			v.shift += b->target_row[to] < passage_at;
			if (b->target_row[to] == b->read[s])
				null_at = to;
		}
		v.null_piece = t->no_answer && b->read[s] >= passage_at &&
					       b->read[s] - passage_at < (int32_t)w->length
				       ? (uint32_t)(b->read[s] - passage_at)
				       : UINT32_MAX;
		collect_window(t, first + s, &v, scores + 2 * null_at, places, places + t->n_best);
	}
	free(places);
}

/* ---- answers ---- */

double span_best_margin(const struct span_question *q)
{
	return q->candidates ? q->null_score - q->best[0].score : INFINITY;
}

const struct span_candidate *span_best_answer(const struct abl_task *t,
					      const struct span_question *q)
{
	if (!q->candidates || (t->no_answer && span_best_margin(q) > t->threshold))
		return NULL;
	return &q->best[0];
}

double span_best_none(const struct span_question *q)
{
	return 1 / (1 + exp(-span_best_margin(q)));
}

double span_best_probability(const struct abl_task *t, const struct span_question *q)
{
	const struct span_candidate *answer = span_best_answer(t, q);
	double top = q->candidates ? q->best[0].score : q->null_score, sum = 0, null_share;

	if (t->no_answer && q->null_score > top)
		top = q->null_score;
	for (size_t i = 0; i < q->candidates; i++)
		sum += exp(q->best[i].score - top);
	null_share = t->no_answer || !q->candidates ? exp(q->null_score - top) : 0;
	return (answer ? exp(answer->score - top) : null_share) / (sum + null_share);
}

const char *span_best_text(const struct abl_task *t, const struct span_question *q,
			   struct abl_str *out)
{
	const struct span_candidate *c = span_best_answer(t, q);

	abl_str_clear(out);
	abl_str_add(out, c ? q->gold->context + c->begin : "", c ? c->end - c->begin : 0);
	return out->text;
}
