/* SPDX-License-Identifier: Apache-2.0 */
/* span_windows.c - questions and passages as tokens, and the windows in which they are read. */
#include "hash.h"
#include "span_internal.h"
#include "task_notes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int encode(struct abl_task *t, const struct abl_tokenizer *tokenizer, const char *text,
		  size_t *first, uint32_t *length, struct abl_err *err)
{
	*first = t->ids.count;
	if (abl_tokenizer_encode_places(tokenizer, text, strlen(text), &t->ids, &t->places, err))
		return ABL_EINPUT;
	*length = (uint32_t)(t->ids.count - *first);
	return 0;
}

static int encode_question(struct abl_task *t, size_t i, const struct abl_tokenizer *tokenizer,
			   struct abl_err *err)
{
	struct span_question *q = &t->questions[i];
	const struct span_question *before = i ? q - 1 : NULL;

	q->gold = &t->squad.questions[i];
	q->id = abl_hash64(q->gold->id, strlen(q->gold->id));
	q->best = t->candidates + i * t->n_best;
	if (encode(t, tokenizer, q->gold->text, &q->ask, &q->ask_length, err))
		return ABL_EINPUT;
	if (before && before->gold->context == q->gold->context) {
		q->passage = before->passage;
		q->passage_length = before->passage_length;
		return 0;
	}
	return encode(t, tokenizer, q->gold->context, &q->passage, &q->passage_length, err);
}

static void add_window(struct abl_task *t, size_t question, uint32_t first, uint32_t length,
		       size_t *capacity)
{
	struct span_window *w;
	uint64_t key[2] = {t->questions[question].id, first};

	abl_grow(&t->windows, capacity, t->window_count + 1, sizeof *t->windows);
	w = &t->windows[t->window_count++];
	*w = (struct span_window){.question = (uint32_t)question, .first = first, .length = length};
	w->id = abl_hash64(key, sizeof key);
}

/* A question takes at most max_question tokens and, where sequences are short, at most half of what
 * there is; windows begin `stride` tokens after each other until one holds the passage's end. */
static void cut(struct abl_task *t, size_t i, const struct abl_layout *layout, size_t *capacity)
{
	struct span_question *q = &t->questions[i];
	size_t specials = abl_layout_specials(layout, true), most, room;
	uint32_t first = 0, step;

	assert(layout->max_length > specials);
	most = (layout->max_length - specials) / 2;
	most = most < t->max_question ? most : t->max_question;
	t->cut_to = most;
	t->questions_cut += q->ask_length > most;
	q->ask_length = q->ask_length < most ? q->ask_length : (uint32_t)most;
	room = layout->max_length - specials - q->ask_length;
	step = (uint32_t)(t->stride < room ? t->stride : room);
	q->first_window = t->window_count;
	for (;; first += step) {
		uint32_t rest = q->passage_length - first;

		add_window(t, i, first, rest < room ? rest : (uint32_t)room, capacity);
		if (rest <= room)
			break;
	}
	q->windows = t->window_count - q->first_window;
}

int span_windows_make(struct abl_task *t, const struct abl_task_tools *tools, struct abl_err *err)
{
	const struct abl_layout *l = tools->layout;
	size_t capacity = 0;

	t->question_count = t->squad.count;
	t->questions = abl_calloc(t->question_count, sizeof *t->questions);
	t->candidates = abl_calloc(t->question_count * t->n_best, sizeof *t->candidates);
	t->before_passage = (size_t)((l->first >= 0) + (l->between >= 0));
	for (size_t i = 0; i < t->question_count; i++) {
		int rc = encode_question(t, i, tools->tokenizer, err);

		if (rc)
			return abl_err_prefix(err, rc, "question '%s'", t->squad.questions[i].id);
		cut(t, i, l, &capacity);
	}
	return 0;
}

void span_windows_note(const struct abl_task *t, const struct abl_layout *layout,
		       struct abl_str *notes)
{
	(void)layout; /* a passage of any length is read whole */
	abl_note_cut(notes, t->cut_to, t->questions_cut, t->question_count, "questions", "");
}

void span_windows_subset(struct abl_task *t, double fraction)
{
	size_t questions = 0, windows = 0;

	for (size_t i = 0; i < t->question_count; i++) {
		struct span_question q = t->questions[i];

		if ((double)q.id * 0x1p-64 >= fraction && (questions || i + 1 < t->question_count))
			continue;
		memmove(t->windows + windows, t->windows + q.first_window,
			q.windows * sizeof *t->windows);
		q.first_window = windows;
		for (size_t w = 0; w < q.windows; w++)
			t->windows[windows++].question = (uint32_t)questions;
		t->questions[questions++] = q;
	}
	t->question_count = questions;
	t->window_count = windows;
}

/* The tokens of the passage that make up bytes [begin, end) of it; false if none does. */
static bool pieces_of(const struct abl_task *t, const struct span_question *q, size_t begin,
		      size_t end, uint32_t *first, uint32_t *last)
{
	const struct abl_piece_place *p = t->places.items + q->passage;
	uint32_t low = 0, high = q->passage_length;

	while (low < high) { /* the first token that ends behind `begin` */
		uint32_t mid = low + (high - low) / 2;

		if (p[mid].end > begin)
			high = mid;
		else
			low = mid + 1;
	}
	*first = low;
	while (low < q->passage_length && p[low].begin < end)
		low++;
	*last = low - 1;
	return low > *first;
}

/* Where the answer is in the window, as tokens counted from its first; the null position where it
 * is not in the window as a whole; -1 where it is not known. */
static void find_answer(const struct abl_task *t, const struct span_window *w, int32_t null_at,
			int32_t *start, int32_t *end)
{
	const struct span_question *q = &t->questions[w->question];
	const struct abl_squad_question *gold = q->gold;
	int32_t passage_at = (int32_t)(t->before_passage + q->ask_length);
	uint32_t first, last;

	*start = *end = gold->impossible ? null_at : -1;
	if (gold->impossible || !gold->answer_count || !gold->answers[0].there ||
	    !pieces_of(t, q, gold->answers[0].begin, gold->answers[0].end, &first, &last))
		return;
	*start = *end = null_at;
	if (first < w->first || last >= w->first + w->length)
		return;
	*start = passage_at + (int32_t)(first - w->first);
	*end = passage_at + (int32_t)(last - w->first);
}

void span_windows_put(const struct abl_task *t, size_t window, const struct abl_layout *layout,
		      struct abl_batch *b)
{
	const struct span_window *w = &t->windows[window];
	const struct span_question *q = &t->questions[w->question];
	static const int32_t nothing; /* both texts may be empty */
	const int32_t *pieces = t->ids.count ? t->ids.items : &nothing;
	const struct abl_sequence texts = {.a = pieces + q->ask,
					   .a_length = q->ask_length,
					   .b = pieces + q->passage + w->first,
					   .b_length = w->length,
					   .pair = true,
					   .example = w->id,
					   .label = -1};
	size_t s = b->sequences, read;
	struct abl_sequence_place at = abl_batch_add(b, layout, &texts);

	read = (size_t)b->read[s];
	assert(at.b - at.start == t->before_passage + q->ask_length);
	find_answer(t, w, (int32_t)(read - at.start), &b->label[s], &b->answer_end[s]);
	if (read < at.b)
		abl_batch_add_target(b, read, 0);
	for (size_t i = 0; i < w->length; i++)
		abl_batch_add_target(b, at.b + i, 0);
	if (read >= at.b + w->length)
		abl_batch_add_target(b, read, 0);
}
